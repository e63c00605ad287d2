/**
 * The compiled SVG renderer. In JavaScript, because TypeScript does not know source phase imports.
 *
 * @module
 */
// @ts-self-types="./resvg_module.d.ts"
import source resvg from "@resvg/resvg-wasm/index_bg.wasm";

export default resvg;

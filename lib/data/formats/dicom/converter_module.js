/**
 * dcm2niix as WebAssembly, and where the JavaScript around it lies. The package names neither among
 * its exports, but its entry lies beside them; being imported, they need no permission to be read.
 * In JavaScript, because TypeScript does not know source phase imports.
 *
 * @module
 */
// @ts-self-types="./converter_module.d.ts"
import "@niivue/dcm2niix";

const beside = (name) => new URL(name, import.meta.resolve("@niivue/dcm2niix")).href;

/** The module that makes an instance. */
export const factory = beside("./dcm2niix.jpeg.js");

/** Compiles the program; it is kept. */
export function compile() {
  return import.source(beside("./dcm2niix.jpeg.wasm"));
}

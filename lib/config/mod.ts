/**
 * Presets and the typed, checked configuration.
 *
 * @example
 * ```ts
 * import { resolveConfig } from "@pix2rep/pix2rep/config";
 * import assert from "node:assert/strict";
 *
 * const config = resolveConfig("pix2rep-bt-small", { set: ["pretraining.epochs=20"] });
 * assert.equal(config.loss.name, "barlow-twins");
 * assert.equal(config.pretraining.epochs, 20);
 * ```
 *
 * @module
 */
export * from "./backbone.ts";
export * from "./config.ts";
export * from "./data_settings.ts";
export { parseConfig } from "./parse_config.ts";
export * from "./presets.ts";
export { changeConfig, resolveConfig, type ResolveOptions } from "./resolve.ts";

/**
 * Presets and the typed, checked configuration.
 *
 * @module
 */
export * from "./backbone.ts";
export * from "./config.ts";
export * from "./presets.ts";
export { changeConfig, resolveConfig, type ResolveOptions } from "./resolve.ts";

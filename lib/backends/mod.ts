/**
 * Where it computes.
 *
 * @module
 */
export * from "./select.ts";

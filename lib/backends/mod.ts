/**
 * Where it computes.
 *
 * @example
 * ```ts
 * import { useBackend } from "@pix2rep/pix2rep/backends";
 * import assert from "node:assert/strict";
 *
 * const { backend } = await useBackend("simd"); // "auto" takes a GPU where there is one
 * assert.equal(backend, "simd");
 * ```
 *
 * @module
 */
export * from "./select.ts";

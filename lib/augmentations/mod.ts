/**
 * Seeded augmentations of batches of slices: intensity, space, and the views made of both.
 *
 * @module
 */
export * from "./intensity.ts";
export * from "./spatial.ts";
export * from "./views.ts";

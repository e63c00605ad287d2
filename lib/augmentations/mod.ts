/**
 * Seeded augmentations of batches of slices: intensity, space (affine, elastic), the views made of
 * both, and multiscale patches.
 *
 * @module
 */
export * from "./elastic.ts";
export * from "./intensity.ts";
export * from "./patches.ts";
export * from "./spatial.ts";
export * from "./views.ts";

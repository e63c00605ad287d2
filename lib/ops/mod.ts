/**
 * The differentiable operations that tfjs lacks.
 *
 * @module
 */
export * from "./adam.ts";
export * from "./affine_grid.ts";
export * from "./batch_norm.ts";
export * from "./gather_rows.ts";
export * from "./gelu.ts";
export * from "./grid_sample.ts";
export * from "./group_norm.ts";
export * from "./layer_norm.ts";
export * from "./mix.ts";
export * from "./nearest_vote.ts";
export * from "./normalise_rows.ts";
export * from "./similarity.ts";
export type * from "./tensors.ts";

/**
 * Segmenting scans with a network: slice by slice or by windows, then back onto the scan's own grid.
 *
 * @example
 * ```ts
 * import { keepLargestComponents } from "@pix2rep/pix2rep/inference";
 * import assert from "node:assert/strict";
 *
 * const labels = keepLargestComponents(Uint8Array.of(1, 0, 1, 1), [4, 1, 1]);
 * assert.deepEqual(labels, Uint8Array.of(0, 0, 1, 1));
 * ```
 *
 * @module
 */
export type { Cleaning } from "./cleaning.ts";
export * from "./fill_holes.ts";
export * from "./in_context.ts";
export * from "./largest_component.ts";
export type { VotingSettings } from "./nearby_vote.ts";
export type { PreparedModel } from "./probabilities.ts";
export * from "./propagate.ts";
export * from "./segment.ts";

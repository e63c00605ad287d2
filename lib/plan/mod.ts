/**
 * A plan: settings that suit a cohort, from what its files tell.
 *
 * @example
 * ```ts
 * import { type CohortSurvey, planFor } from "@pix2rep/pix2rep/plan";
 * import assert from "node:assert/strict";
 *
 * const mice: CohortSurvey = {
 *   ...{ patients: 12, scans: 12, slices: 600, channels: 1 },
 *   ...{ pixel: 0.1, extent: 20, pictures: false, hounsfield: false },
 *   outlines: {
 *     ...{ patients: 3, reach: 4, intensities: [300, 900] },
 *     structures: [{ name: "tumour", across: 1.2 }],
 *   },
 * };
 * const { config, lines } = planFor(mice);
 * assert.deepEqual(config.grid, { size: 72, spacing: 0.13, axis: "auto" });
 * assert.equal(lines[0].choice, "72 × 72 pixels of 0.13 mm");
 * ```
 *
 * @module
 */
export * from "./plan.ts";
export * from "./survey.ts";

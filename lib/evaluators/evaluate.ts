/**
 * Evaluating a model on labelled scans, in 3D and in native spacing.
 *
 * @module
 */
import type { Network } from "../backbones/weights.ts";
import type { InferenceSettings } from "../config/config.ts";
import type { CohortScan } from "../data/slices/cohort.ts";
import type { Evaluated } from "../data/masks/regions.ts";
import { segmentTogether } from "../inference/segment.ts";
import { evaluateSegmentation } from "./segmentation.ts";
import type { CompareMasksOptions } from "./metrics.ts";
import type { CaseMetrics } from "./segmentation.ts";

/** Options of {@linkcode evaluateModel}. */
export interface EvaluateModelOptions extends Evaluated, Pick<CompareMasksOptions, "tolerance"> {
  /** How the scans are segmented; they must have been loaded with the same `window`. */
  inference: InferenceSettings;
  /** Called with the mask of each scan, labels on the scan's own grid, in their order. */
  onMask?: (prediction: Uint8Array, scan: CohortScan) => void;
  /** Called after each scan with the number evaluated and the number to evaluate. */
  onScan?: (done: number, total: number) => void;
}

/**
 * Segments every scan and compares it with its reference: one record per structure, or region, and scan.
 *
 * @throws {TypeError} if a scan has no reference, or was loaded for another `window`.
 * @throws What `onScan` throws: so an evaluation is ended early.
 */
export async function evaluateModel(
  model: Network,
  scans: readonly CohortScan[],
  { inference, ...options }: EvaluateModelOptions,
): Promise<CaseMetrics[]> {
  return await evaluateTogether([{ model, scans, inference }], options);
}

/** A model with the scans as they were loaded for it. */
export interface EvaluatedModel extends Pick<EvaluateModelOptions, "inference"> {
  /** From slices [batch, size, size, channels] to class logits. */
  model: Network;
  /** The scans. */
  scans: readonly CohortScan[];
}

/**
 * The same of several models that segment together, see `segmentTogether`.
 *
 * @param members The models, each with the same scans in the same order.
 */
export async function evaluateTogether(
  members: readonly EvaluatedModel[],
  { onMask, onScan, ...compared }: Omit<EvaluateModelOptions, "inference">,
): Promise<CaseMetrics[]> {
  const records: CaseMetrics[] = [];
  const [{ scans }] = members;
  for (const [i, scan] of scans.entries()) {
    const { patient, group, phase, image, reference, ...grid } = scan;
    if (!reference) {
      throw new TypeError(`${image}: expected a mask to evaluate against, found none`);
    }
    const prediction = await segmentTogether(
      members.map(({ scans, ...member }) => ({ ...member, slices: scans[i].slices })),
    );
    onMask?.(prediction, scan);
    const metrics = evaluateSegmentation(prediction, reference, { ...compared, ...grid });
    records.push(...metrics.map((metric) => ({ patient, group, phase, ...metric })));
    // Lets signals have their turn.
    await new Promise((resolve) => setTimeout(resolve));
    onScan?.(i + 1, scans.length);
  }
  return records;
}

/**
 * What models make of the scans of patients whom they did not learn from.
 *
 * @module
 */
import { disposeWeights } from "../../backbones/weights.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { type CohortScan, readCohort } from "../../data/slices/cohort.ts";
import { evaluateModel } from "../../evaluators/evaluate.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { Cleaning } from "../../inference/cleaning.ts";
import { segmentTogether } from "../../inference/segment.ts";
import type { PreparedModel } from "../../inference/probabilities.ts";
import { openRun } from "../../runs/run_folder.ts";
import { segmentationModel } from "../../training/weights/segmentation_model.ts";
import { scanTitle } from "../inputs/report_input.ts";
import { keepMask, type KeptMask } from "./kept_masks.ts";

/** A model with patients whom it did not learn from. */
export interface HeldOut {
  /** The folder of its run. */
  folder: string;
  /** Ids of the patients. */
  patients: readonly string[];
  /** How its masks are cleaned up, where not as its settings say. */
  cleaning?: Cleaning;
}

/** Their scans, each with the mask that the model makes. */
export interface HeldOutScans {
  /** The scans. */
  scans: CohortScan[];
  /** The mask of each. */
  masks: KeptMask[];
}

/** How held-out scans are read. */
export interface HeldOutOptions {
  /** What they are of. */
  dataset: Dataset;
  /** Called after each scan with the number done and about how many there are; what it throws ends it. */
  onScan?: (done: number, total: number) => void;
}

/**
 * Segments scans of held-out patients, each by its own model; one model is open at a time.
 *
 * @param titles of the scans that are wanted.
 */
export async function segmentHeldOut(
  held: readonly HeldOut[],
  titles: readonly string[],
  { dataset, onScan }: HeldOutOptions,
): Promise<HeldOutScans> {
  const found: HeldOutScans = { scans: [], masks: [] };
  for (const one of held) {
    await withModel(one, dataset, async (member, scans) => {
      for await (const scan of scans) {
        if (!titles.includes(scanTitle(scan))) continue;
        const mask = await segmentTogether([{ ...member, slices: scan.slices }]);
        found.scans.push(scan);
        found.masks.push(keepMask(mask));
        onScan?.(found.scans.length, Math.max(found.scans.length, titles.length));
      }
    });
  }
  return found;
}

/** Segments and measures all scans of the patients whom a model did not learn from. */
export async function measureHeldOut(
  held: HeldOut,
  { dataset, onScan }: HeldOutOptions,
): Promise<HeldOutScans & { cases: CaseMetrics[] }> {
  const { structures, regions } = dataset;
  return await withModel(held, dataset, async ({ model, inference }, read) => {
    const scans = await Array.fromAsync(read);
    const masks: KeptMask[] = [];
    const cases = await evaluateModel(model, scans, {
      ...{ structures, regions, inference, onScan },
      onMask: (mask) => masks.push(keepMask(mask)),
    });
    return { scans, masks, cases };
  });
}

/** Opens a model, and its patients' labelled scans as it sees them. */
async function withModel<T>(
  { folder, patients, cleaning }: HeldOut,
  dataset: Dataset,
  use: (
    member: Pick<PreparedModel, "model" | "inference">,
    scans: AsyncIterable<CohortScan>,
  ) => Promise<T>,
): Promise<T> {
  const { config, checkpoint } = await openRun(folder);
  const { grid } = config;
  const inference = { ...config.inference, ...cleaning };
  const classes = dataset.structures.length + 1;
  const model = segmentationModel(checkpoint, { config, classes, source: folder });
  try {
    const options = { grid, labelled: true, window: inference.window };
    return await use({ model, inference }, readCohort(dataset, patients, options));
  } finally {
    disposeWeights(model.weights);
  }
}

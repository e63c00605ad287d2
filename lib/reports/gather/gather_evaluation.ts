/**
 * What the page of an evaluation shows: metrics from its folder, images from the dataset.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { type CohortScan, readImages } from "../../data/slices/cohort.ts";
import { evenly } from "../../data/volumes/frames.ts";
import { sidesOf, viewingMap } from "../../data/volumes/voxel_order.ts";
import { parseMetricsCsv } from "../../evaluators/read_metrics.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import type { EvaluationSummary } from "../../evaluators/summary.ts";
import type { EvaluationInput } from "../inputs/evaluation_input.ts";
import { medianOf, rankedScans, worstOf } from "../ranked_cases.ts";
import { type ReportEnvironment, scanTitle } from "../inputs/report_input.ts";
import { type KeptMask, openMask } from "./kept_masks.ts";
import { MOST_SCANS, type NativeScan, nativeViews, shownText, turned } from "./native_view.ts";
import { reportOrigin } from "./report_origin.ts";

/** Scans that were segmented. */
export interface SegmentedScans {
  /** What they are of, as the model knows it. */
  dataset: Dataset;
  /** The scans. */
  scans: readonly CohortScan[];
  /** The model's mask of each. */
  masks: readonly KeptMask[];
  /** The configuration of the model. */
  config: Config;
}

/** An evaluation that is written. */
export interface FinishedEvaluation extends SegmentedScans {
  /** The averages. */
  summary: EvaluationSummary;
}

/** Reads what is shown of an evaluation from its folder. */
export async function gatherEvaluation(
  out: string,
  { summary, ...segmented }: FinishedEvaluation,
  environment: ReportEnvironment,
): Promise<EvaluationInput> {
  const { dataset, scans, config } = segmented;
  const csv = await readFile(join(out, "metrics.csv"), "utf8");
  const cases = parseMetricsCsv(csv);
  const depths = scans.map(({ shape }) => shape[2]);
  return {
    dataset: dataset.name,
    structures: dataset.structures,
    ...{ summary, cases, csv, config },
    ...await measuredSlices(segmented, { cases, depths }),
    environment: reportOrigin(environment),
  };
}

/**
 * Slices of the scans that matter most, with their references; one scan's images are in memory at a
 * time.
 *
 * @param options Metrics of all scans, and how many slices each has; those that
 * {@linkcode shownTitles} leaves out need not be among the segmented.
 */
export async function measuredSlices(
  { dataset, scans, masks, config }: SegmentedScans,
  { cases, depths }: { cases: readonly CaseMetrics[]; depths: readonly number[] },
): Promise<Pick<EvaluationInput, "slices" | "shown">> {
  const chosen = shownTitles(cases).flatMap((title) =>
    [...scans.keys()].filter((at) => scanTitle(scans[at]) === title)
  );
  const read = async (at: number): Promise<NativeScan> => {
    const scan = scans[chosen[at]];
    const volumes = await readImages(dataset, scan);
    const channels = volumes.map(({ voxels }) => voxels);
    const map = viewingMap(dataset.order);
    const { patient, phase, shape, spacing, reference } = scan;
    const prediction = openMask(masks[chosen[at]]);
    const native = { patient, phase, shape, spacing, channels, reference, prediction };
    const sides = sidesOf(volumes[0], map);
    return turned({ ...native, sides, scale: config.data.window }, map);
  };
  const views = await nativeViews(chosen.length, read);
  const titles = rankedScans(cases).map(scanTitle);
  const rankOf = (of: Parameters<typeof scanTitle>[0]) => titles.indexOf(scanTitle(of));
  const sorted = views.toSorted((a, b) => rankOf(a) - rankOf(b));
  return {
    slices: {
      models: [{ name: "Prediction", group: "" }],
      channels: dataset.channels,
      scans: sorted,
      first: { scan: Math.max(0, sorted.indexOf(views[0])), model: 0 },
    },
    shown: shownText(views, depths),
  };
}

/** Titles of the scans that are shown, the first first: of median Dice, the worst, some of the others. */
export function shownTitles(cases: readonly CaseMetrics[]): string[] {
  const ranked = rankedScans(cases);
  const first = [medianOf({ scans: ranked }) ?? [], worstOf({ scans: ranked })].flat();
  const others = ranked.filter((scan) => !first.includes(scan));
  const left = MOST_SCANS - first.length;
  return [...new Set([...first, ...evenly(others, left)].map(scanTitle))];
}

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
import { viewingMap } from "../../data/volumes/voxel_order.ts";
import { parseMetricsCsv } from "../../evaluators/read_metrics.ts";
import type { EvaluationSummary } from "../../evaluators/summary.ts";
import type { EvaluationInput } from "../inputs/evaluation_input.ts";
import { medianOf, rankedScans, worstOf } from "../ranked_cases.ts";
import { type RankedCase, type ReportEnvironment, scanTitle } from "../inputs/report_input.ts";
import { type KeptMask, openMask } from "./kept_masks.ts";
import { MOST_SCANS, type NativeScan, nativeViews, shownText, turned } from "./native_view.ts";
import { reportOrigin } from "./report_origin.ts";

/** An evaluation that is written. */
export interface FinishedEvaluation {
  /** What the scans are of, as the model knows it. */
  dataset: Dataset;
  /** The scans. */
  scans: readonly CohortScan[];
  /** The model's mask of each. */
  masks: readonly KeptMask[];
  /** The averages. */
  summary: EvaluationSummary;
  /** The configuration of the model. */
  config: Config;
}

/** Reads what is shown of an evaluation; one scan's images are in memory at a time. */
export async function gatherEvaluation(
  out: string,
  { dataset, scans, masks, summary, config }: FinishedEvaluation,
  environment: ReportEnvironment,
): Promise<EvaluationInput> {
  const csv = await readFile(join(out, "metrics.csv"), "utf8");
  const cases = parseMetricsCsv(csv);
  const ranked = rankedScans(cases);
  const chosen = mattering(ranked).flatMap((title) =>
    [...scans.keys()].filter((at) => scanTitle(scans[at]) === title)
  );
  const read = async (at: number): Promise<NativeScan> => {
    const scan = scans[chosen[at]];
    const channels = (await readImages(dataset, scan)).map(({ voxels }) => voxels);
    const { patient, phase, shape, spacing, reference } = scan;
    const prediction = openMask(masks[chosen[at]]);
    const native = { patient, phase, shape, spacing, channels, reference, prediction };
    return turned({ ...native, scale: config.data.window }, viewingMap(dataset.order));
  };
  const views = await nativeViews(chosen.length, read);
  const titles = ranked.map(scanTitle);
  const rankOf = (of: Parameters<typeof scanTitle>[0]) => titles.indexOf(scanTitle(of));
  const sorted = views.toSorted((a, b) => rankOf(a) - rankOf(b));
  return {
    dataset: dataset.name,
    structures: dataset.structures,
    ...{ summary, cases, csv, config },
    slices: {
      models: [{ name: "Prediction", group: "" }],
      channels: dataset.channels,
      scans: sorted,
      first: { scan: Math.max(0, sorted.indexOf(views[0])), model: 0 },
    },
    shown: shownText(views, scans.map(({ shape }) => shape[2])),
    environment: reportOrigin(environment),
  };
}

/** Titles of scans, those that matter most first: of median Dice, the worst, some of the others. */
function mattering(ranked: readonly RankedCase[]): string[] {
  const first = [medianOf({ scans: ranked }) ?? [], worstOf({ scans: ranked })].flat();
  const others = ranked.filter((scan) => !first.includes(scan));
  const left = MOST_SCANS - first.length;
  return [...new Set([...first, ...evenly(others, left)].map(scanTitle))];
}

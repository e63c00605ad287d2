/**
 * The slices that a sweep's report lets its readers look through.
 *
 * @module
 */
import { join } from "node:path";
import { disposeWeights } from "../../backbones/weights.ts";
import { type CohortScan, loadCohort } from "../../data/slices/cohort.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { evenFrames } from "../../data/volumes/frames.ts";
import { withoutIgnored } from "../../data/masks/labels.ts";
import type { PreparedVolume } from "../../data/slices/preprocess.ts";
import { stackSlices, takeSlices } from "../../data/slices/slices.ts";
import { labelsOfSlices } from "../../inference/segment.ts";
import {
  plannedPatients,
  type PlannedRun,
  plannedRuns,
  runFolder,
  type SweepPlan,
} from "../../experiments/plan.ts";
import { counted } from "../../io/text/amounts.ts";
import { settingName } from "../../experiments/setting_name.ts";
import { hasCheckpoint } from "../../runs/kept_checkpoints.ts";
import { openRun } from "../../runs/run_folder.ts";
import { segmentationModel } from "../../training/segmentation_model.ts";
import type { ScanView, SliceViews } from "../report_input.ts";

/** Test patients whose scans are shown, one of each group before a second of any. */
const PATIENTS = 5;
/** Test patients that are shown besides, of those that were segmented worst. */
const WORST_PATIENTS = 3;
/** Pixels of all slices together: images take a byte each before they are compressed. */
const PIXELS = 2_000_000;

/** The part of a finished sweep that its models are read from. */
export interface SweepFolder {
  /** The sweep's folder. */
  out: string;
  /** What it ran on. */
  dataset: Dataset;
  /** What it ran. */
  plan: SweepPlan;
}

/** A scan, and the slices of it that are shown. */
export interface ShownScan {
  /** The scan. */
  scan: CohortScan;
  /** The slices' numbers in the scan, from 0. */
  numbers: readonly number[];
  /** The slices. */
  slices: PreparedVolume;
}

/**
 * Reads what is shown: all scans of some test patients, as many slices of them as there is room for.
 *
 * @param test ids of the test patients.
 * @param worst ids of those segmented worst, the worst first.
 */
export async function loadShownScans(
  { dataset, plan }: SweepFolder,
  { test, worst }: { test: readonly string[]; worst: readonly string[] },
): Promise<ShownScan[]> {
  const patients = shownPatients(dataset, { test, worst });
  const { grid } = plan.configs[0];
  const scans = await loadCohort(dataset, patients, { grid, labelled: true });
  scans.sort((a, b) => patients.indexOf(a.patient) - patients.indexOf(b.patient));
  let room = Math.max(1, Math.floor(PIXELS / grid.size ** 2));
  return scans.flatMap((scan) => {
    const numbers = evenFrames(scan.slices.depth, room);
    room -= numbers.length;
    if (numbers.length === 0) return [];
    const { images, labels } = takeSlices(stackSlices([scan.slices]), numbers);
    const slices = { ...scan.slices, images, labels, depth: numbers.length };
    return [{ scan, numbers, slices }];
  });
}

/** Patients of the groups in turns, then some of the worst. */
function shownPatients(
  { patients }: Dataset,
  { test, worst }: { test: readonly string[]; worst: readonly string[] },
): string[] {
  const groups = Map.groupBy(patients.filter(({ id }) => test.includes(id)), (one) => one.group);
  const queues = [...groups.values()];
  const longest = Math.max(...queues.map(({ length }) => length));
  const inTurns = Array.from(
    { length: longest },
    (_, turn) => queues.flatMap((queue) => queue[turn] ?? []),
  ).flat().map(({ id }) => id);
  return [...new Set([...inTurns.slice(0, PATIENTS), ...worst.slice(0, WORST_PATIENTS)])];
}

/** The shown scans with the masks of each model trained on fewest patients. */
export async function sweepSlices(
  { out, dataset, plan }: SweepFolder,
  shown: readonly ShownScan[],
): Promise<SliceViews> {
  const runs = shownRuns(plan)
    // A run that was taken over from another sweep has left its model there.
    .filter((run) => hasCheckpoint(join(out, runFolder(run))));
  const classes = dataset.structures.length + 1;
  const predictions = shown.map((): Uint8Array[] => []);
  for (const run of runs) {
    const dir = join(out, runFolder(run));
    const { config, checkpoint } = await openRun(dir);
    const model = segmentationModel(checkpoint, { config, classes, source: dir });
    for (const [i, { slices }] of shown.entries()) {
      predictions[i].push(withoutIgnored(await labelsOfSlices(model, slices), slices.labels));
    }
    disposeWeights(model.weights);
  }
  const [fewest] = plannedPatients(plan);
  return {
    models: runs.map(settingName),
    channels: dataset.channels,
    training: `${counted(fewest, "labelled patient")}, seed ${plan.seeds[0]}`,
    scans: shown.map(({ scan, numbers, slices }, i): ScanView => ({
      patient: scan.patient,
      phase: scan.phase,
      size: slices.grid.size,
      depth: scan.slices.depth,
      numbers,
      images: slices.images,
      reference: withoutIgnored(slices.labels!),
      predictions: predictions[i],
    })),
  };
}

/** The runs that stand for the others: on fewest patients, with the first seed. */
export function shownRuns(plan: SweepPlan): PlannedRun[] {
  const [fewest] = plannedPatients(plan);
  return plannedRuns(plan).filter(({ patients, seed }) =>
    patients === fewest && seed === plan.seeds[0]
  );
}

/**
 * The slices that a sweep's report lets its readers look through.
 *
 * @module
 */
import { join } from "node:path";
import { disposeWeights } from "../../backbones/weights.ts";
import { type CohortScan, loadCohort } from "../../data/slices/cohort.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
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
} from "../../experiments/sweep/plan.ts";
import { hasCheckpoint } from "../../runs/kept_checkpoints.ts";
import { openRun } from "../../runs/run_folder.ts";
import { segmentationModel } from "../../training/weights/segmentation_model.ts";
import { modelName } from "../model_name.ts";
import {
  type RankedCases,
  scanTitle,
  type ScanView,
  type SliceViews,
} from "../inputs/report_input.ts";
import { medianOf, worstOf } from "../ranked_cases.ts";
import { evenSlices, sharedRoom } from "./shared_room.ts";

/** Test patients whose scans are shown, one of each group before a second of any. */
const PATIENTS = 5;
/** Pixels of all slices together: images take a byte each before they are compressed. */
const PIXELS = 2_500_000;
/** The same of all models' masks, which compress well, but are whole once the page is open. */
const MASK_PIXELS = 50_000_000;

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
 * Reads what is shown: all scans of some test patients, the scans that were segmented worst and that
 * of median Dice, as many slices of each as there is room for.
 *
 * @param test ids of the test patients.
 * @param ranked all their scans, where metrics by patient are at hand.
 */
export async function loadShownScans(
  { dataset, plan }: SweepFolder,
  { test, ranked }: { test: readonly string[]; ranked?: RankedCases },
): Promise<ShownScan[]> {
  const wanted = ranked ? [...worstOf(ranked), ...[medianOf(ranked) ?? []].flat()] : [];
  const titles = new Set(wanted.map(scanTitle));
  const inTurns = patientsInTurns(dataset, test);
  const patients = [...new Set([...inTurns, ...wanted.map(({ patient }) => patient)])];
  const { grid } = plan.configs[0];
  const loaded = await loadCohort(dataset, patients, { grid, labelled: true });
  const scans = loaded
    .filter((scan) => inTurns.includes(scan.patient) || titles.has(scanTitle(scan)))
    .sort((a, b) => patients.indexOf(a.patient) - patients.indexOf(b.patient));
  const models = Math.max(1, shownRuns(plan).length);
  const room = Math.floor(Math.min(PIXELS, MASK_PIXELS / models) / grid.size ** 2);
  const counts = sharedRoom(scans.map(({ slices }) => slices.depth), room);
  return scans.map((scan, i) => {
    const numbers = evenSlices(scan.slices.depth, counts[i]);
    const { images, labels } = takeSlices(stackSlices([scan.slices]), numbers);
    const slices = { ...scan.slices, images, labels, depth: numbers.length };
    return { scan, numbers, slices };
  });
}

/** Some test patients, of their groups in turns. */
function patientsInTurns({ patients }: Dataset, test: readonly string[]): string[] {
  const groups = Map.groupBy(patients.filter(({ id }) => test.includes(id)), (one) => one.group);
  const queues = [...groups.values()];
  const longest = Math.max(...queues.map(({ length }) => length));
  const inTurns = Array.from(
    { length: longest },
    (_, turn) => queues.flatMap((queue) => queue[turn] ?? []),
  ).flat().map(({ id }) => id);
  return inTurns.slice(0, PATIENTS);
}

/** The shown scans with the masks of each model that was trained with the first seed. */
export async function sweepSlices(
  { out, dataset, plan }: SweepFolder,
  { shown, ranked }: { shown: readonly ShownScan[]; ranked?: RankedCases },
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
  return {
    models: runs.map(modelName),
    channels: dataset.channels,
    first: firstShown(shown, { runs, ranked }),
    scans: shown.map(({ scan, numbers, slices }, i): ScanView => ({
      patient: scan.patient,
      phase: scan.phase,
      width: slices.grid.size,
      height: slices.grid.size,
      aspect: 1,
      depth: scan.slices.depth,
      numbers,
      images: slices.images,
      reference: withoutIgnored(slices.labels!),
      predictions: predictions[i],
    })),
  };
}

/** The scan of median Dice, as the model segments it whose Dice that is. */
function firstShown(
  shown: readonly ShownScan[],
  { runs, ranked }: { runs: readonly PlannedRun[]; ranked?: RankedCases },
): SliceViews["first"] {
  const median = ranked && medianOf(ranked);
  if (!ranked || !median) return { scan: 0, model: 0 };
  const title = scanTitle(median);
  const { name, group } = modelName(ranked.run);
  const model = runs.map(modelName).findIndex((of) => of.name === name && of.group === group);
  return {
    scan: Math.max(0, shown.findIndex(({ scan }) => scanTitle(scan) === title)),
    model: Math.max(0, model),
  };
}

/** The runs whose models stand for the others: with the first seed. */
export function shownRuns(plan: SweepPlan): PlannedRun[] {
  return plannedRuns(plan).filter(({ seed }) => seed === plan.seeds[0]);
}

/** The same, on fewest patients. */
export function shownFewest(plan: SweepPlan): PlannedRun[] {
  const [fewest] = plannedPatients(plan);
  return shownRuns(plan).filter(({ patients }) => patients === fewest);
}

/**
 * The report of a sweep that has run: its curves and models read back from its folder.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { disposeWeights } from "../backbones/weights.ts";
import type { CohortScan } from "../data/cohort.ts";
import { loadCohort } from "../data/cohort.ts";
import type { Dataset } from "../data/dataset.ts";
import { writeFileAtomically } from "../data/write_file.ts";
import { compareMasks } from "../evaluators/metrics.ts";
import { labelsOfSlices } from "../evaluators/predict.ts";
import {
  plannedPatients,
  plannedPretrainings,
  type PlannedRun,
  plannedRuns,
  pretrainingName,
  runFolder,
  runTitle,
  type SweepPlan,
} from "../experiments/plan.ts";
import type { SweepResult } from "../experiments/result.ts";
import { counted, settingName } from "../experiments/setting_name.ts";
import { mean } from "../evaluators/descriptive.ts";
import { checkpointPath, openRun, readSteps } from "../training/run_folder.ts";
import { segmentationModel } from "../training/segmentation_model.ts";
import type { TrainingCurve } from "./figures.ts";
import type { Overlay } from "./overlay_gallery.ts";
import { renderReport, type ReportEnvironment } from "./report.ts";

/** Test patients whose slices are shown, one of each group before a second of any. */
const SHOWN_PATIENTS = 5;

/** A finished sweep. */
export interface FinishedSweep {
  /** Its folder. */
  out: string;
  /** What it ran on. */
  dataset: Dataset;
  /** What it ran. */
  plan: SweepPlan;
  /** What came out. */
  result: SweepResult;
  /** Ids of its test patients. */
  test: readonly string[];
}

/**
 * Writes `report.html` into a sweep's folder.
 *
 * @returns its path.
 */
export async function writeSweepReport(
  sweep: FinishedSweep,
  { title, environment }: { title: string; environment: ReportEnvironment },
): Promise<string> {
  const { out, dataset, plan, result, test } = sweep;
  const page = renderReport({
    title,
    result,
    trainingCurves: await trainingCurves(sweep),
    overlays: await overlays(sweep),
    structures: dataset.structures,
    environment,
    notes: [
      `${dataset.name}: ${counted(dataset.patients.length, "patient")}, of whom ` +
      `${test.length} are tested on and never trained on. Dice is measured in 3D, on the scans' ` +
      "own grid, and averaged over structures, phases and patients.",
      `Seeds choose the labelled patients and the order of training: ${plan.seeds.join(", ")}. ` +
      "Each pretraining ran once and is shared by all seeds.",
      "Below each picture stands the mean Dice of its structures in this slice.",
    ],
  });
  const path = join(out, "report.html");
  await writeFileAtomically(path, page);
  return path;
}

/** The loss of every pretraining, and of the adaptations to fewest patients with the first seed. */
async function trainingCurves({ out, plan }: FinishedSweep): Promise<TrainingCurve[]> {
  const curves: TrainingCurve[] = [];
  for (const config of plannedPretrainings(plan)) {
    const name = pretrainingName(config);
    const points = await readSteps(join(out, "pretraining", name));
    curves.push({ name, group: `Pretraining (${config.loss.name})`, points });
  }
  for (const run of shownRuns(plan)) {
    const points = await readSteps(join(out, runFolder(run)));
    curves.push({ name: runTitle(run), group: "Adaptation", points });
  }
  return curves.filter(({ points }) => points.length);
}

/** Middle slices of some test patients, with the masks of each model trained on fewest patients. */
async function overlays({ out, dataset, plan, test }: FinishedSweep): Promise<Overlay[]> {
  const runs = shownRuns(plan);
  const scans = await loadCohort(dataset, shownPatients(dataset, test), {
    grid: plan.configs[0].grid,
    labelled: true,
  });
  const shown = scans.filter(({ phase }) => phase !== "ES");
  const predictions = new Map<CohortScan, { name: string; labels: Uint8Array }[]>(
    shown.map((scan) => [scan, []]),
  );
  const classes = dataset.structures.length + 1;
  for (const run of runs) {
    const dir = join(out, runFolder(run));
    // A run that was taken over from another sweep has left its model there.
    if (!existsSync(checkpointPath(dir))) continue;
    const { config, checkpoint } = await openRun(dir);
    const model = segmentationModel(checkpoint, { config, classes, source: dir });
    for (const scan of shown) {
      const labels = await labelsOfSlices(model, scan.slices);
      predictions.get(scan)!.push({ name: settingName(run), labels });
    }
    disposeWeights(model.weights);
  }
  return shown.map((scan) => overlay(scan, { dataset, predictions: predictions.get(scan)! }));
}

function overlay(
  { patient, phase, slices }: CohortScan,
  { dataset, predictions }: {
    dataset: Dataset;
    predictions: { name: string; labels: Uint8Array }[];
  },
): Overlay {
  const { size } = slices.grid;
  const slice = Math.floor(slices.depth / 2);
  const plane = <T extends Uint8Array | Float32Array>(values: T) =>
    values.subarray(slice * size * size, (slice + 1) * size * size) as T;
  const reference = plane(slices.labels!);
  const dice = (labels: Uint8Array) =>
    mean(dataset.structures.map(({ label }) => {
      const mask = (values: Uint8Array) => values.map((value) => value === label ? 1 : 0);
      const grid = { shape: [size, size, 1], spacing: [1, 1, 1] } as const;
      return compareMasks(mask(labels), mask(reference), grid).dice;
    }));
  return {
    patient,
    phase,
    slice,
    size: [size, size],
    image: plane(slices.images),
    reference,
    predictions: predictions.map(({ name, labels }) => ({
      name,
      labels: plane(labels),
      dice: dice(plane(labels)),
    })),
  };
}

/** Some test patients, the groups taking turns. */
function shownPatients({ patients }: Dataset, test: readonly string[]): string[] {
  const groups = Map.groupBy(patients.filter(({ id }) => test.includes(id)), (one) => one.group);
  const queues = [...groups.values()];
  const longest = Math.max(...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? []))
    .flat().slice(0, SHOWN_PATIENTS).map(({ id }) => id);
}

/** The runs that stand for the others: on fewest patients, with the first seed. */
function shownRuns(plan: SweepPlan): PlannedRun[] {
  const [fewest] = plannedPatients(plan);
  return plannedRuns(plan).filter(({ patients, seed }) =>
    patients === fewest && seed === plan.seeds[0]
  );
}

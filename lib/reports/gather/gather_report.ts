/**
 * What the report of a sweep that has run shows: its curves, metrics and models read back from its
 * folder.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { readTextIfAny } from "../../io/folders.ts";
import { inGroups } from "../../io/in_groups.ts";
import { splitPatients } from "../../data/datasets/splits.ts";
import { parseMetricsCsv } from "../../evaluators/read_metrics.ts";
import type { RunCases } from "../../experiments/patient_dice.ts";
import {
  plannedPatients,
  plannedPretrainings,
  plannedRuns,
  plannedStages,
  pretrainingName,
  runFolder,
  runTitle,
} from "../../experiments/sweep/plan.ts";
import type { SweepResult } from "../../experiments/result.ts";
import { settingName } from "../../experiments/setting_name.ts";
import { readTuning } from "../../experiments/tuning/tuning.ts";
import { counted } from "../../io/text/amounts.ts";
import { readProvenance, readQuality, readSteps } from "../../runs/run_folder.ts";
import type { QualityCurve, TrainingCurve } from "../figures.ts";
import type {
  DataSummary,
  GroupSummary,
  ReportEnvironment,
  ReportInput,
  ReportOrigin,
} from "../inputs/report_input.ts";
import { rankedCases } from "../ranked_cases.ts";
import { reportOrigin } from "./report_origin.ts";
import { sweepFeatures } from "./sweep_features.ts";
import { loadShownScans, shownFewest, type SweepFolder, sweepSlices } from "./sweep_slices.ts";

/** A finished sweep. */
export interface FinishedSweep extends SweepFolder {
  /** What came out. */
  result: SweepResult;
  /** Ids of its test patients. */
  test: readonly string[];
}

/** Reads all that the report of a sweep shows from the sweep's folder. */
export async function gatherReport(
  sweep: FinishedSweep,
  { title, environment }: { title: string; environment: ReportEnvironment },
): Promise<ReportInput> {
  const { result, test } = sweep;
  const cases = await runCases(sweep);
  const ranked = cases.length ? rankedCases(cases) : undefined;
  const shown = await loadShownScans(sweep, { test, ranked });
  return {
    title,
    result,
    cases,
    tuning: await readTuning(sweep.out),
    trainingCurves: await trainingCurves(sweep),
    qualityCurves: await qualityCurves(sweep),
    slices: await sweepSlices(sweep, { shown, ranked }),
    features: await sweepFeatures(sweep, shown),
    data: dataSummary(sweep),
    ...await recordedProvenance(sweep, reportOrigin(environment)),
    notes: notes(sweep, cases),
  };
}

/** What the runs tell of when they ran, for how long and what on. */
async function recordedProvenance(
  { out, plan }: SweepFolder,
  origin: ReportOrigin,
): Promise<Pick<ReportInput, "durations" | "environment">> {
  const stages = await inGroups(plannedStages(plan), async (stage) => ({
    ...stage,
    found: await readProvenance(join(out, stage.folder)),
  }));
  const all = stages.flatMap(({ found }) => found ?? []);
  const began = all.map(({ began }) => began).sort()[0];
  const ended = all.flatMap(({ ended }) => ended ?? []).sort().at(-1);
  const slices = stages.flatMap(({ run, config, found }) =>
    run || !found?.slices ? [] : { pretraining: pretrainingName(config), digest: found.slices }
  );
  const durations = stages.flatMap(({ run, config, found }) => {
    if (!found?.ended) return [];
    const minutes = (Date.parse(found.ended) - Date.parse(found.began)) / 60_000;
    return {
      name: run ? settingName(run) : pretrainingName(config),
      patients: run?.patients,
      minutes,
    };
  });
  return {
    durations,
    environment: { ...origin, slices, ...(began && ended && { runs: { began, ended } }) },
  };
}

/** The metrics by patient of every run that was run here: those taken over have theirs elsewhere. */
async function runCases({ out, plan }: FinishedSweep): Promise<RunCases[]> {
  const cases = await inGroups(plannedRuns(plan), async (run): Promise<RunCases[]> => {
    const csv = await readTextIfAny(join(out, runFolder(run), "metrics.csv"));
    if (csv === undefined) return [];
    const { pretraining, strategy, patients, seed } = run;
    return [{ pretraining, strategy, patients, seed, cases: parseMetricsCsv(csv) }];
  });
  return cases.flat();
}

/** The loss of every pretraining, and of the adaptations to fewest patients with the first seed. */
async function trainingCurves({ out, plan }: SweepFolder): Promise<TrainingCurve[]> {
  const curves: TrainingCurve[] = [];
  for (const config of plannedPretrainings(plan)) {
    const name = pretrainingName(config);
    const points = await readSteps(join(out, "pretraining", name));
    curves.push({ name, group: `Pretraining (${config.loss.name})`, points });
  }
  for (const run of shownFewest(plan)) {
    const points = await readSteps(join(out, runFolder(run)));
    curves.push({ name: runTitle(run), group: "Adaptation", points });
  }
  return curves.filter(({ points }) => points.length);
}

async function qualityCurves({ out, plan }: SweepFolder): Promise<QualityCurve[]> {
  const names = plannedPretrainings(plan).map(pretrainingName);
  return await Promise.all(
    names.map(async (name) => ({
      name,
      points: await readQuality(join(out, "pretraining", name)),
    })),
  );
}

function dataSummary({ dataset, plan, test }: FinishedSweep): DataSummary {
  const { name, layout, structures, patients } = dataset;
  const sizes = plannedPatients(plan);
  const { pool } = splitPatients(dataset, { sizes });
  const among = (ids: readonly string[], of: Dataset["patients"]) =>
    of.filter(({ id }) => ids.includes(id)).length;
  const groups = [...Map.groupBy(patients, ({ group }) => group)].map((
    [group, of],
  ): GroupSummary => ({
    group,
    training: among(pool, of),
    test: among(test, of),
    scans: of.reduce((sum, { scans }) => sum + scans.length, 0),
  }));
  const labelled = plan.seeds.flatMap((seed) => {
    const { subsets } = splitPatients(dataset, { seed, sizes });
    return sizes.map((size) => ({ seed, patients: size, ids: subsets[size] }));
  });
  return { name, layout, structures, grid: plan.configs[0].grid, groups, labelled };
}

function notes({ dataset, plan, test }: FinishedSweep, cases: readonly RunCases[]): string[] {
  const elsewhere = plannedRuns(plan).length - cases.length;
  return [
    `${dataset.name}: ${counted(dataset.patients.length, "patient")}, of whom ` +
    `${test.length} are tested on and never trained on. Dice is measured in 3D, on the scans' ` +
    "own grid, and averaged over structures, phases and patients.",
    `Seeds choose the labelled patients and the order of training: ${plan.seeds.join(", ")}. ` +
    "Each pretraining ran once and is shared by all seeds.",
    "Slices and pixel features are shown on the grid that the networks see, of the models of the " +
    "first seed, and losses of those on the fewest patients; all other figures are of all runs.",
    ...elsewhere
      ? [
        `${counted(elsewhere, "run")} of ${plannedRuns(plan).length} were taken over from an ` +
        "earlier sweep, without their masks and metrics by patient: tests of significance, patients " +
        "and slices leave them out.",
      ]
      : [],
  ];
}

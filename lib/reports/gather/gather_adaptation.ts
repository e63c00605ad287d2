/**
 * What the page of an adaptation shows: metrics and masks of patients who were held out, and how its
 * trainings went.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import type { CohortScan } from "../../data/slices/cohort.ts";
import { protocolWarnings } from "../../data/slices/midl2024.ts";
import { parseMetricsCsv } from "../../evaluators/read_metrics.ts";
import type { CaseMetrics } from "../../evaluators/segmentation.ts";
import { metricsCsv, summarise } from "../../evaluators/summary.ts";
import { type CrossValidation, foldFolder } from "../../experiments/cross_validation.ts";
import { diceOverPatients, type PatientDice } from "../../experiments/patient_dice.ts";
import { readProvenance, readValidation } from "../../runs/run_folder.ts";
import { STRATEGIES, type StrategyName } from "../../training/strategies/table.ts";
import type { ValidationCurve } from "../figures.ts";
import type { AdaptationInput } from "../inputs/adaptation_input.ts";
import type { ReportEnvironment } from "../inputs/report_input.ts";
import { measuredSlices, shownTitles } from "./gather_evaluation.ts";
import {
  type HeldOut,
  type HeldOutOptions,
  type HeldOutScans,
  measureHeldOut,
  segmentHeldOut,
} from "./held_out.ts";
import { reportOrigin } from "./report_origin.ts";

/** An adaptation that is done. */
export interface FinishedAdaptation {
  /** The folder of its run. */
  out: string;
  /** What it was trained on, as the model knows it. */
  dataset: Dataset;
  /** Every setting. */
  config: Config;
  /** How it adapted. */
  strategy: StrategyName;
  /** How many patients it learnt from. */
  labelled: number;
}

/** How what is shown is read. */
export interface GatherOptions extends Pick<HeldOutOptions, "onScan"> {
  /** Says what is known of how good the masks are. */
  knownOf: (dice: PatientDice) => string;
  /** Where it was computed. */
  environment: ReportEnvironment;
}

/** Masks as they are. */
const PLAIN = { largestComponent: false, fillHoles: false } as const;

/**
 * What a page shows of a cross-validation, whose metrics lie in the run's folder: each scan as the model
 * segments it that held its patient out.
 *
 * @param scans those of all patients whom folds hold out.
 */
export async function gatherFolds(
  adaptation: FinishedAdaptation,
  { found, scans }: { found: CrossValidation; scans: readonly CohortScan[] },
  { onScan, ...options }: GatherOptions,
): Promise<AdaptationInput> {
  const { out, dataset } = adaptation;
  const csv = await readFile(join(out, "metrics.csv"), "utf8");
  const cases = parseMetricsCsv(csv);
  // Where folds chose how to clean up, they were measured before.
  const cleaning = found.cleaning_choice && PLAIN;
  const held = found.folds.map((patients, i) => ({
    ...{ folder: foldFolder(out, i + 1), patients, cleaning },
  }));
  const segmented = await segmentHeldOut(held, shownTitles(cases), { dataset, onScan });
  const depths = scans.map(({ shape }) => shape[2]);
  const measured = { summary: found, cases, csv, segmented, depths };
  return await adaptationInput(adaptation, { held, measured }, options);
}

/** What a page shows of patients who were held out, measured by the adapted model itself. */
export async function gatherHeldOut(
  adaptation: FinishedAdaptation,
  patients: readonly string[],
  { onScan, ...options }: GatherOptions,
): Promise<AdaptationInput> {
  const { out, dataset, config: { data: { protocol } } } = adaptation;
  const { cases, ...segmented } = await measureHeldOut({ folder: out, patients }, {
    ...{ dataset, onScan },
  });
  const summary = summarise(cases, { warnings: protocolWarnings(protocol) });
  const depths = segmented.scans.map(({ shape }) => shape[2]);
  const measured = { summary, cases, csv: metricsCsv(cases, { protocol }), segmented, depths };
  return await adaptationInput(adaptation, { held: [], measured }, options);
}

/** What was measured of held-out patients. */
interface Measured extends Pick<AdaptationInput, "summary" | "csv"> {
  /** The metrics of every structure of every scan. */
  cases: CaseMetrics[];
  /** The scans that are shown. */
  segmented: HeldOutScans;
  /** How many slices each of all scans has. */
  depths: readonly number[];
}

async function adaptationInput(
  { out, dataset, config, strategy, labelled }: FinishedAdaptation,
  { held, measured }: { held: readonly HeldOut[]; measured: Measured },
  { knownOf, environment }: GatherOptions,
): Promise<AdaptationInput> {
  const { summary, cases, csv, segmented, depths } = measured;
  const patientDice = diceOverPatients(cases);
  const run = await readProvenance(out);
  return {
    dataset: dataset.name,
    structures: dataset.structures,
    label: STRATEGIES[strategy].label,
    ...{ labelled, known: knownOf(patientDice), patientDice, summary, cases, csv, config },
    ...await measuredSlices({ dataset, config, ...segmented }, { cases, depths }),
    validationCurves: await validationCurves(out, held),
    environment: {
      ...reportOrigin(environment),
      ...(run?.ended && { runs: { began: run.began, ended: run.ended } }),
    },
  };
}

/** How a run and its folds went, of those that were watched. */
async function validationCurves(
  out: string,
  held: readonly HeldOut[],
): Promise<ValidationCurve[]> {
  const curves = await Promise.all([
    { name: "validation patients", folder: out },
    ...held.map(({ folder, patients }) => ({ name: patients.join(", "), folder })),
  ].map(async ({ name, folder }) => ({ name, points: await readValidation(folder) })));
  return curves.filter(({ points }) => points.length > 0);
}

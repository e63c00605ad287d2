/** `deno task evaluate`: compares a model's masks with the references of the test patients. */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../lib/config/config.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { type CohortScan, loadCohort } from "../lib/data/slices/cohort.ts";
import { withStructures } from "../lib/data/datasets/known_structures.ts";
import { untestedWarnings } from "../lib/data/slices/label_warnings.ts";
import { cohortWarnings } from "../lib/data/datasets/scan_warnings.ts";
import type { EvaluatedModel } from "../lib/evaluators/evaluate.ts";
import { NSD_TOLERANCE } from "../lib/evaluators/metrics.ts";
import type { EvaluationSummary } from "../lib/evaluators/summary.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { makeEvaluation } from "../lib/runs/evaluation.ts";
import { outOf } from "./support/access.ts";
import { main, UsageError, type Values } from "./support/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  datasetOf,
  outOption,
  PSEUDONYMS_OPTION,
  startBackend,
} from "./support/options.ts";
import { openModels, ownSplits, testPatients } from "./support/ensemble.ts";
import { INFERENCE_OPTION, MODEL_OPTION, type OpenModel } from "./support/model.ts";
import { commandLine } from "./support/outcome.ts";

/** What it writes. */
const FILES = {
  "metrics.csv": "every structure of every scan",
  "summary.json": "the averages above, by phase too",
};

/** Why a model of a split without test patients cannot be measured. */
const NOBODY =
  "expected patients to test on, found none: the model was trained on all who have masks; outline " +
  "others, and name them by --split";

await main({
  name: "evaluate",
  summary: "Segments the test patients and measures Dice, HD95, ASSD and NSD in 3D, in mm.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    ...MODEL_OPTION,
    split: { value: "FILE", help: "a split manifest; the run's own if not given" },
    ...outOption("evaluate", "where to write; RUN/evaluation if not given"),
    tolerance: {
      value: "MM",
      help: "how far apart two surfaces may be to agree, for NSD",
      default: `${NSD_TOLERANCE}`,
    },
    ...INFERENCE_OPTION,
    ...BACKEND_OPTION,
  },
  examples: [
    ["--model runs/finetune", "on the test patients of the phantom cohort"],
    ["--data ../acdc --model runs/acdc-1 --split split.json", "on the patients of a manifest"],
    ["--model runs/seed-0 --model runs/seed-1", "two models together: runs/evaluate"],
  ],
  goOn: () => "nothing was written, the same command begins anew",
  run: async (values, signal, voice) => {
    const paths = values.list("model");
    const tolerance = toleranceOf(values);
    const out = outOf("evaluate", values.list)!;
    const manifests = values.given("split") ? [values.text("split")] : ownSplits(paths);
    const { backend } = await startBackend(values, voice);
    const [opened, ...others] = await openModels(values);
    const { model, student, config, structures, info } = opened;
    const dataset = await datasetFor(opened, values);
    const test = await readTest(manifests, dataset);
    const scans = await readTestScans(dataset, test, { config, signal });
    const evaluated = { structures, regions: dataset.regions ?? info?.regions };
    [...cohortWarnings(scans), ...untestedWarnings(scans, evaluated)].forEach(voice.warn);
    const display = voice.progress();
    const { protocol } = config.data;
    const summary = await makeEvaluation(out, { model, student }, {
      ...evaluated,
      scans,
      tolerance,
      protocol,
      inference: config.inference,
      others: await withScans(others, { first: { opened, scans }, test, values, signal }),
      onScan: (done: number, total: number) => {
        display.update(done / total, { doing: `segmented ${done} of ${total} scans`, backend });
        signal.throwIfAborted();
      },
    });
    return {
      text: table(summary, dataset.name),
      json: summary,
      written: { folder: out, files: FILES },
      ...(protocol === "whole-scans" && {
        next: {
          purpose: "segment a scan of your own",
          command: commandLine("predict", [
            ...paths.flatMap((path) => ["--model", path]),
            ...["--input", "scan.nii.gz"],
          ]),
        },
      }),
    };
  },
});

/** The dataset as the model knows it: its order of voxels, its channels, its structures. */
async function datasetFor(
  { config, structures, channels, order, info }: OpenModel,
  values: Values,
): Promise<Dataset> {
  const known = { order, channels, pseudonyms: info?.pseudonyms };
  const opened = await datasetOf(values, { config, info: known });
  return withStructures(opened, structures, values.text("model"));
}

/** The test patients of some manifests, who are the same in all of them. */
async function readTest(manifests: readonly string[], dataset: Dataset): Promise<string[]> {
  const test = await testPatients(manifests, dataset);
  if (test.length === 0) throw new Error(`${manifests[0]}: ${NOBODY}`);
  return test;
}

/** Further models, each with the test scans on its own grid: those of the first where that is the same. */
async function withScans(
  others: readonly OpenModel[],
  { first, test, values, signal }: {
    first: { opened: OpenModel; scans: CohortScan[] };
    test: readonly string[];
    values: Values;
    signal: AbortSignal;
  },
): Promise<EvaluatedModel[]> {
  const known = [first];
  for (const opened of others) {
    const alike = known.find((one) => readsAlike(one.opened.config, opened.config));
    const scans = alike?.scans ??
      await readTestScans(await datasetFor(opened, values), test, { ...opened, signal });
    known.push({ opened, scans });
  }
  return known.slice(1).map(({ opened: { model, config: { inference } }, scans }) => {
    return { model, scans, inference };
  });
}

/** Whether two models see the same of a scan. */
function readsAlike(a: Config, b: Config): boolean {
  const seen = ({ data, grid, inference: { window } }: Config) => ({ data, grid, window });
  return isDeepStrictEqual(seen(a), seen(b));
}

/** The scans of the test patients, with their masks. */
async function readTestScans(
  dataset: Dataset,
  test: readonly string[],
  { config: { grid, inference }, signal }: { config: Config; signal: AbortSignal },
): Promise<CohortScan[]> {
  const onScan = () => signal.throwIfAborted();
  return await loadCohort(dataset, test, {
    ...{ grid, labelled: true, onScan },
    window: inference.window,
  });
}

/** The tolerance that was asked for. */
function toleranceOf(values: Values): number {
  const text = values.text("tolerance");
  const tolerance = text.trim() === "" ? NaN : Number(text);
  if (tolerance >= 0 && tolerance < Infinity) return tolerance;
  throw new UsageError(`--tolerance: expected millimetres from 0 on, found "${text}"`);
}

/** The averages as a table for a terminal. */
function table(summary: EvaluationSummary, dataset: string): string {
  const { structures, mean, missed, patients, student, nsd_tolerance_mm } = summary;
  const number = (value: number | null, digits: number) =>
    (value === null ? "–" : value.toFixed(digits)).padStart(8);
  const averages = [
    ...Object.entries(structures),
    ["mean", mean] as const,
    ...(student ? [["student's mean", student] as const] : []),
  ];
  const rows = averages.map(
    ([name, { dice, hd95_mm, assd_mm, nsd }]) =>
      name.padEnd(16) + number(dice, 3) + number(hd95_mm, 1) + number(assd_mm, 2) + number(nsd, 3),
  );
  return [
    `${counted(patients, "test patient")} of ${dataset}`,
    "".padEnd(16) + "    Dice HD95 mm ASSD mm     NSD",
    ...rows,
    `${counted(missed, "structure")} missed or made up` +
    (missed ? ", at the distance of the scan's diagonal" : ""),
    ...emptyLines(summary),
    `NSD at a tolerance of ${nsd_tolerance_mm} mm`,
  ].join("\n");
}

/** A line on what no mean counts, where there is any. */
function emptyLines({ structures, both_empty }: EvaluationSummary): string[] {
  if (both_empty === 0) return [];
  const each = Object.entries(structures).filter(([, of]) => of.both_empty > 0)
    .map(([name, of]) => `${name} in ${of.both_empty} of ${counted(of.volumes, "scan")}`);
  return [`left out of the means, with both masks empty: ${each.join(", ")}`];
}

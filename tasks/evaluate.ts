/** `deno task evaluate`: compares a model's masks with the references of the test patients. */
import { join } from "node:path";
import type { Config } from "../lib/config/config.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { type CohortScan, loadCohort } from "../lib/data/slices/cohort.ts";
import { withStructures } from "../lib/data/datasets/known_structures.ts";
import { untestedWarnings } from "../lib/data/slices/label_warnings.ts";
import { cohortWarnings } from "../lib/data/datasets/scan_warnings.ts";
import { readSplit } from "../lib/data/datasets/splits.ts";
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
import { INFERENCE_OPTION, MODEL_OPTION, type OpenModel, openModel } from "./support/model.ts";
import { commandLine } from "./support/outcome.ts";
import { isFile } from "./support/weights_file.ts";

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
  ],
  goOn: () => "nothing was written, the same command begins anew",
  run: async (values, signal, voice) => {
    const folder = values.text("model");
    const tolerance = toleranceOf(values);
    const out = outOf("evaluate", values.optional)!;
    const manifest = values.optional("split") ?? ownSplit(folder);
    const { backend } = await startBackend(values, voice);
    const opened = await openModel(folder, values);
    const { model, student, config, structures, info } = opened;
    const dataset = await datasetFor(opened, values);
    const scans = await readTestScans(dataset, manifest, { config, signal });
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
          command: commandLine("predict", ["--model", folder, "--input", "scan.nii.gz"]),
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

/** The scans of a manifest's test patients, with their masks. */
async function readTestScans(
  dataset: Dataset,
  manifest: string,
  { config: { grid, inference }, signal }: { config: Config; signal: AbortSignal },
): Promise<CohortScan[]> {
  const { test } = await readSplit(manifest, dataset);
  if (test.length === 0) throw new Error(`${manifest}: ${NOBODY}`);
  const onScan = () => signal.throwIfAborted();
  return await loadCohort(dataset, test, {
    ...{ grid, labelled: true, onScan },
    window: inference.window,
  });
}

/** The manifest of a run; a file does not tell whom its model was trained on. */
function ownSplit(model: string): string {
  if (!isFile(model)) return join(model, "split.json");
  throw new UsageError(
    `--model ${model}: expected --split FILE, a manifest with the patients to test on: of a file it ` +
      "is not known whom it was trained on",
  );
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

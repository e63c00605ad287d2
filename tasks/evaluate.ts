/** `deno task evaluate`: compares a model's masks with the references of the test patients. */
import { untestedWarnings } from "../lib/data/slices/label_warnings.ts";
import { NSD_TOLERANCE } from "../lib/evaluators/metrics.ts";
import type { EvaluationSummary } from "../lib/evaluators/summary.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { writeEvaluationReport } from "../lib/reports/evaluation_report.ts";
import { keepMask, type KeptMask } from "../lib/reports/gather/kept_masks.ts";
import { makeEvaluation } from "../lib/runs/evaluation.ts";
import { outOf } from "./support/command/access.ts";
import { main, UsageError, type Values } from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  outOption,
  PSEUDONYMS_OPTION,
  startBackend,
} from "./support/command/options.ts";
import { modelPaths, openModels, ownSplits } from "./support/models/open_models.ts";
import { INFERENCE_OPTION, MODEL_OPTION } from "./support/models/model.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import { datasetFor, readTest, readTestScans, testWarnings } from "./support/scans/test_scans.ts";

/** What it writes. */
const FILES = {
  "report.html": "its masks and figures to look at; open it in a browser",
  "metrics.csv": "every structure of every scan",
  "summary.json": "the averages above, by phase too",
};

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
    const manifests = values.given("split")
      ? [values.text("split")]
      : ownSplits(await modelPaths(paths));
    const environment = await startBackend(values, voice);
    const [opened, ...others] = await openModels(values);
    const { model, student, config, structures, info } = opened;
    const dataset = await datasetFor(opened, values);
    const test = await readTest(manifests, dataset);
    const members = await readTestScans([opened, ...others], { dataset, test, values, signal });
    const [{ scans }] = members;
    const evaluated = { structures, regions: dataset.regions ?? info?.regions };
    [...testWarnings(members), ...untestedWarnings(scans, evaluated)].forEach(voice.warn);
    const display = voice.progress();
    const masks: KeptMask[] = [];
    const { inference, data: { protocol } } = config;
    const summary = await makeEvaluation(out, { model, student }, {
      ...{ ...evaluated, scans, tolerance, protocol, inference },
      others: members.slice(1).map(({ opened: { model, config: { inference } }, scans }) => {
        return { model, inference, scans };
      }),
      onMask: (mask) => masks.push(keepMask(mask)),
      onScan: (done: number, total: number) => {
        const doing = `segmented ${done} of ${total} scans`;
        display.update(done / total, { doing, backend: environment.backend });
        signal.throwIfAborted();
      },
    });
    await writeEvaluationReport(out, { dataset, scans, masks, summary, config }, environment);
    return {
      text: table(summary, dataset.name),
      json: summary,
      written: { folder: out, files: FILES },
      ...(protocol === "whole-scans" && { next: nextCommand(paths) }),
    };
  },
});

/** The command that follows. */
function nextCommand(models: readonly string[]): Outcome["next"] {
  const args = models.flatMap((model) => ["--model", model]);
  return {
    purpose: "segment a scan of your own",
    command: commandLine("predict", [...args, "--input", "scan.nii.gz"]),
  };
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

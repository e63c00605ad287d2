/** `deno task select`: whom to label first, by a pretrained backbone's features alone. */
import { join } from "node:path";
import { type PatientFeatures, patientFeatures } from "../lib/analysis/patient_features.ts";
import {
  type SelectedPatient,
  selectForLabelling,
  type Selection,
} from "../lib/analysis/selection.ts";
import {
  SELECTION_STRATEGIES,
  type SelectionStrategy,
  type SelectPositionsOptions,
} from "../lib/analysis/select_patients.ts";
import type { Backbone } from "../lib/backbones/backbone.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { isLabelled, type Split, writeSplit } from "../lib/data/datasets/splits.ts";
import { loadCohort } from "../lib/data/slices/cohort.ts";
import type { SliceGrid } from "../lib/data/slices/preprocess.ts";
import { type SliceStack, stackSlices, takeSlices } from "../lib/data/slices/slices.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { makeFolder, writeFileAtomically } from "../lib/io/write_file.ts";
import { writeJson } from "../lib/io/write_json.ts";
import { sliceRowsPng } from "../lib/reports/pictures/slice_rows.ts";
import { pretrainedBackbone } from "../lib/training/weights/pretrained_backbone.ts";
import { outOf } from "./support/command/access.ts";
import { main, oneOf, UsageError, type Values } from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  outOption,
  PSEUDONYMS_OPTION,
  SEED_OPTION,
  splitOf,
  startBackend,
} from "./support/command/options.ts";
import { commandLine } from "./support/command/outcome.ts";
import { FEATURES_OPTION, openFeatures } from "./support/models/pretrained.ts";
import type { Voice } from "./support/command/voice.ts";

/** Slices of a patient that are named and drawn. */
const NAMED = 6;

/** What is written. */
const FILES = {
  "selection.json": "the chosen, with all their slices by worth, and the outliers",
  "split.json": "the split with the chosen as labelled patients, for finetune --split",
  "chosen.png": "a row for each of the chosen: the slices that are worth most",
  "outliers.png": "the same of those who are least like the others",
};

await main({
  name: "select",
  summary:
    "Names the patients to label first, and of each the slices that are worth most, by a pretrained " +
    "backbone's features alone. No mask is opened, and no test patient is chosen.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    ...FEATURES_OPTION,
    patients: { value: "N", help: "how many patients to choose", default: "1" },
    strategy: {
      value: "NAME",
      help: `${SELECTION_STRATEGIES.join(", ")}; typical for one patient, k-centres for more, if ` +
        "not given",
    },
    ...SEED_OPTION,
    ...outOption("select", "where to write; RUN/selection if not given"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--pretrained runs/pretrain", "which patient of the phantom cohort to label first"],
    ["--data ../acdc --pretrained runs/acdc --patients 5", "five who stand for all of yours"],
    [
      "--data ../acdc --pretrained runs/acdc --patients 5 --strategy farthest",
      "five who are as different as can be",
    ],
  ],
  run: async (values, signal, voice) => {
    const count = values.count("patients", 1)!;
    const asked = { strategy: strategyOf(values, count), count, seed: values.count("seed")! };
    const opened = await open(values, voice);
    const { dataset, split } = opened;
    const { length } = split.pool;
    if (count > length) {
      throw new UsageError(
        `--patients: expected 1 to ${length}, as many as may be trained on, found ${count}`,
      );
    }
    const cohort = await featuresOf(opened, { signal, voice });
    const selection = selectForLabelling(cohort, asked);
    const told = toldOf(selection, { cohort, dataset, asked });
    const out = outOf("select", values.list)!;
    await makeFolder(out);
    await writeJson(join(out, "selection.json"), told);
    const chosen = selection.chosen.map(({ patient }) => patient);
    await writeSplit(join(out, "split.json"), { ...split, subsets: { [count]: chosen } });
    await drawRows(join(out, "chosen.png"), selection.chosen, opened);
    await drawRows(join(out, "outliers.png"), selection.outliers, opened);
    return {
      text: textOf(told, length),
      json: { out, ...told },
      written: { folder: out, files: FILES },
      next: { purpose: "once their masks are there, learn from them", command: next(values, out) },
    };
  },
});

/** What is selected from, and by which features. */
interface Opened {
  dataset: Dataset;
  /** Of its pool patients are chosen: test patients are not in it. */
  split: Split;
  backbone: Backbone;
  grid: SliceGrid;
}

async function open(values: Values, voice: Voice): Promise<Opened> {
  const source = values.text("pretrained");
  const { config, checkpoint, known, folder } = await openFeatures(source, voice);
  await startBackend(values, voice);
  const dataset = await datasetOf(values, { config, info: known, readMasks: false });
  const split = await splitOf(folder && join(folder, "split.json"), dataset, {
    seed: values.count("seed"),
    sizes: [],
  });
  return {
    ...{ dataset, split, grid: config.grid },
    backbone: pretrainedBackbone(checkpoint, { config, source }),
  };
}

function strategyOf(values: Values, count: number): SelectionStrategy {
  const name = values.optional("strategy");
  if (name === undefined) return count === 1 ? "typical" : "k-centres";
  return oneOf(name, "strategy", SELECTION_STRATEGIES);
}

/** The features of all who may be trained on. */
async function featuresOf(
  { backbone, dataset, split, grid }: Opened,
  { signal, voice }: { signal: AbortSignal; voice: Voice },
): Promise<PatientFeatures[]> {
  const display = voice.progress();
  const onScan = (done: number, total: number) => {
    signal.throwIfAborted();
    display.update(done / total, { doing: `features of ${done} of ${total} scans` });
  };
  return await patientFeatures(backbone, dataset, split.pool, { grid, onScan });
}

/** A selected patient, as it is written: scans and slices count from 1. */
interface Told {
  patient: string;
  /** Whether there is a mask already. */
  labelled: boolean;
  /** See {@linkcode SelectedPatient}. */
  remoteness: number;
  /** The slice that is worth most first. */
  slices: { scan: number; phase: string; slice: number }[];
}

/** The content of selection.json. */
interface ToldSelection extends SelectPositionsOptions {
  schema: "pix2rep.selection/1";
  dataset: string;
  chosen: Told[];
  outliers: Told[];
}

function toldOf(
  selection: Selection,
  { cohort, dataset, asked }: {
    cohort: readonly PatientFeatures[];
    dataset: Dataset;
    asked: SelectPositionsOptions;
  },
): ToldSelection {
  const told = ({ patient, remoteness, order }: SelectedPatient): Told => {
    const { slices } = cohort.find((one) => one.patient === patient)!;
    return {
      patient,
      labelled: isLabelled(dataset.patients.find(({ id }) => id === patient)!),
      remoteness: Math.round(1000 * remoteness) / 1000,
      slices: order.map((position) => {
        const { scan, phase, slice } = slices[position];
        return { scan: scan + 1, phase, slice: slice + 1 };
      }),
    };
  };
  return {
    schema: "pix2rep.selection/1",
    dataset: dataset.name,
    ...asked,
    chosen: selection.chosen.map(told),
    outliers: selection.outliers.map(told),
  };
}

function textOf({ strategy, chosen, outliers }: ToldSelection, candidates: number): string {
  const width = Math.max(...[...chosen, ...outliers].map(({ patient }) => patient.length));
  const line = (one: Told, remark: string) => `  ${one.patient.padEnd(width)}  ${remark}`;
  const slices = ({ slices, labelled }: Told) =>
    slices.slice(0, NAMED).map(sliceName).join(", ") + (labelled ? " (has a mask)" : "");
  return [
    `to label first, ${strategy}: ${chosen.length} of ${
      counted(candidates, "patient")
    }, with the ` +
    "slices that are worth most",
    ...chosen.map((one) => line(one, slices(one))),
    "least like the others, by how far from them, as a multiple of what is usual",
    ...outliers.map((one) => line(one, one.remoteness.toFixed(2))),
  ].join("\n");
}

function sliceName({ scan, phase, slice }: Told["slices"][number]): string {
  return phase ? `${phase} ${slice}` : scan > 1 ? `scan ${scan} slice ${slice}` : `slice ${slice}`;
}

/** Draws a row of slices for each of some patients. */
async function drawRows(
  path: string,
  patients: readonly SelectedPatient[],
  { dataset, grid }: Opened,
): Promise<void> {
  const rows: SliceStack[] = [];
  for (const { patient, order } of patients) {
    const scans = await loadCohort(dataset, [patient], { grid, labelled: false });
    const slices = stackSlices(scans.map(({ slices }) => slices));
    rows.push(takeSlices(slices, order.slice(0, NAMED)));
  }
  await writeFileAtomically(path, sliceRowsPng(rows));
}

function next(values: Values, out: string): string {
  return commandLine("finetune", [
    ...dataArguments(values),
    ...["--pretrained", values.text("pretrained"), "--split", join(out, "split.json")],
    ...(values.given("patients") ? ["--patients", values.text("patients")] : []),
  ]);
}

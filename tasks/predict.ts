/** `deno task predict`: writes masks of new scans, on the scans' own grids. */
import { basename } from "node:path";
import type { Scan, Structure } from "../lib/data/datasets/dataset.ts";
import { labelsOfMask, labelsToValues } from "../lib/data/masks/labels.ts";
import { readChannels } from "../lib/data/datasets/read_scan.ts";
import { orderNotes } from "../lib/data/datasets/check/scan_notes.ts";
import { cohortWarnings } from "../lib/data/datasets/check/scan_warnings.ts";
import { joinSeen } from "../lib/data/slices/seen_scans.ts";
import { expectWholeScans } from "../lib/data/slices/midl2024.ts";
import type { Volume } from "../lib/data/volumes/volume.ts";
import { concatBytes } from "../lib/io/concat_arrays.ts";
import { makeFolder } from "../lib/io/write_file.ts";
import { readVolume } from "../lib/data/volumes/read_volume.ts";
import { doubtMeter } from "../lib/inference/doubt.ts";
import {
  prepareScan,
  segmentScanProbabilities,
  segmentScanTogether,
} from "../lib/inference/segment.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { meanOfKnown } from "../lib/math/descriptive.ts";
import { type PredictedScan, predictedScans } from "../lib/reports/gather/gather_prediction.ts";
import { writePredictionReport } from "../lib/reports/prediction_report.ts";
import {
  type Command,
  main,
  UsageError,
  type Values,
  wholeNumber,
} from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  dryRunOption,
  outOption,
  startBackend,
} from "./support/command/options.ts";
import { inputScans } from "./support/scans/input_scans.ts";
import { type OpenModels, openModels } from "./support/models/open_models.ts";
import {
  INFERENCE_OPTION,
  MODEL_OPTION,
  type OpenModel,
  unlikeTraining,
} from "./support/models/model.ts";
import {
  expectProbable,
  probabilitiesOf,
  writeProbabilities,
} from "./support/scans/probabilities.ts";
import { type MaskPath, maskPaths, titleOf } from "./support/scans/mask_paths.ts";
import {
  masksJson,
  planMasks,
  type PlannedMask,
  standingText,
} from "./support/scans/planned_masks.ts";
import type { Voice } from "./support/command/voice.ts";
import {
  digestOfOrigin,
  MASKS_RECORD,
  openWrittenMasks,
  type WrittenMasks,
} from "./support/scans/written_masks.ts";

/** The task. */
export const predict: Command = {
  name: "predict",
  summary: "Segments scans and writes a mask for each, with the scan's shape and geometry.",
  options: {
    ...MODEL_OPTION,
    input: {
      value: "FILE|DIR",
      help: "a scan, or a dataset's folder; of several channels, each file in the model's order",
      required: true,
      multiple: true,
    },
    unlabelled: { value: "", help: "of a dataset's folder, the scans without masks alone" },
    probabilities: {
      value: "",
      help:
        "writes those of each class too, the background first, as a fourth axis: *_probabilities.nii.gz",
    },
    frame: { value: "N|all", help: "the time point of 4D scans, from 0, or each of them" },
    ...outOption("predict", "the folder of the masks; those that stand from the same model stay"),
    ...INFERENCE_OPTION,
    ...dryRunOption("which masks it would write, having checked the scans"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--model runs/finetune --input scan.nii.gz", "one scan: runs/predict/scan_mask.nii.gz"],
    ["--model runs/finetune --input ../new-scans --out masks", "every scan of a folder"],
    ["--model runs/brain --input a_t1.nii.gz --input a_t2.nii.gz", "one scan of two channels"],
    ["--model runs/finetune --input cine.nii.gz --frame all", "each time point of a 4D scan"],
    [
      "--model runs/finetune --input scan.nii.gz --probabilities",
      "how sure is it, voxel by voxel?",
    ],
    ["--model runs/seed-0 --model runs/seed-1 --input scan.nii.gz", "by two models together"],
    ["--model runs/acdc --model runs/acdc/folds --input scan.nii.gz", "with those of its folds"],
  ],
  goOn: () => "masks that were written stay, the same command makes the others",
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const frame = frameOf(values);
    const probable = values.given("probabilities");
    const environment = await startBackend(values, voice);
    const models = await openModels(values);
    const [opened] = models;
    expectWholeScans(opened.config.data.protocol);
    const { scans, within, known } = await inputScans(values.list("input"), opened, {
      unlabelled: values.given("unlabelled"),
    });
    const masks = maskPaths(scans, { out, within, known, frame, probable });
    const following = (verb: string) =>
      follow(verb, { total: scans.length, backend: environment.backend, signal, voice });
    const written = await openWrittenMasks(out, masks.map(({ mask }) => mask));
    const options = { frame, probable, precision: values.text("precision") };
    const originOf = await digestOfOrigin({ models, environment, options });
    const reading = { within, frame, probable, following };
    // A scan that cannot be used stops the task here, with nothing written.
    const { warnings, origins } = await checkScans(scans, models, { ...reading, originOf });
    warnings.forEach(voice.warn);
    const planned = planMasks(masks, { origins, written, probable });
    standingText(planned).forEach(voice.note);
    if (values.given("dry-run")) {
      const text = masks.map(({ image, mask }) => `${image} -> ${mask}`).join("\n");
      return { text, json: masksJson(planned) };
    }
    await makeFolder(out);
    const { empty, predicted } = await segmentScans(scans, models, {
      ...{ ...reading, planned, written, voice },
    });
    const references = joinSeen(...models.map(({ info }) => info?.seen))?.volumes;
    const seen = { ...opened, references, within, environment };
    const prediction = await writePredictionReport(out, predicted, seen);
    prediction.warnings.forEach(voice.warn);
    return {
      text: foundText(planned, { empty, structures: opened.structures }),
      json: masksJson(planned, empty),
      written: { folder: out, files: writtenFiles(masks, probable) },
      shown: { prediction },
    };
  },
};

if (import.meta.main) await main(predict);

/** The models, watched, and what gives the mean of their doubt since it was last asked for. */
function watchedModels([first, ...others]: OpenModels): [OpenModels, () => Promise<number | null>] {
  const watch = (opened: OpenModel) => {
    const { model, take } = doubtMeter(opened.model);
    return { opened: { ...opened, model }, take };
  };
  const all = [watch(first), ...others.map(watch)] as const;
  const [{ opened }, ...rest] = all;
  return [
    [opened, ...rest.map(({ opened }) => opened)],
    async () => meanOfKnown(await Promise.all(all.map(({ take }) => take()))),
  ];
}

/** What the masks show. */
function foundText(
  masks: readonly MaskPath[],
  { empty, structures }: { empty: readonly string[]; structures: readonly Structure[] },
): string {
  return `${counted(masks.length, "mask")} of ${structures.map(labelled).join(", ")}` +
    (empty.length > 0 ? `; nothing was found in ${empty.length} of them` : "");
}

/** What was written, by names: the first mask, and how many there are. */
function writtenFiles(masks: readonly MaskPath[], probable: boolean): Record<string, string> {
  const [first] = masks;
  const all = basename(first.mask).replace(titleOf(first.mask), "*");
  return {
    "report.html": "the masks to look through, the doubtful first; open it in a browser",
    [basename(first.mask)]: `of ${first.image}`,
    ...(masks.length > 1 && { [all]: `${masks.length} masks in all` }),
    ...(probable && { "*_probabilities.nii.gz": "of each class, the background first" }),
    [MASKS_RECORD]: "by what each was made, so that it is not made again",
  };
}

/** Shows how many scans are done, and ends the task where that was asked for. */
function follow(
  verb: string,
  { total, backend, signal, voice }: {
    total: number;
    backend: string;
    signal: AbortSignal;
    voice: Voice;
  },
): (done: number) => void {
  const display = voice.progress();
  return (done) => {
    const doing = `${verb} ${done} of ${counted(total, "scan")}`;
    display.update(done / total, { doing, backend });
    signal.throwIfAborted();
  };
}

/** How scans are read. */
interface Reading {
  /** The folder that files must lie in. */
  within?: string;
  /** The time points that were asked for. */
  frame: number | "all" | undefined;
  /** Whether probabilities are written. */
  probable: boolean;
  /** Starts a display of what is done to scan after scan. */
  following: (verb: string) => (done: number) => void;
}

/**
 * Reads every scan, and prepares it for the model.
 *
 * @returns what to warn of, and what each mask comes from.
 */
async function checkScans(
  scans: readonly Scan[],
  models: OpenModels,
  { within, frame, probable, following, originOf }: Reading & {
    originOf: Awaited<ReturnType<typeof digestOfOrigin>>;
  },
): Promise<{ warnings: string[]; origins: string[] }> {
  const [{ config }] = models;
  const checked = following("checked");
  const told: { image: string; warnings: string[] }[] = [];
  const origins: string[] = [];
  for (const [i, scan] of scans.entries()) {
    const all = config.data.channels === "all";
    const channels = await readChannels(scan, { within, all });
    const [first, ...others] = framesOf(channels[0], scan, frame);
    if (probable) expectProbable(channels[0], others.length + 1, models);
    const unlike = models.flatMap((model) =>
      unlikeTraining(model, prepareScan(channels, { ...model, frame: first }))
    );
    const warnings = [...warningsOf(channels, models[0]), ...new Set(unlike)];
    told.push({ image: scan.image, warnings });
    origins.push(originOf(channels, scan.frame));
    checked(i + 1);
  }
  return { warnings: cohortWarnings(told), origins };
}

/** How masks are made that do not stand yet. */
interface Segmenting extends Reading {
  planned: readonly PlannedMask[];
  written: WrittenMasks;
  voice: Voice;
}

/** Has the mask of every scan written; returns those in which nothing was found, and what the page shows. */
async function segmentScans(
  scans: readonly Scan[],
  models: OpenModels,
  { within, frame, following, planned, voice, ...making }: Segmenting,
): Promise<{ empty: string[]; predicted: PredictedScan[] }> {
  const [{ structures }] = models;
  const [watched, doubtOf] = watchedModels(models);
  const segmented = following("segmented");
  const empty: string[] = [];
  const predicted: PredictedScan[] = [];
  for (const [i, scan] of scans.entries()) {
    const { mask, stands } = planned[i];
    const channels = await readChannels(scan, { within });
    const [image] = channels;
    const frames = framesOf(image, scan, frame);
    const { labels, doubt } = stands
      ? { labels: await labelsOf(mask, structures), ...stands }
      : await makeMask(planned[i], { ...making, channels, frames, models: watched, doubtOf });
    const told = { title: titleOf(mask), image, frames, labels, doubt, structures };
    predicted.push(...predictedScans(scan, told));
    if (!labels.some((label) => label > 0)) {
      voice.warn(`${mask}: nothing was found`);
      empty.push(mask);
    }
    segmented(i + 1);
  }
  return { empty, predicted };
}

/** Segments a scan and writes its mask, its probabilities before: a mask that stands has them. */
async function makeMask(
  { mask, made }: PlannedMask,
  { channels, frames, models, probable, doubtOf, written }: {
    channels: readonly [Volume, ...Volume[]];
    frames: readonly (number | undefined)[];
    models: OpenModels;
    probable: boolean;
    doubtOf: () => Promise<number | null>;
    written: WrittenMasks;
  },
): Promise<{ labels: Uint8Array; doubt: number | null }> {
  const [image] = channels;
  const { labels, probabilities } = await segmentFrames(channels, frames, { models, probable });
  if (probabilities) await writeProbabilities(probabilitiesOf(mask), probabilities, image);
  const doubt = await doubtOf();
  await written.write(mask, labelsToValues(labels, models[0]), { image, made, doubt });
  return { labels, doubt };
}

/** The labels of a mask that stands. */
async function labelsOf(mask: string, structures: readonly Structure[]): Promise<Uint8Array> {
  return labelsOfMask(await readVolume(mask), { structures }).labels;
}

/** The time points that were asked for: a number, each, or none. */
function frameOf(values: Values): number | "all" | undefined {
  const text = values.optional("frame");
  return text === undefined || text === "all" ? text : wholeNumber(text, "frame");
}

/**
 * Which time points of a scan to segment: undefined for that of a 3D one.
 *
 * @throws {UsageError} if it has several and none is asked for, or not this one.
 */
function framesOf(
  { shape: [, , , count = 1], source }: Volume,
  { frame: own }: Scan,
  asked: number | "all" | undefined,
): (number | undefined)[] {
  if (own !== undefined) return [undefined];
  if (count === 1) {
    if (typeof asked !== "number" || asked === 0) return [undefined];
    throw new UsageError(
      `${source}: expected time point ${asked}, found a 3D scan; leave --frame out`,
    );
  }
  if (asked === "all") return Array.from({ length: count }, (_, i) => i);
  if (asked !== undefined && asked < count) return [asked];
  throw new UsageError(
    `${source}: expected a 3D scan, found ${count} time points; --frame 0 to ${count - 1} takes ` +
      "one, --frame all each",
  );
}

/** The labels of some time points, one after another; of the only one, its probabilities if asked for. */
async function segmentFrames(
  channels: readonly Volume[],
  frames: readonly (number | undefined)[],
  { models, probable }: { models: OpenModels; probable: boolean },
): Promise<{ labels: Uint8Array; probabilities?: Float32Array }> {
  const [{ order, structures }] = models;
  if (probable) {
    const options = { order, frame: frames[0], classes: structures.length + 1 };
    return await segmentScanProbabilities(models, channels, options);
  }
  const parts: Uint8Array[] = [];
  for (const frame of frames) {
    parts.push(await segmentScanTogether(models, channels, { order, frame }));
  }
  return { labels: concatBytes(parts) };
}

/** What is odd about the channels of a scan, for a model. */
function warningsOf(channels: readonly Volume[], { order }: OpenModel): string[] {
  const read = channels.flatMap(({ warnings }) => warnings);
  return [...new Set([...read, ...order ? orderNotes(channels[0], order) : []])];
}

function labelled({ label, name, values: [value] = [label] }: Structure): string {
  return name === `label ${value}` ? name : `${value} ${name}`;
}

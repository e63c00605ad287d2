/** `deno task predict`: writes masks of new scans, on the scans' own grids. */
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Scan, Structure } from "../lib/data/datasets/dataset.ts";
import { headerOfImage } from "../lib/data/formats/pairs.ts";
import { scanStem } from "../lib/data/formats/formats.ts";
import { labelsToValues } from "../lib/data/masks/labels.ts";
import { readChannels } from "../lib/data/datasets/read_scan.ts";
import { orderNotes } from "../lib/data/datasets/scan_notes.ts";
import { cohortWarnings } from "../lib/data/datasets/scan_warnings.ts";
import { expectWholeScans } from "../lib/data/slices/midl2024.ts";
import type { Volume } from "../lib/data/volumes/volume.ts";
import { concatBytes } from "../lib/io/concat_bytes.ts";
import { makeFolder } from "../lib/io/write_file.ts";
import { writeMask } from "../lib/data/volumes/write_mask.ts";
import { doubtMeter } from "../lib/inference/doubt.ts";
import { maskName } from "../lib/inference/mask_name.ts";
import { prepareScan, segmentScanTogether } from "../lib/inference/segment.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { meanOfKnown } from "../lib/math/descriptive.ts";
import { type PredictedScan, predictedScans } from "../lib/reports/gather/gather_prediction.ts";
import { writePredictionReport } from "../lib/reports/prediction_report.ts";
import { type Command, main, UsageError, type Values, wholeNumber } from "./support/command.ts";
import { BACKEND_OPTION, dryRunOption, outOption, startBackend } from "./support/options.ts";
import { inputScans } from "./support/input_scans.ts";
import { type OpenModels, openModels } from "./support/ensemble.ts";
import { INFERENCE_OPTION, MODEL_OPTION, type OpenModel } from "./support/model.ts";
import { unlikeTraining } from "./support/unlike_training.ts";
import type { Voice } from "./support/voice.ts";

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
    frame: { value: "N|all", help: "the time point of 4D scans, from 0, or each of them" },
    ...outOption("predict", "the folder of the masks; earlier ones of the same name are replaced"),
    ...INFERENCE_OPTION,
    ...dryRunOption("which masks it would write, having checked the scans"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--model runs/finetune --input scan.nii.gz", "one scan: runs/predict/scan_mask.nii.gz"],
    ["--model runs/finetune --input ../new-scans --out masks", "every scan of a folder"],
    ["--model runs/brain --input a_t1.nii.gz --input a_t2.nii.gz", "one scan of two channels"],
    ["--model runs/finetune --input cine.nii.gz --frame all", "each time point of a 4D scan"],
    ["--model runs/seed-0 --model runs/seed-1 --input scan.nii.gz", "by two models together"],
  ],
  goOn: () => "masks that were written are whole, the same command begins anew",
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const frame = frameOf(values);
    const environment = await startBackend(values, voice);
    const { backend } = environment;
    const models = await openModels(values);
    const [opened] = models;
    expectWholeScans(opened.config.data.protocol);
    const { scans, within } = await inputScans(values.list("input"), opened, {
      unlabelled: values.given("unlabelled"),
    });
    const names = differentNames(scans.map(({ image }) => image), within);
    const masks = scans.map((scan, i) => ({
      image: scan.image,
      mask: join(out, maskName(names[i], scan.frame ?? numbered(frame))),
    }));
    expectDifferent(masks);
    const following = (verb: string) =>
      follow(verb, { total: scans.length, backend, signal, voice });
    // A scan that cannot be used stops the task here, with nothing written.
    const checked = following("checked");
    const warnings = await checkScans(scans, models, { within, frame, checked });
    warnings.forEach(voice.warn);
    if (values.given("dry-run")) {
      const text = masks.map(({ image, mask }) => `${image} -> ${mask}`).join("\n");
      return { text, json: masks };
    }
    const segmented = following("segmented");
    await makeFolder(out);
    const empty: string[] = [];
    const { structures } = opened;
    const [watched, doubtOf] = watchedModels(models);
    const predicted: PredictedScan[] = [];
    for (const [i, scan] of scans.entries()) {
      const channels = await readChannels(scan, { within });
      const [image] = channels;
      const frames = framesOf(image, scan, frame);
      const labels = await segmentFrames(channels, frames, watched);
      const [title, doubt] = [titleOf(masks[i].mask), await doubtOf()];
      const told = { title, image, frames, labels, doubt, structures };
      predicted.push(...predictedScans(scan, told));
      await writeMask(masks[i].mask, labelsToValues(labels, opened), channels[0]);
      if (!labels.some((label) => label > 0)) {
        voice.warn(`${masks[i].mask}: nothing was found`);
        empty.push(masks[i].mask);
      }
      segmented(i + 1);
    }
    await writePredictionReport(out, predicted, { ...opened, within, environment });
    return {
      text: `${counted(masks.length, "mask")} of ${opened.structures.map(labelled).join(", ")}` +
        (empty.length > 0 ? `; nothing was found in ${empty.length} of them` : ""),
      json: masks.map((one) => empty.includes(one.mask) ? { ...one, empty: true } : one),
      written: { folder: out, files: writtenFiles(masks) },
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

/** How the scan of a mask is called: as the mask, without what all masks have. */
function titleOf(mask: string): string {
  return scanStem(basename(mask))!.replace(/_mask$/, "");
}

/** What was written, by names: the first mask, and how many there are. */
function writtenFiles(masks: readonly { image: string; mask: string }[]): Record<string, string> {
  const [first] = masks;
  return {
    "report.html": "the masks to look through, the doubtful first; open it in a browser",
    [basename(first.mask)]: `of ${first.image}`,
    ...(masks.length > 1 && { "*_mask.*": `${masks.length} masks in all` }),
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

/**
 * Reads every scan, and prepares it for the model.
 *
 * @returns what to warn of.
 */
async function checkScans(
  scans: readonly Scan[],
  models: OpenModels,
  { within, frame, checked }: {
    within?: string;
    frame: number | "all" | undefined;
    checked: (done: number) => void;
  },
): Promise<string[]> {
  const [{ config }] = models;
  const told: { image: string; warnings: string[] }[] = [];
  for (const [i, scan] of scans.entries()) {
    const all = config.data.channels === "all";
    const channels = await readChannels(scan, { within, all });
    const [first] = framesOf(channels[0], scan, frame);
    const unlike = models.flatMap((model) =>
      unlikeTraining(model, prepareScan(channels, { ...model, frame: first }))
    );
    const warnings = [...warningsOf(channels, models[0]), ...new Set(unlike)];
    told.push({ image: scan.image, warnings });
    checked(i + 1);
  }
  return cohortWarnings(told);
}

/** The time points that were asked for: a number, each, or none. */
function frameOf(values: Values): number | "all" | undefined {
  const text = values.optional("frame");
  return text === undefined || text === "all" ? text : wholeNumber(text, "frame");
}

function numbered(frame: number | "all" | undefined): number | undefined {
  return frame === "all" ? undefined : frame;
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

/** The labels of some time points, one after another. */
async function segmentFrames(
  channels: readonly Volume[],
  frames: readonly (number | undefined)[],
  models: OpenModels,
): Promise<Uint8Array> {
  const [{ order }] = models;
  const parts: Uint8Array[] = [];
  for (const frame of frames) {
    parts.push(await segmentScanTogether(models, channels, { order, frame }));
  }
  return concatBytes(parts);
}

/** What is odd about the channels of a scan, for a model. */
function warningsOf(channels: readonly Volume[], { order }: OpenModel): string[] {
  const read = channels.flatMap(({ warnings }) => warnings);
  return [...new Set([...read, ...order ? orderNotes(channels[0], order) : []])];
}

function labelled({ label, name, values: [value] = [label] }: Structure): string {
  return name === `label ${value}` ? name : `${value} ${name}`;
}

/** The scans' names, or where two are the same, their paths below the dataset's folder in one word. */
function differentNames(images: readonly string[], within = ""): string[] {
  const names = images.map((image) => basename(sourceOf(image)));
  if (new Set(names).size === new Set(images).size) return names;
  const paths = images.map((image) => relative(within, sourceOf(image)));
  const different = new Set(paths).size === new Set(images).size;
  return images.map((image, i) =>
    (different ? paths[i] : relative(within, image)).replaceAll(/[\\/]/g, "_")
  );
}

/** What a scan is named after: its file, or the folder of a series of DICOM, whose files have numbers. */
function sourceOf(image: string): string {
  const file = headerOfImage(image) ?? image;
  return scanStem(basename(file)) === undefined ? resolve(dirname(image)) : image;
}

/** Scans whose names come to the same would overwrite each other's masks. */
function expectDifferent(masks: readonly { image: string; mask: string }[]): void {
  const byMask = Map.groupBy(masks, ({ mask }) => mask);
  const twins = [...byMask.values()].find(({ length }) => length > 1);
  if (!twins) return;
  throw new Error(
    `expected scans of different names, found ${twins[0].image} and ${twins[1].image}; ` +
      "segment them apart, each with an --out of its own",
  );
}

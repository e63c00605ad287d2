/** `deno task propagate`: from the mask of one frame of a patient to masks of the others. */
import { basename } from "node:path";
import { cohortWarnings } from "../lib/data/datasets/check/scan_warnings.ts";
import { unseenWarnings } from "../lib/data/slices/seen_scans.ts";
import { labelsToValues } from "../lib/data/masks/labels.ts";
import { writeMask } from "../lib/data/volumes/write_mask.ts";
import type { Backbone } from "../lib/backbones/backbone.ts";
import { type PreparedFrames, prepareFrames, propagateLabels } from "../lib/inference/propagate.ts";
import { concatBytes } from "../lib/io/concat_arrays.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { makeFolder } from "../lib/io/write_file.ts";
import { pretrainedBackbone } from "../lib/training/weights/pretrained_backbone.ts";
import { main } from "./support/command/command.ts";
import { emptied, frameVolumes, volumesTable } from "./support/scans/frame_volumes.ts";
import { type MaskPath, maskPaths } from "./support/scans/mask_paths.ts";
import { BACKEND_OPTION, outOption, startBackend } from "./support/command/options.ts";
import { type ReadFrames, readPatientFrames } from "./support/scans/patient_frames.ts";
import { FEATURES_OPTION, openFeatures, type Pretrained } from "./support/models/pretrained.ts";
import type { Voice } from "./support/command/voice.ts";

await main({
  name: "propagate",
  summary:
    "Brings the mask of one frame of a patient to the other frames, by a pretraining's features, " +
    "and tells the volumes of each.",
  options: {
    ...FEATURES_OPTION,
    input: {
      value: "FILE",
      help: "a 4D scan, or the scans of one patient, the one that the mask is of first",
      required: true,
      multiple: true,
    },
    mask: { value: "FILE", help: "the mask of one frame", required: true },
    frame: {
      value: "N",
      help: "the time point of a 4D scan that the mask is of, from 0; the first if not given",
    },
    ...outOption(
      "propagate",
      "the folder of the masks; earlier ones of the same name are replaced",
    ),
    ...BACKEND_OPTION,
  },
  examples: [
    [
      "--pretrained runs/pretrain --input cine.nii.gz --mask ed_mask.nii.gz",
      "a heart beat of which the first frame has a mask: one 4D mask",
    ],
    [
      "--pretrained runs/pretrain --input cine.nii.gz --mask es_mask.nii.gz --frame 9",
      "the mask is of the tenth frame",
    ],
    [
      "--pretrained runs/pretrain --input ed.nii.gz --input es.nii.gz --mask ed_mask.nii.gz",
      "from one scan of a patient to another",
    ],
  ],
  goOn: () => "nothing was written, the same command begins anew",
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const source = values.text("pretrained");
    const [inputs, mask] = [values.list("input"), values.text("mask")];
    const read = await readPatientFrames({ inputs, mask, frame: values.count("frame") });
    const pretrained = await openFeatures(source, voice);
    const { checkpoint, config, known } = pretrained;
    expectOneChannel(known, source);
    const frames = prepareFrames(read, { config, order: known?.order });
    warningsOf(read, frames, pretrained).forEach(voice.warn);
    const masks = masksToWrite(read, out);
    const { backend } = await startBackend(values, voice);
    const backbone = pretrainedBackbone(checkpoint, { config, source });
    const classes = read.structures.length + 1;
    const found = await segmentFrames(frames, { backbone, classes, backend, signal, voice });
    found[read.labelled] = read.mask.voxels;
    await makeFolder(out);
    await writeMasks(read, found, masks);
    const titles = read.cine
      ? found.map((_, frame) => `frame ${frame}`)
      : inputs.map((input) => basename(input));
    const labelled = found.map((labels, frame) => ({
      title: titles[frame] + (frame === read.labelled ? " (given)" : ""),
      labels,
    }));
    const volumes = frameVolumes(labelled, read.structures, read.scans[0].spacing);
    return {
      text: volumesTable(volumes),
      json: { masks, frames: volumes, emptied_percent: emptied(volumes) },
      written: {
        folder: out,
        files: Object.fromEntries(
          masks.map(({ image, mask }) => [basename(mask), `of ${image}`]),
        ),
      },
    };
  },
});

/** Makes sure that a pretraining sees one channel. */
function expectOneChannel(known: Pretrained["known"], source: string): void {
  const channels = known?.channels?.length ?? 1;
  if (channels > 1) {
    throw new TypeError(`${source}: expected a pretraining of one channel, found ${channels}`);
  }
}

/** What is odd about the scans and the mask, a line for each thing. */
function warningsOf(
  { scans, mask }: ReadFrames,
  { slices }: PreparedFrames,
  { config, seen }: Pretrained,
): string[] {
  const windowed = config?.data.window !== "percentiles";
  const told = scans.map(({ source, warnings }, frame) => {
    const unlike = seen ? unseenWarnings(slices[frame].facts, seen, { windowed }) : [];
    return { image: source, warnings: [...warnings, ...unlike] };
  });
  return cohortWarnings([...told, { image: mask.source, warnings: mask.warnings }]);
}

/** The masks to write: one of a cine, else one of each scan but the labelled. */
function masksToWrite({ cine, scans, labelled }: ReadFrames, out: string): MaskPath[] {
  const files = cine ? [cine] : scans.filter((_, frame) => frame !== labelled);
  const images = files.map(({ source }) => ({ image: source }));
  return maskPaths(images, { out, frame: "all", probable: false });
}

/** How frames are segmented. */
interface Segmenting {
  /** From slices to pixel features. */
  backbone: Backbone;
  /** The background included. */
  classes: number;
  /** Where it computes. */
  backend: string;
  /** Ends it. */
  signal: AbortSignal;
  /** Shows it. */
  voice: Voice;
}

/** The labels of every frame but the labelled. */
async function segmentFrames(
  frames: PreparedFrames,
  { backbone, classes, backend, signal, voice }: Segmenting,
): Promise<Uint8Array[]> {
  const display = voice.progress();
  const total = frames.slices.length - 1;
  const found: Uint8Array[] = [];
  let done = 0;
  for await (const { frame, labels } of propagateLabels(backbone, frames, { classes })) {
    found[frame] = labels;
    const doing = `segmented ${++done} of ${counted(total, "frame")}`;
    display.update(done / total, { doing, backend });
    signal.throwIfAborted();
  }
  return found;
}

/** Writes the labels of frames as their scans are stored, with the values of the mask. */
async function writeMasks(
  { cine, scans, labelled, structures }: ReadFrames,
  found: readonly Uint8Array[],
  masks: readonly MaskPath[],
): Promise<void> {
  if (cine) {
    return await writeMask(masks[0].mask, labelsToValues(concatBytes(found), { structures }), cine);
  }
  const others = scans.keys().filter((frame) => frame !== labelled).toArray();
  for (const [i, frame] of others.entries()) {
    await writeMask(masks[i].mask, labelsToValues(found[frame], { structures }), scans[frame]);
  }
}

/**
 * The page's worker: reads a model and a scan, and segments, with the modules of the library.
 *
 * @module
 */
import { useBackend } from "../../lib/backends/select.ts";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { takeFrame } from "../../lib/data/frames.ts";
import { decodeVolume, encodeMask } from "../../lib/data/formats/formats.ts";
import { labelsToValues } from "../../lib/data/labels.ts";
import { onGridOf } from "../../lib/data/match_grid.ts";
import type { Volume } from "../../lib/data/volume.ts";
import { maskName } from "../../lib/evaluators/mask_name.ts";
import { segmentScan } from "../../lib/evaluators/predict.ts";
import { decodeModelFile, type ModelFile, networkOf } from "../../lib/export/model_file.ts";
import { channelsOf } from "./channels.ts";
import type { Reply, Request, SegmentedReply } from "./messages.ts";

/** How large a file, and a scan in memory, may be: a browser's tab has little more. */
const MOST_BYTES = 2 ** 31;

/** The percentiles of a scan that are shown black and white. */
const SHOWN = [0.01, 0.99];

let model: ModelFile | undefined;
let files: readonly Volume[] = [];

// One request after the other, in their order.
let last = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Request>) => {
  last = last.then(() => answer(data)).catch((error) => {
    say({
      kind: "error",
      message: oneLine(error),
    });
  });
};

function say(reply: Reply): void {
  self.postMessage(reply);
}

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case "model":
      return await openModel(request.file);
    case "scan":
      return await openScan(request.files);
    case "segment":
      return await segment(request);
  }
}

async function openModel(file: File): Promise<void> {
  const opened = decodeModelFile(await contentOf(file), file.name);
  if (opened.output !== "logits") {
    throw new TypeError(
      `${file.name}: expected a model that segments, found a pretrained one; adapt it with deno ` +
        "task finetune first",
    );
  }
  model = opened;
  const { structures, channels } = model;
  say({ kind: "model", name: file.name, structures, channels });
}

async function openScan(chosen: readonly File[]): Promise<void> {
  const read: Volume[] = [];
  for (const file of chosen) {
    say({ kind: "progress", doing: `reading ${file.name}` });
    const content = await contentOf(file);
    read.push(await decodeVolume(content, file.name, { maxBytes: MOST_BYTES }));
  }
  files = read;
  const { shape, spacing } = files[0];
  const names = files.map(({ source }) => source);
  say({ kind: "scan", names, shape, spacing, warnings: files.flatMap(({ warnings }) => warnings) });
}

async function contentOf(file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) {
    throw new RangeError(
      `${file.name}: expected at most ${MOST_BYTES} bytes, found ${file.size}; use deno task predict`,
    );
  }
  return new Uint8Array(await file.arrayBuffer());
}

async function segment({ backend: choice, frame }: Request & { kind: "segment" }): Promise<void> {
  if (!model || files.length === 0) return;
  const start = performance.now();
  say({ kind: "progress", doing: "starting" });
  const { backend, adapter } = await useBackend(choice);
  const network = networkOf(model);
  try {
    const channels = channelsOf(files, model.channels);
    const scan = channels[0].volume;
    const volumes = channels.map(({ volume }) => onGridOf(volume, scan, "channel"));
    const only = scan.shape.length === 4 ? frame : undefined;
    const mask = await segmentScan(network, volumes, {
      config: model.config,
      order: model.order,
      frame: only,
      onProgress: (share) => say({ kind: "progress", doing: "segmenting", share }),
    });
    const seconds = (performance.now() - start) / 1000;
    const shown = takeFrame(scan, only);
    const fileName = maskName(scan.source, only);
    say({
      kind: "segmented",
      shape: shown.shape,
      spacing: shown.spacing,
      channels: volumes.map((volume, i) => {
        const picture = greyLevels(takeFrame(volume, only));
        return { name: channels[i].name, source: volume.source, picture };
      }),
      mask,
      file: new Blob([
        new Uint8Array(await encodeMask(fileName, labelsToValues(mask, model), scan)),
      ]),
      fileName,
      structures: volumesOf(mask, shown.spacing),
      backend,
      adapter,
      threads: backend === "simd" ? navigator.hardwareConcurrency : 1,
      seconds,
    });
  } finally {
    disposeWeights(network.weights);
  }
}

/** The model's structures with their volumes in a mask. */
function volumesOf(mask: Uint8Array, [x, y, z]: Volume["spacing"]): SegmentedReply["structures"] {
  const voxels = new Uint32Array(256);
  for (const label of mask) voxels[label]++;
  return model!.structures.map((structure) => ({
    ...structure,
    millilitres: voxels[structure.label] * x * y * z / 1000,
  }));
}

/** A scan's intensities as bytes. */
function greyLevels({ voxels }: Volume): Uint8Array {
  const sorted = Float32Array.from(voxels).sort();
  const [low, high] = SHOWN.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const scale = 255 / (high - low || 1);
  // Out of range counts as the nearest.
  const bytes = Uint8ClampedArray.from(voxels, (value) => (value - low) * scale);
  return new Uint8Array(bytes.buffer);
}

/** What went wrong, in a line. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ");
}

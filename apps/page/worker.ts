/// <reference lib="deno.worker" />
/**
 * The page's worker: reads a model and a scan, and segments, with the modules of the library.
 *
 * @module
 */
import { useBackend } from "../../lib/backends/select.ts";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { encodeMask } from "../../lib/data/formats/formats.ts";
import { labelsToValues } from "../../lib/data/masks/labels.ts";
import { onGridOf } from "../../lib/data/volumes/match_grid.ts";
import { orderNotes } from "../../lib/data/datasets/check/scan_notes.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { maskName } from "../../lib/inference/mask_name.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { decodeModelFile, type ModelFile, networkOf } from "../../lib/export/model_file.ts";
import { channelsOf } from "./channels.ts";
import { expectReadableModel } from "./chosen_model.ts";
import { type Chosen, scansOf } from "./chosen_scans.ts";
import type { Reply, Request, SegmentedReply } from "./messages.ts";
import { viewOf } from "./view.ts";

/** How large a file, and a scan in memory, may be: a browser's tab has little more. */
const MOST_BYTES = 2 ** 31;

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
  expectReadableModel(file.name);
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
  files = await scansOf(chosen, { contentOf, maxBytes: MOST_BYTES });
  const { shape, spacing } = files[0];
  const names = files.map(({ source }) => source);
  say({ kind: "scan", names, shape, spacing, warnings: warningsOf(files) });
}

async function contentOf(file: Chosen): Promise<Uint8Array> {
  say({ kind: "progress", doing: `reading ${file.name}` });
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
    const { config, order } = model;
    const channels = channelsOf(files, model.channels);
    const scan = channels[0].volume;
    const volumes = channels.map(({ volume }) => onGridOf(volume, scan, "channel"));
    const only = (scan.shape[3] ?? 1) > 1 ? frame : undefined;
    const mask = await segmentScan(network, volumes, {
      config,
      order,
      frame: only,
      onProgress: (share) => say({ kind: "progress", doing: "segmenting", share }),
    });
    const seconds = (performance.now() - start) / 1000;
    const fileName = maskName(scan.source, only);
    const file = await encodeMask(fileName, labelsToValues(mask, model), scan);
    const named = channels.map(({ name, volume: { source } }) => ({ name, source }));
    say({
      kind: "segmented",
      ...viewOf(volumes, mask, { order, frame: only }),
      channels: named,
      warnings: [...warningsOf(volumes), ...order ? orderNotes(scan, order) : []],
      file: new Blob([new Uint8Array(file)], { type: "application/octet-stream" }),
      fileName,
      structures: volumesOf(mask, scan.spacing),
      backend,
      adapter,
      seconds,
      threads: backend === "simd" ? navigator.hardwareConcurrency : 1,
    });
  } finally {
    disposeWeights(network.weights);
  }
}

/** What is odd about some volumes, each thing once. */
function warningsOf(volumes: readonly Volume[]): string[] {
  return [...new Set(volumes.flatMap(({ warnings }) => warnings))];
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

/** What went wrong, in a line. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ");
}

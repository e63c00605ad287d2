/** `deno task pictures`: what a pretrained backbone makes of slices. */
import { join } from "node:path";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { loadCohort } from "../lib/data/slices/cohort.ts";
import { protocolWarnings } from "../lib/data/slices/midl2024.ts";
import type { SliceGrid } from "../lib/data/slices/preprocess.ts";
import { middleSlices, type SliceStack, takeSlices } from "../lib/data/slices/slices.ts";
import { makeFolder, writeFileAtomically } from "../lib/io/write_file.ts";
import {
  componentsPicture,
  similarityPicture,
  viewPictures,
} from "../lib/reports/pictures/feature_pictures.ts";
import { pretrainedBackbone } from "../lib/training/weights/pretrained_backbone.ts";
import { outOf } from "./support/command/access.ts";
import {
  commaSeparated,
  main,
  UsageError,
  type Values,
  wholeNumber,
} from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  datasetOf,
  outOption,
  SEED_OPTION,
  splitOf,
  startBackend,
} from "./support/command/options.ts";
import { FEATURES_OPTION, openFeatures } from "./support/models/pretrained.ts";

/** Patients with a column in the pictures; views are of the first three. */
const PATIENTS = 6;
const WITH_VIEWS = 3;

/** What is written. */
const FILES = {
  "views.png": "slices in the views that pretraining sees",
  "equivariance.png": "features of a warped slice, and a slice's warped features",
  "components.png": "principal components of the features, as colours",
  "similarity.png": "each pixel's similarity to the chosen one",
};

await main({
  name: "pictures",
  summary:
    "Draws the middle slices of test patients as a pretrained backbone sees them: their views, " +
    "its features warped like a view, their principal components, their similarity to a pixel's.",
  options: {
    ...DATA_OPTIONS,
    ...FEATURES_OPTION,
    pixel: { value: "X,Y", help: "column and row of the pixel to compare with, or the centre" },
    ...SEED_OPTION,
    ...outOption("pictures", "where to write; RUN/pictures if not given"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--pretrained runs/pretrain", "of the phantom cohort"],
    ["--data ../acdc --pretrained runs/acdc --pixel 30,28", "similarity to a pixel that you chose"],
  ],
  run: async (values, signal, voice) => {
    const source = values.text("pretrained");
    const out = outOf("pictures", values.list)!;
    const { config, checkpoint, known, folder } = await openFeatures(source, voice);
    protocolWarnings(config.data.protocol).forEach(voice.warn);
    const pixel = pixelOf(values, config.grid.size);
    await startBackend(values, voice);
    const dataset = await datasetOf(values, { config, info: known });
    const { test, pool } = await splitOf(folder && join(folder, "split.json"), dataset, {});
    const shown = evenly(test.length > 0 ? test : pool, PATIENTS);
    const slices = await slicesOf(dataset, shown, { grid: config.grid, signal });
    const viewed = Array.from({ length: Math.min(WITH_VIEWS, slices.count) }, (_, slice) => slice);
    const backbone = pretrainedBackbone(checkpoint, { config, source });
    const { views, equivariance } = await viewPictures(backbone, takeSlices(slices, viewed), {
      views: config.views,
      seed: values.count("seed")!,
    });
    const pictures = {
      views,
      equivariance,
      components: await componentsPicture(backbone, slices),
      similarity: await similarityPicture(backbone, slices, pixel),
    };
    await makeFolder(out);
    for (const [name, png] of Object.entries(pictures)) {
      await writeFileAtomically(join(out, `${name}.png`), png);
    }
    return {
      json: Object.keys(FILES).map((name) => join(out, name)),
      written: { folder: out, files: FILES },
    };
  },
});

/** The middle slice of each patient's first scan. */
async function slicesOf(
  dataset: Dataset,
  patients: readonly string[],
  { grid, signal }: { grid: SliceGrid; signal: AbortSignal },
): Promise<SliceStack> {
  const onScan = () => signal.throwIfAborted();
  const scans = await loadCohort(dataset, patients, { grid, labelled: false, onScan });
  const firstScans = new Map(scans.toReversed().map(({ patient, slices }) => [patient, slices]));
  return middleSlices([...firstScans.values()].reverse());
}

/** The pixel that was asked for, or the centre. */
function pixelOf(values: Values, size: number): readonly [column: number, row: number] {
  const text = values.optional("pixel");
  if (text === undefined) return [size >> 1, size >> 1];
  const [column, row, ...more] = commaSeparated(text, (part) => wholeNumber(part, "pixel"));
  if (row === undefined || more.length || column >= size || row >= size) {
    throw new UsageError(
      `--pixel: expected X,Y from 0,0 to ${size - 1},${size - 1}, found ${text}`,
    );
  }
  return [column, row];
}

/** So many of some items, or all, as evenly as they come. */
function evenly<T>(items: readonly T[], count: number): T[] {
  const { length } = items;
  return items.slice(0, count).map((_, i) => items[Math.floor(i * Math.max(1, length / count))]);
}

/**
 * Propagation from end diastole to end systole of each patient, as `propagate` does it, in Dice and in
 * ejection fraction: of a split's test patients, or of `--patients ID,ID`. Prints a table.
 *
 *     deno run -A bench/propagation.ts --data ../acdc --pretrained runs/acdc \
 *       --split data/manifests/acdc-80-20.json
 *
 * @module
 */
import { parseArgs } from "node:util";
import { disposeWeights } from "../lib/backbones/weights.ts";
import { useBackend } from "../lib/backends/select.ts";
import type { Dataset, Patient } from "../lib/data/datasets/dataset.ts";
import { openDataset } from "../lib/data/datasets/open_dataset.ts";
import { readScan } from "../lib/data/datasets/read_scan.ts";
import { readSplit } from "../lib/data/datasets/splits.ts";
import { prepareFrames, propagateLabels } from "../lib/inference/propagate.ts";
import { mean, standardDeviation } from "../lib/math/descriptive.ts";
import { openRun, type Run } from "../lib/runs/run_folder.ts";
import { pretrainedBackbone } from "../lib/training/weights/pretrained_backbone.ts";

/** How ES gets a mask: that of ED as it is, or propagated. */
const WAYS = ["copied", "propagated"] as const;

type Way = typeof WAYS[number];

/** What came of a patient. */
interface Measured {
  id: string;
  /** Dice of each structure. */
  dice: Record<Way, number[]>;
  /** Predicted less true ejection fraction of the left ventricle, in percentage points. */
  error: Record<Way, number>;
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    pretrained: { type: "string" },
    split: { type: "string" },
    patients: { type: "string" },
  },
});
const { backend } = await useBackend("simd");
const run = await openRun(values.pretrained!);
const dataset = { ...await openDataset(values.data!), order: run.info.order };
const names = dataset.structures.map(({ name }) => name);
const ids = values.patients?.split(",") ?? (await readSplit(values.split!, dataset)).test;
const began = performance.now();
const all: Measured[] = [];
for (const patient of dataset.patients.filter(({ id }) => ids.includes(id))) {
  all.push(await measure(patient, dataset, run));
  const { id, dice } = all.at(-1)!;
  console.log(id, ...WAYS.map((way) => `${way} ${mean(dice[way]).toFixed(3)}`));
}
console.log(`${backend}, ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(["", ...names, "mean", "bias", "limits of agreement"].join(" | "));
WAYS.forEach((way) => console.log(rowOf(way, all)));

/** Compares the masks of ES, by each way, with the reference. */
async function measure(
  { id, scans: stored }: Patient,
  dataset: Dataset,
  { config, checkpoint }: Run,
): Promise<Measured> {
  const read = (phase: string) => readScan(stored.find((scan) => scan.phase === phase)!, dataset);
  const [given, other] = [await read("ED"), await read("ES")];
  const scans = [given.channels[0], other.channels[0]];
  const frames = prepareFrames({ scans, labelled: 0, mask: given.mask! }, { config });
  const classes = dataset.structures.length + 1;
  const backbone = pretrainedBackbone(checkpoint, { config });
  const [{ labels }] = await Array.fromAsync(propagateLabels(backbone, frames, { classes }));
  disposeWeights(backbone.weights);
  const masks: Record<Way, Uint8Array> = { copied: given.mask!.voxels, propagated: labels };
  const truth = other.mask!.voxels;
  const { label: cavity } = dataset.structures.find(({ name }) => name === "LV")!;
  const end = count(given.mask!.voxels, cavity);
  return {
    id,
    dice: eachWay((way) => dataset.structures.map(({ label }) => dice(masks[way], truth, label))),
    error: eachWay((way) => 100 * (count(truth, cavity) - count(masks[way], cavity)) / end),
  };
}

function eachWay<T>(of: (way: Way) => T): Record<Way, T> {
  return Object.fromEntries(WAYS.map((way) => [way, of(way)])) as Record<Way, T>;
}

function count(labels: Uint8Array, label: number): number {
  let voxels = 0;
  for (const one of labels) if (one === label) voxels++;
  return voxels;
}

/** 2|A ∩ B| / (|A| + |B|) of one label; 1 where neither has it. */
function dice(a: Uint8Array, b: Uint8Array, label: number): number {
  let both = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === label && b[i] === label) both++;
  const total = count(a, label) + count(b, label);
  return total ? 2 * both / total : 1;
}

/** Means of Dice; bias and limits of agreement, 1.96 standard deviations about it (Bland & Altman, 1986). */
function rowOf(way: Way, all: readonly Measured[]): string {
  const each = names.map((_, at) => mean(all.map(({ dice }) => dice[way][at])));
  const errors = all.map(({ error }) => error[way]);
  const [bias, spread] = [mean(errors), 1.96 * standardDeviation(errors)];
  return [
    way,
    ...[...each, mean(each)].map((value) => value.toFixed(3)),
    bias.toFixed(1),
    `${(bias - spread).toFixed(1)} to ${(bias + spread).toFixed(1)}`,
  ].join(" | ");
}

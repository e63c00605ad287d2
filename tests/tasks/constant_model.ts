/** Models that say the same of every pixel. */
import { disposeWeights } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { type Split, splitPatients } from "../../lib/data/datasets/splits.ts";
import type { SeenScans } from "../../lib/data/slices/seen_scans.ts";
import { keepCheckpoint } from "../../lib/runs/kept_checkpoints.ts";
import { recordRun } from "../../lib/runs/record_run.ts";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";

/** A model to write. */
export interface ConstantModel {
  /** Its configuration. */
  config: Config;
  /** The logit of each class, the background first. */
  logits: readonly number[];
  /** Whom it was trained on; drawn if not given. */
  split?: Split;
  /** What the scans were like that it was trained on; not told if not given. */
  seen?: SeenScans;
}

/** Writes the run of a model that gives every pixel the same logits. */
export async function writeConstantModel(
  dir: string,
  dataset: Dataset,
  { config, logits, split = splitPatients(dataset, { sizes: [1] }), seen }: ConstantModel,
): Promise<void> {
  const { structures } = dataset;
  const network = segmentationNetwork(config, structures.length + 1);
  const tensors = await exportWeights(network.weights);
  disposeWeights(network.weights);
  tensors["head.0.weight"].values.fill(0);
  tensors["head.0.bias"].values.set(logits);
  const recording = {
    ...{ dataset, config, split },
    description: { kind: "scratch", structures, steps: 1, seen },
    environment: { backend: "simd", deno: "2.9.6" },
  };
  await recordRun(dir, recording, async (onSteps) => {
    await onSteps([{ step: 1, loss: 1, learning_rate: 1 }], 1);
    await keepCheckpoint(dir, { tensors, metadata: { finished: "yes" } });
  });
}

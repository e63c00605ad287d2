/** A network and slices small enough to train in a test. */
import * as tf from "@tensorflow/tfjs";
import { projectionHead } from "../../lib/backbones/heads.ts";
import { sequence } from "../../lib/backbones/sequence.ts";
import { unet } from "../../lib/backbones/unet.ts";
import type { Network } from "../../lib/backbones/weights.ts";
import { availableBackends, useBackend } from "../../lib/backends/select.ts";
import { registerSimdBackend } from "../../lib/backends/simd/mod.ts";
import type {
  Config,
  FieldOfView,
  ImageLoss,
  PixelLoss,
  ViewSettings,
} from "../../lib/config/config.ts";
import { DATA_SETTINGS } from "../../lib/config/data_settings.ts";
import { PUBLISHED_VIEWS, SUPERVISED_VIEWS, WEAK_TO_STRONG } from "../../lib/config/presets.ts";
import type { SliceStack } from "../../lib/data/slices/slices.ts";
import { random } from "../../lib/math/random.ts";

/** A U-Net of two levels for slices of 16 × 16; no preset, so that those can be tuned. */
export const TINY: Config = {
  preset: "tiny",
  seed: 0,
  data: DATA_SETTINGS,
  grid: { size: 16, spacing: 10, axis: "auto" },
  backbone: { name: "unet", widths: [4, 8], features: 8 },
  projection: { depth: 2, width: 8 },
  views: PUBLISHED_VIEWS,
  loss: { name: "info-nce", temperature: 0.1, pixels: 64, fieldOfView: "mask" },
  pretraining: {
    epochs: 12,
    batch: 2,
    optimiser: "adam",
    learningRate: 1e-3,
    weightDecay: 0,
    schedule: "constant",
    warmup: 0.05,
    patches: { perSlice: 0, scale: [0.33, 0.75] },
    cineFrames: 0,
    qualityEvery: 0,
  },
  adaptation: {
    iterations: 60,
    batch: 4,
    loss: "dice-ce",
    schedule: "cosine",
    scratch: { learningRate: 1e-2 },
    probe: { learningRate: 0.1, iterations: 60 },
    finetune: { backboneLearningRate: 1e-2, headLearningRate: 2e-2 },
    meanTeacher: { decay: 0.99, weight: 0.1, noise: 0.1, warmup: 0.1, batch: 4 },
    weakToStrong: { ...WEAK_TO_STRONG, batch: 4, threshold: 0.4, warmup: 0 },
    inContext: { neighbours: 5, pixelsPerSlice: 256 },
    views: SUPERVISED_VIEWS,
  },
  inference: {
    window: "centre",
    overlap: 0.5,
    largestComponent: false,
    fillHoles: false,
    mirror: false,
  },
};

/** The losses over pixels, by what distinguishes them. */
export const PIXEL_LOSSES: Record<string, (fieldOfView: FieldOfView) => PixelLoss> = {
  "info-nce": (fieldOfView) => ({ name: "info-nce", temperature: 0.1, pixels: 64, fieldOfView }),
  "barlow-twins of a sample": (fieldOfView) => ({
    name: "barlow-twins",
    lambda: 0.02,
    pixels: 64,
    fieldOfView,
  }),
  "barlow-twins of all pixels": (fieldOfView) => ({
    name: "barlow-twins",
    lambda: 0.02,
    pixels: "all",
    fieldOfView,
  }),
};

/** The losses over whole slices. */
export const IMAGE_LOSSES: readonly ImageLoss[] = [
  { name: "simclr", temperature: 0.2 },
  { name: "bt-unet", lambda: 0.02 },
];

/** Views that leave slices as they are. */
export const PLAIN_VIEWS: ViewSettings = {
  intensity: {
    noise: { probability: 0, std: [0, 0] },
    blur: { probability: 0, std: [0, 0] },
    gamma: { probability: 0, logGamma: [0, 0] },
    biasField: { probability: 0, coefficient: [0, 0] },
    inversion: { probability: 0 },
    rescale: { probability: 0 },
  },
  spatial: { rotation: [0, 0], scale: [1, 1], flip: false, elastic: [] },
};

/** The network that is pretrained. */
export function tinyNetwork({ backbone, projection, seed }: Config = TINY): Network {
  return sequence({
    backbone: unet({ ...backbone, seed }),
    projection: projectionHead({ ...projection, from: backbone.features, seed }),
  });
}

/** Noisy slices with a bright disc (label 1) in a grey ring (label 2). */
export function tinySlices(count: number, size = 16): SliceStack & { labels: Uint8Array } {
  const source = random("tiny slices");
  const images = new Float32Array(count * size * size);
  const labels = new Uint8Array(images.length);
  for (let slice = 0, at = 0; slice < count; slice++) {
    const [x0, y0] = [source.uniform(6, 10), source.uniform(6, 10)];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++, at++) {
        const radius = Math.hypot(x - x0, y - y0);
        labels[at] = radius < 2.5 ? 1 : radius < 5 ? 2 : 0;
        images[at] = [0.1, 0.9, 0.5][labels[at]] + source.uniform(-0.05, 0.05);
      }
    }
  }
  return { count, size, channels: 1, images, labels };
}

/** The same slices without their labels. */
export function unlabelled({ labels: _, ...slices }: SliceStack): SliceStack {
  return slices;
}

const [cpuBackend] = await availableBackends();
// Tests run side by side: threads of tiny kernels would wait for each other's cores.
if (cpuBackend === "simd") registerSimdBackend({ threads: 1 });

/** A test body on the CPU's backend: for what no other backend does differently. */
export function onCpu(body: () => void | Promise<void>): () => Promise<void> {
  return async () => {
    await useBackend(cpuBackend);
    await body();
  };
}

/** The same, which must leave as many tensors as it found. */
export function withoutLeak(body: () => Promise<void>): () => Promise<void> {
  return async () => {
    const before = tf.memory().numTensors;
    await body();
    const left = tf.memory().numTensors - before;
    if (left !== 0) throw new Error(`${left} tensors were left`);
  };
}

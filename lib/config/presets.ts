/**
 * Named configurations: those of the published sizes, and small ones for two CPU cores. docs/method.md
 * tells what of them is published and what is our own.
 *
 * @module
 */
import type {
  BarlowTwinsLoss,
  BtUnetLoss,
  Config,
  InfoNceLoss,
  PretrainingSettings,
  SimClrLoss,
  ViewSettings,
  WeakToStrongSettings,
} from "./config.ts";
import { DATA_SETTINGS } from "./data_settings.ts";

/** The views of the published pretraining (Seince et al., MIDL 2024, arXiv 2407.20395). */
export const PUBLISHED_VIEWS: ViewSettings = {
  intensity: {
    noise: { probability: 0.3, std: [0, 0.5] },
    blur: { probability: 0.5, std: [0, 1.3] },
    gamma: { probability: 0.9, logGamma: [-0.05, 0.05] },
    biasField: { probability: 0.75, coefficient: [-0.9, 0.9] },
    inversion: { probability: 0.35 },
    rescale: { probability: 0 },
  },
  spatial: { rotation: [-Math.PI / 2, Math.PI / 2], scale: [0.33, 0.95], flip: true, elastic: [] },
};

/**
 * Views for pretraining of minutes to hours, milder than the published ones: few steps do not
 * suffice to learn equivariance to any rotation, flip and three-fold zoom.
 */
export const SHORT_VIEWS: ViewSettings = {
  intensity: {
    noise: { probability: 0.3, std: [0, 0.1] },
    blur: { probability: 0.5, std: [0, 1] },
    gamma: { probability: 0.9, logGamma: [-0.4, 0.4] },
    biasField: { probability: 0.75, coefficient: [-0.4, 0.4] },
    inversion: { probability: 0 },
    rescale: { probability: 0 },
  },
  spatial: { rotation: [-0.6, 0.6], scale: [0.6, 1], flip: false, elastic: [] },
};

/**
 * Mild views for training with labels, where a view should still look like a slice that the
 * scanner could have made.
 */
export const SUPERVISED_VIEWS: ViewSettings = {
  intensity: {
    noise: { probability: 0.3, std: [0, 0.05] },
    blur: { probability: 0.3, std: [0, 0.8] },
    gamma: { probability: 0.5, logGamma: [-0.3, 0.3] },
    biasField: { probability: 0.5, coefficient: [-0.2, 0.2] },
    inversion: { probability: 0 },
    rescale: { probability: 0 },
  },
  spatial: { rotation: [-Math.PI / 6, Math.PI / 6], scale: [0.75, 1], flip: false, elastic: [] },
};

/** Weak-to-strong consistency; its intensities are stronger than those of all other views. */
export const WEAK_TO_STRONG: WeakToStrongSettings = {
  decay: 0.98,
  weight: 1,
  warmup: 0.3,
  threshold: 0.8,
  batch: 12,
  cutMix: 0.5,
  intensity: {
    noise: { probability: 0.5, std: [0, 0.15] },
    blur: { probability: 0.5, std: [0, 1.2] },
    gamma: { probability: 0.8, logGamma: [-0.6, 0.6] },
    biasField: { probability: 0.8, coefficient: [-0.5, 0.5] },
    inversion: { probability: 0 },
    rescale: { probability: 0 },
  },
};

/** The views of Pix2Rep v2 (arXiv 2609.01427): elastic, and rescaled; sizes are of 128 pixels. */
const v2Views = (views: ViewSettings): ViewSettings => ({
  intensity: { ...views.intensity, rescale: { probability: 1 } },
  spatial: {
    ...views.spatial,
    elastic: [{ points: 5, displacement: 8 / 128 }, { points: 9, displacement: 2.5 / 128 }],
  },
});

/** Its patches. */
const v2Patches: PretrainingSettings["patches"] = { perSlice: 1, scale: [0.33, 0.75] };

const infoNce: InfoNceLoss = {
  name: "info-nce",
  temperature: 0.53,
  pixels: 1000,
  fieldOfView: "mask",
};

const barlowTwins: BarlowTwinsLoss = {
  name: "barlow-twins",
  lambda: 5e-3,
  pixels: "all",
  fieldOfView: "mask",
};

/** Temperature as in Chen et al., SimCLR, ICML 2020. */
const simClr: SimClrLoss = { name: "simclr", temperature: 0.5 };

/** λ as in Zbontar et al., Barlow Twins, ICML 2021. */
const btUnet: BtUnetLoss = { name: "bt-unet", lambda: 5e-3 };

const published: Config = {
  preset: "pix2rep",
  seed: 0,
  data: DATA_SETTINGS,
  grid: { size: 128, spacing: 1.5, axis: "auto" },
  backbone: { name: "unet", widths: [64, 128, 256, 512, 1024, 2048], features: 1024 },
  projection: { depth: 2, width: 256 },
  views: PUBLISHED_VIEWS,
  loss: infoNce,
  pretraining: {
    epochs: 200,
    batch: 8,
    optimiser: "adam",
    learningRate: 4.7e-4,
    weightDecay: 0,
    schedule: "constant",
    warmup: 0,
    patches: { perSlice: 0, scale: [0.33, 0.75] },
    cineFrames: 0,
    qualityEvery: 0,
  },
  adaptation: {
    iterations: 1000,
    batch: 16,
    loss: "dice",
    schedule: "constant",
    scratch: { learningRate: 1e-4 },
    probe: { learningRate: 7.6e-3, iterations: 1000 },
    finetune: { backboneLearningRate: 5e-5, headLearningRate: 1e-2 },
    meanTeacher: { decay: 0.99, weight: 0.1, noise: 0.1, warmup: 0.1, batch: 16 },
    weakToStrong: WEAK_TO_STRONG,
    inContext: { neighbours: 15, pixelsPerSlice: 1000 },
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

const small: Config = {
  ...published,
  preset: "pix2rep-small",
  grid: { size: 64, spacing: 2.5, axis: "auto" },
  backbone: { name: "unet", widths: [16, 32, 64, 128], features: 64 },
  projection: { depth: 2, width: 64 },
  views: SHORT_VIEWS,
  loss: { ...infoNce, temperature: 0.1 },
  pretraining: {
    ...published.pretraining,
    epochs: 12,
    batch: 16,
    learningRate: 1e-3,
    schedule: "cosine",
    warmup: 0.05,
    qualityEvery: 200,
  },
  adaptation: {
    ...published.adaptation,
    iterations: 200,
    batch: 8,
    loss: "dice-ce",
    schedule: "cosine",
    scratch: { learningRate: 3e-3 },
    probe: { learningRate: 5e-2, iterations: 600 },
    finetune: { backboneLearningRate: 5e-4, headLearningRate: 1e-2 },
    // A teacher of 0.99 is the mean of about 100 steps: too many of so few.
    meanTeacher: { ...published.adaptation.meanTeacher, decay: 0.9, batch: 8 },
  },
};

const demo: Config = {
  ...small,
  preset: "pix2rep-demo",
  grid: { size: 48, spacing: 3.2, axis: "auto" },
  backbone: { name: "unet", widths: [16, 32, 64, 96], features: 32 },
  loss: { ...infoNce, temperature: 0.1, pixels: 500 },
  pretraining: {
    ...small.pretraining,
    epochs: 6,
    batch: 4,
    learningRate: 2e-3,
    qualityEvery: 100,
  },
  adaptation: {
    ...small.adaptation,
    iterations: 120,
    batch: 6,
    finetune: { backboneLearningRate: 5e-4, headLearningRate: 1e-2 },
  },
};

const barlowTwinsSmall: Config = {
  ...small,
  preset: "pix2rep-bt-small",
  loss: { ...barlowTwins, lambda: 0.02, pixels: 20000 },
  projection: { depth: 2, width: 128 },
};

/**
 * Views, patches and optimiser of Pix2Rep v2, with the weight decay that AdamW has in PyTorch. Not as
 * published: batch (there 48), loss of adaptation (there with cross-entropy), rescaling, resampling and
 * spacing.
 */
const v2: Config = {
  ...published,
  preset: "pix2rep-v2",
  loss: barlowTwins,
  views: v2Views(PUBLISHED_VIEWS),
  pretraining: {
    ...published.pretraining,
    optimiser: "adamw",
    learningRate: 5e-4,
    weightDecay: 1e-2,
    schedule: "cosine",
    warmup: 0.05,
    patches: v2Patches,
  },
};

/** What a plan for a dataset starts from, see `lib/plan`: what it does not choose is as here. */
const auto: Config = {
  ...barlowTwinsSmall,
  preset: "auto",
  adaptation: { ...barlowTwinsSmall.adaptation, iterations: 400 },
};

/** Configurations by name. */
export const PRESETS: Readonly<Record<string, Config>> = {
  "pix2rep": published,
  "pix2rep-bt": { ...published, preset: "pix2rep-bt", loss: barlowTwins },
  "pix2rep-v2": v2,
  "pix2rep-small": small,
  "pix2rep-bt-small": barlowTwinsSmall,
  "pix2rep-v2-small": {
    ...barlowTwinsSmall,
    preset: "pix2rep-v2-small",
    views: v2Views(SHORT_VIEWS),
    pretraining: { ...barlowTwinsSmall.pretraining, patches: v2Patches },
  },
  "pix2rep-demo": demo,
  "simclr": { ...published, preset: "simclr", loss: simClr },
  "bt-unet": { ...published, preset: "bt-unet", loss: btUnet },
  "simclr-small": { ...small, preset: "simclr-small", loss: simClr },
  "bt-unet-small": { ...small, preset: "bt-unet-small", loss: btUnet },
  "auto": auto,
};

/**
 * The configuration of a run: everything that decides its result, as plain data.
 *
 * @module
 */
import * as v from "valibot";
import { excerpt } from "../data/printable.ts";
import { backboneDivisor, BACKBONES, type BackboneSettings, checkWidths } from "./backbone.ts";

/** Lower and upper bound of a uniform distribution. */
export type Interval = readonly [low: number, high: number];

/** How strong each intensity transform is, and the probability of applying it to a slice. */
export interface IntensitySettings {
  /** Gaussian noise; `std` in units of intensity. */
  noise: { probability: number; std: Interval };
  /** Gaussian blur; `std` in pixels. */
  blur: { probability: number; std: Interval };
  /** Gamma: the exponent is exp(`logGamma`). */
  gamma: { probability: number; logGamma: Interval };
  /** Bias field; `coefficient` of each term of the polynomial. */
  biasField: { probability: number; coefficient: Interval };
  /** Inversion, 1 − x. */
  inversion: { probability: number };
  /** Rescaling of the slice's own minimum and maximum to 0 and 1, after all others. */
  rescale: { probability: number };
}

/** A lattice of random displacements between which a B-spline interpolates. */
export interface ElasticLattice {
  /** Control points along each side, 4 or more; those on the border do not move. */
  points: number;
  /** Largest displacement along each axis as a fraction of the slice's side. */
  displacement: number;
}

/** The distribution of the spatial transforms. */
export interface SpatialSettings {
  /** Rotation in radians. */
  rotation: Interval;
  /** Side of the crop as a fraction of the slice's side, in (0, 1]. */
  scale: Interval;
  /** Whether to flip: not at all, left-right or up-down, each with probability 1/3. */
  flip: boolean;
  /** Elastic deformation after the affine transform, a sum over lattices; none for none. */
  elastic: readonly ElasticLattice[];
}

/** The distribution of views. */
export interface ViewSettings {
  /** Intensity transforms. */
  intensity: IntensitySettings;
  /** Spatial transforms. */
  spatial: SpatialSettings;
}

/** What becomes of pixels whose source lies outside the slice: left out, or kept as zeros. */
export type FieldOfView = "mask" | "zero-pad";

/** InfoNCE over sampled pixels: the loss of `pix2rep`. */
export interface InfoNceLoss {
  /** Selects this loss. */
  name: "info-nce";
  /** Temperature of the soft-max, above 0. */
  temperature: number;
  /** Pixels drawn over the whole batch. */
  pixels: number;
  /** What becomes of pixels outside the field of view. */
  fieldOfView: FieldOfView;
}

/** Barlow Twins over pixels: the loss of `pix2rep-bt`. */
export interface BarlowTwinsLoss {
  /** Selects this loss. */
  name: "barlow-twins";
  /** Weight of the redundancy term, above 0. */
  lambda: number;
  /** Pixels drawn over the whole batch, or all of them. */
  pixels: number | "all";
  /** What becomes of pixels outside the field of view. */
  fieldOfView: FieldOfView;
}

/** A loss over pixels: it trains the whole backbone. */
export type PixelLoss = InfoNceLoss | BarlowTwinsLoss;

/** NT-Xent over whole slices (Chen et al., SimCLR, ICML 2020), a comparator. */
export interface SimClrLoss {
  /** Selects this loss. */
  name: "simclr";
  /** Temperature of the soft-max, above 0. */
  temperature: number;
}

/** Barlow Twins over whole slices (Punn & Agarwal, BT-UNet, 2022), a comparator. */
export interface BtUnetLoss {
  /** Selects this loss. */
  name: "bt-unet";
  /** Weight of the redundancy term, above 0. */
  lambda: number;
}

/**
 * A loss over whole slices: it trains the encoder alone. The decoder keeps its random initial
 * weights.
 */
export type ImageLoss = SimClrLoss | BtUnetLoss;

/** What pretraining minimises. */
export type PretrainingLoss = PixelLoss | ImageLoss;

/** How pretraining runs. */
export interface PretrainingSettings {
  /** Passes over the slices. */
  epochs: number;
  /** Slices per step. */
  batch: number;
  /** Adam, or AdamW with decoupled weight decay. */
  optimiser: "adam" | "adamw";
  /** Base learning rate. */
  learningRate: number;
  /** AdamW's weight decay; Adam ignores it. */
  weightDecay: number;
  /** How the rate changes over the run. */
  schedule: "constant" | "cosine";
  /** Share of the steps over which a cosine schedule first rises, 0 to 1. */
  warmup: number;
  /** Random square patches of each slice that train beside it, enlarged to the slice's size. */
  patches: { perSlice: number; scale: Interval };
  /** Frames taken evenly from each cine beside the scans; 0 for the scans alone. */
  cineFrames: number;
  /** Steps between two measurements of the representation; 0 for none. */
  qualityEvery: number;
}

/** How the model is adapted to labelled patients. */
export interface AdaptationSettings {
  /** Steps of every strategy that trains the backbone. */
  iterations: number;
  /** Slices per step. */
  batch: number;
  /** Soft Dice alone, or with cross-entropy. */
  loss: "dice" | "dice-ce";
  /** How the rates change over the run; a cosine without warm-up. */
  schedule: "constant" | "cosine";
  /** Learning rate of a U-Net from random weights. */
  scratch: { learningRate: number };
  /** Learning rate and steps of a linear head on the frozen backbone's standardised features. */
  probe: { learningRate: number; iterations: number };
  /** Learning rates of the pretrained backbone and of its new head. */
  finetune: { backboneLearningRate: number; headLearningRate: number };
  /** Fine-tuning with a teacher, the student's running mean, on unlabelled slices. */
  meanTeacher: MeanTeacherSettings;
  /** Nearest labelled pixels, without training. */
  inContext: { neighbours: number; pixelsPerSlice: number };
  /** Views of the labelled slices. */
  views: ViewSettings;
}

/** Mean Teacher (Tarvainen & Valpola, NeurIPS 2017) in the settings of Pix2Rep. */
export interface MeanTeacherSettings {
  /** Greatest share of the old teacher in the new one, in [0, 1): α = min(1 − 1/(step + 1), decay). */
  decay: number;
  /** Greatest weight of the consistency loss. */
  weight: number;
  /** Standard deviation of the noise in the teacher's input, which is cut at twice that. */
  noise: number;
  /** Share of the steps before consistency counts, 0 to 1. */
  warmup: number;
  /** Unlabelled slices per step. */
  batch: number;
}

/** How a trained model segments a volume. */
export interface InferenceSettings {
  /** What the network sees of a slice larger than the grid: its centre, or windows over all of it. */
  window: "centre" | "sliding";
  /** Share of a sliding window that the next one sees again, in [0, 1). */
  overlap: number;
  /** Whether only the largest connected part of each structure is kept. */
  largestComponent: boolean;
}

/** Everything that decides a run's result, besides the data and the backend. */
export interface Config {
  /** The preset that the configuration started from. */
  preset: string;
  /** Seed of everything random. */
  seed: number;
  /** The grid of the slices: pixels per side, and mm between pixel centres. */
  grid: { size: number; spacing: number };
  /** The encoder–decoder: which, its channels per level, and the features of a pixel. */
  backbone: BackboneSettings;
  /** Projection head: number of 1×1 convolutions, 0 to 3, and their channels. */
  projection: { depth: number; width: number };
  /** Views of the unlabelled slices. */
  views: ViewSettings;
  /** The loss of pretraining. */
  loss: PretrainingLoss;
  /** How pretraining runs. */
  pretraining: PretrainingSettings;
  /** How the model is adapted. */
  adaptation: AdaptationSettings;
  /** How a volume is segmented. */
  inference: InferenceSettings;
}

/** The largest sum of the squared widths: three times the published one. */
const MOST_WEIGHTS = 2 ** 24;

// JSON has no infinity, but 1e999 becomes one.
const real = v.pipe(v.number(), v.finite());
const whole = v.pipe(v.number(), v.safeInteger());
const count = v.pipe(whole, v.minValue(1));
/** A count that memory is taken for. */
const size = v.pipe(count, v.maxValue(8192));
const positive = v.pipe(real, v.gtValue(0));
const share = v.pipe(real, v.minValue(0), v.maxValue(1));
const range = v.pipe(
  v.tuple([real, real]),
  v.check(([low, high]) => low <= high, "expected [low, high] with low ≤ high"),
);
const scale = v.pipe(
  range,
  v.check(([low, high]) => low > 0 && high <= 1, "expected a range within (0, 1]"),
);
const belowOne = v.pipe(real, v.minValue(0), v.ltValue(1));
const countOrNone = v.pipe(whole, v.minValue(0));
const nonNegative = v.pipe(real, v.minValue(0));
const fieldOfView = v.picklist(["mask", "zero-pad"]);
const schedule = v.picklist(["constant", "cosine"]);

const views = v.strictObject({
  intensity: v.strictObject({
    noise: v.strictObject({ probability: share, std: range }),
    blur: v.strictObject({ probability: share, std: range }),
    gamma: v.strictObject({ probability: share, logGamma: range }),
    biasField: v.strictObject({ probability: share, coefficient: range }),
    inversion: v.strictObject({ probability: share }),
    rescale: v.strictObject({ probability: share }),
  }),
  spatial: v.strictObject({
    rotation: range,
    scale,
    flip: v.boolean(),
    elastic: v.array(v.strictObject({
      points: v.pipe(whole, v.minValue(4), v.maxValue(256)),
      displacement: share,
    })),
  }),
});

const schema: v.GenericSchema<Config> = v.strictObject({
  preset: v.pipe(v.string(), v.regex(/^[a-z0-9][\w.-]{0,99}$/i)),
  seed: countOrNone,
  grid: v.strictObject({ size, spacing: positive }),
  backbone: v.strictObject({
    name: v.picklist(BACKBONES),
    widths: v.pipe(v.array(size), v.minLength(2), v.maxLength(12)),
    features: size,
  }),
  projection: v.strictObject({
    depth: v.pipe(whole, v.minValue(0), v.maxValue(3)),
    width: size,
  }),
  views,
  loss: v.variant("name", [
    v.strictObject({
      name: v.literal("info-nce"),
      temperature: positive,
      pixels: count,
      fieldOfView,
    }),
    v.strictObject({
      name: v.literal("barlow-twins"),
      lambda: positive,
      pixels: v.union([count, v.literal("all")]),
      fieldOfView,
    }),
    v.strictObject({ name: v.literal("simclr"), temperature: positive }),
    v.strictObject({ name: v.literal("bt-unet"), lambda: positive }),
  ]),
  pretraining: v.strictObject({
    epochs: count,
    batch: count,
    optimiser: v.picklist(["adam", "adamw"]),
    learningRate: positive,
    weightDecay: nonNegative,
    schedule,
    warmup: share,
    patches: v.strictObject({ perSlice: countOrNone, scale }),
    cineFrames: countOrNone,
    qualityEvery: countOrNone,
  }),
  adaptation: v.strictObject({
    iterations: count,
    batch: count,
    loss: v.picklist(["dice", "dice-ce"]),
    schedule,
    scratch: v.strictObject({ learningRate: positive }),
    probe: v.strictObject({ learningRate: positive, iterations: count }),
    finetune: v.strictObject({ backboneLearningRate: positive, headLearningRate: positive }),
    meanTeacher: v.strictObject({
      decay: belowOne,
      weight: nonNegative,
      noise: nonNegative,
      warmup: share,
      batch: count,
    }),
    inContext: v.strictObject({ neighbours: count, pixelsPerSlice: count }),
    views,
  }),
  inference: v.strictObject({
    window: v.picklist(["centre", "sliding"]),
    overlap: belowOne,
    largestComponent: v.boolean(),
  }),
});

/**
 * Checks a configuration.
 *
 * @param source Where it comes from, for the error.
 * @returns the same, typed.
 * @throws {TypeError} naming the first setting that is missing, unknown or out of range.
 * @throws {RangeError} for widths that the backbone cannot have, or a setting that does not go with
 * another.
 */
export function parseConfig(value: unknown, source: string): Config {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue) ?? "configuration";
    throw new TypeError(`${source}: ${excerpt(path)}: ${excerpt(issue.message)}`);
  }
  const { grid, backbone, loss, pretraining } = result.output;
  checkWidths(backbone, `${source}: backbone.widths`);
  const weights = backbone.widths.reduce((sum, width) => sum + width ** 2, 0);
  if (weights > MOST_WEIGHTS) {
    throw new RangeError(
      `${source}: backbone.widths: expected squares that add up to at most ${MOST_WEIGHTS}, found ` +
        `${weights}: the weights would take gigabytes`,
    );
  }
  const divisor = backboneDivisor(backbone.widths);
  if (grid.size % divisor) {
    throw new RangeError(
      `${source}: grid.size: expected a multiple of ${divisor} for a backbone of ` +
        `${backbone.widths.length} levels, found ${grid.size}`,
    );
  }
  if ((loss.name === "simclr" || loss.name === "bt-unet") && pretraining.batch < 2) {
    throw new RangeError(
      `${source}: pretraining.batch: expected 2 or more for ${loss.name}, which compares the ` +
        `slices of a batch, found ${pretraining.batch}`,
    );
  }
  return result.output;
}

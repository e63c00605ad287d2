/**
 * What a configuration may hold: types, ranges, and what has to go together.
 *
 * @module
 */
import * as v from "valibot";
import { excerpt } from "../io/text/printable.ts";
import { backboneDivisor, BACKBONES, checkWidths } from "./backbone.ts";
import { type Config, isPixelLoss, type PretrainingLoss } from "./config.ts";
import { DATA_SETTINGS, PROTOCOLS } from "./data_settings.ts";
import { WEAK_TO_STRONG } from "./presets.ts";

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
  v.tuple([real, real], "expected [low, high]"),
  v.check(([low, high]) => low <= high, "expected [low, high] with low ≤ high"),
);
const scale = v.pipe(
  range,
  v.check(([low, high]) => low > 0 && high <= 1, "expected [low, high] within (0, 1]"),
);
const belowOne = v.pipe(real, v.minValue(0), v.ltValue(1));
const countOrNone = v.pipe(whole, v.minValue(0));
const nonNegative = v.pipe(real, v.minValue(0));
const fieldOfView = v.picklist(["mask", "zero-pad"]);
const schedule = v.picklist(["constant", "cosine"]);

const intensity = v.strictObject({
  noise: v.strictObject({ probability: share, std: range }),
  blur: v.strictObject({ probability: share, std: range }),
  gamma: v.strictObject({ probability: share, logGamma: range }),
  biasField: v.strictObject({ probability: share, coefficient: range }),
  inversion: v.strictObject({ probability: share }),
  rescale: v.strictObject({ probability: share }),
});

const views = v.strictObject({
  intensity,
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

/** What each loss takes; without one of them, this does not compile. */
const losses = {
  "info-nce": v.strictObject({
    name: v.literal("info-nce"),
    temperature: positive,
    pixels: count,
    fieldOfView,
  }),
  "barlow-twins": v.strictObject({
    name: v.literal("barlow-twins"),
    lambda: positive,
    pixels: v.union([count, v.literal("all")]),
    fieldOfView,
  }),
  "simclr": v.strictObject({ name: v.literal("simclr"), temperature: positive }),
  "bt-unet": v.strictObject({ name: v.literal("bt-unet"), lambda: positive }),
} satisfies { [Loss in PretrainingLoss as Loss["name"]]: v.GenericSchema<unknown, Loss> };

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100));

const data = v.strictObject({
  channels: v.union([
    v.literal("all"),
    v.pipe(v.array(name), v.minLength(1), v.maxLength(64)),
  ]),
  missingChannel: v.picklist(["refuse", "zero"]),
  window: v.union([
    v.literal("percentiles"),
    v.pipe(range, v.check(([low, high]) => low < high, "expected [low, high] with low < high")),
  ]),
  labels: v.union([
    v.literal("as-stored"),
    v.record(name, v.union([whole, v.pipe(v.array(whole), v.minLength(1), v.maxLength(254))])),
  ]),
  ignoreLabel: v.union([v.literal("as-described"), whole]),
  unlabelledSlices: v.picklist(["background", "leave-out"]),
  protocol: v.optional(v.picklist(PROTOCOLS), "whole-scans"),
});

/** What each setting takes. Runs of earlier versions lack those that are optional. */
export const CONFIG_SCHEMA: v.GenericSchema<unknown, Config> = v.strictObject({
  preset: v.pipe(v.string(), v.regex(/^[a-z0-9][\w.-]{0,99}$/i)),
  seed: countOrNone,
  data: v.optional(data, DATA_SETTINGS),
  grid: v.strictObject({
    size,
    spacing: positive,
    axis: v.optional(v.picklist(["auto", "x", "y", "z"]), "auto"),
  }),
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
  loss: v.variant("name", Object.values(losses)),
  pretraining: v.strictObject({
    epochs: positive,
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
    weakToStrong: v.optional(
      v.strictObject({
        decay: belowOne,
        weight: nonNegative,
        warmup: share,
        threshold: share,
        batch: count,
        cutMix: share,
        intensity,
      }),
      WEAK_TO_STRONG,
    ),
    inContext: v.strictObject({ neighbours: count, pixelsPerSlice: count }),
    views,
  }),
  inference: v.strictObject({
    window: v.picklist(["centre", "sliding"]),
    overlap: belowOne,
    largestComponent: v.boolean(),
    fillHoles: v.optional(v.boolean(), false),
    mirror: v.optional(v.boolean(), false),
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
  const result = v.safeParse(CONFIG_SCHEMA, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue) ?? "configuration";
    throw new TypeError(`${source}: ${excerpt(path)}: ${excerpt(issue.message)}`);
  }
  const { grid, backbone, loss, pretraining, adaptation, inference } = result.output;
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
  if (inference.mirror && !adaptation.views.spatial.flip) {
    throw new RangeError(
      `${source}: inference.mirror: expected false, for views of the labelled slices are not mirrored ` +
        "(adaptation.views.spatial.flip is false), found true: the model would see what it was never " +
        "trained on; train it with adaptation.views.spatial.flip=true",
    );
  }
  if (!isPixelLoss(loss) && pretraining.batch < 2) {
    throw new RangeError(
      `${source}: pretraining.batch: expected 2 or more for ${loss.name}, which compares the ` +
        `slices of a batch, found ${pretraining.batch}`,
    );
  }
  return result.output;
}

/**
 * A configuration of an earlier version with the settings that came later, as they are where nothing
 * sets them; what is no configuration stays as it is.
 */
export function renewedConfig(value: unknown): unknown {
  const result = v.safeParse(CONFIG_SCHEMA, value);
  return result.success ? result.output : value;
}

/**
 * What a pretraining will take, before it is started.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { backboneDivisor } from "../config/backbone.ts";
import type { Config } from "../config/config.ts";
import { readSlices, type SliceSource } from "../data/slices/slice_source.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { disposeTraining } from "./optimiser.ts";
import {
  pretrainingStep,
  pretrainingSteps,
  type StartedPretraining,
  startPretraining,
} from "./pretrain.ts";

/** What a pretraining will take. */
export interface PretrainingForecast {
  /** Steps in all. */
  steps: number;
  /** Numbers in the weights of backbone and projection head. */
  weights: number;
  /** Most bytes that tensors take at once; what a backend needs beside them is not counted. */
  bytes: number;
  /** Seconds of a step. */
  secondsPerStep: number;
}

/** Pixels per side that are enough to measure at; larger slices are cropped. */
const SIDE = 64;

/** The smaller batch measured; the loss over whole slices needs two. */
const SMALL_BATCH = 2;

/** The larger one, at most. */
const LARGE_BATCH = 6;

/** Numbers in the features of the larger batch, if so few make one. */
const FEATURES = 4e6;

/** Steps of which the fastest counts, after one that compiles kernels and fills pools. */
const TIMED_STEPS = 3;

/**
 * Forecasts a pretraining on the backend in use by taking a few steps of small batches of
 * slices or parts of them, whatever the network and the loss: time and memory of a step are a
 * constant (weights, the optimiser, pixels drawn over the whole batch) and a share per pixel, so that
 * two batches tell of any.
 *
 * @param steps Number of steps; by default as many as the configuration's epochs take.
 */
export async function forecastPretraining(
  slices: SliceSource,
  config: Config,
  { steps = pretrainingSteps(slices.count, config.pretraining) }: { steps?: number } = {},
): Promise<PretrainingForecast> {
  const started = startPretraining(config, slices.channels);
  try {
    const weights = Object.values(started.state.weights).reduce((sum, { size }) => sum + size, 0);
    const cropped = cropSlices(slices, measuredSize(config));
    const large = largeBatch(config, cropped.size);
    const less = await measureStep(started, cropped, withBatch(config, SMALL_BATCH));
    const more = await measureStep(started, cropped, withBatch(config, large));
    // The configured batch, in slices of the measured size.
    const batch = config.pretraining.batch * (slices.size / cropped.size) ** 2;
    const extend = (from: number, to: number) =>
      from + (to - from) * (batch - SMALL_BATCH) / (large - SMALL_BATCH);
    return {
      steps,
      weights,
      bytes: extend(less.bytes, more.bytes),
      // Where the machine is busy, the smaller batch may take longer, or the larger one so long that
      // a single slice would take no time.
      secondsPerStep: Math.max(
        less.secondsPerStep * Math.min(1, batch / SMALL_BATCH),
        extend(less.secondsPerStep, more.secondsPerStep),
      ),
    };
  } finally {
    disposeTraining(started.state);
  }
}

/** The slices' side, halved as often as that is more than enough and the network allows. */
function measuredSize({ grid, backbone }: Config): number {
  const divisor = backboneDivisor(backbone.widths);
  let { size } = grid;
  while (size > SIDE && size % (2 * divisor) === 0) size /= 2;
  return size;
}

/** The larger batch measured, 3 to 6: the farther from the smaller one, the less noise counts. */
function largeBatch({ backbone }: Config, size: number): number {
  return Math.min(LARGE_BATCH, Math.max(3, Math.floor(FEATURES / (size ** 2 * backbone.features))));
}

/** A corner of as many slices as a batch needs. */
function cropSlices(source: SliceSource, side: number): SliceStack {
  const kept = Math.min(source.count, LARGE_BATCH);
  const { size, channels, images } = readSlices(source, [...Array(kept).keys()]);
  const length = side * channels;
  const corner = Float32Array.from({ length: kept * side * length }, (_, at) => {
    const [slice, row] = [Math.floor(at / length / side), Math.floor(at / length) % side];
    return images[(slice * size + row) * size * channels + at % length];
  });
  return { count: kept, size: side, channels, images: corner };
}

function withBatch(config: Config, batch: number): Config {
  return { ...config, pretraining: { ...config.pretraining, batch } };
}

/** A step's time and memory. */
async function measureStep(
  started: StartedPretraining,
  slices: SliceStack,
  config: Config,
): Promise<Pick<PretrainingForecast, "bytes" | "secondsPerStep">> {
  const step = async (n: number) => {
    const began = performance.now();
    const { loss } = pretrainingStep(started, slices, { config, step: n, steps: TIMED_STEPS + 2 });
    await loss.data();
    loss.dispose();
    return (performance.now() - began) / 1000;
  };
  await step(1);
  const seconds: number[] = [];
  for (let n = 2; n < TIMED_STEPS + 2; n++) seconds.push(await step(n));
  const bytes = await peakBytes(() => step(TIMED_STEPS + 2));
  return { bytes, secondsPerStep: Math.min(...seconds) };
}

/** Most bytes of tensors that exist at once. */
async function peakBytes(run: () => Promise<unknown>): Promise<number> {
  const checks = tf.env().getBool("CHECK_COMPUTATION_FOR_ERRORS");
  // Otherwise tfjs's profiler reads every tensor back.
  tf.env().set("CHECK_COMPUTATION_FOR_ERRORS", false);
  try {
    const { peakBytes } = await tf.profile(async () => {
      await run();
      return [];
    });
    return peakBytes;
  } finally {
    tf.env().set("CHECK_COMPUTATION_FOR_ERRORS", checks);
  }
}

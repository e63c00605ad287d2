/**
 * What a pretraining will take, before it is started.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Config } from "../config/config.ts";
import type { SliceStack } from "../data/slices.ts";
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

/** Batches that are measured where the configured one is larger. */
const SMALL_BATCHES = [2, 4] as const;

/**
 * Forecasts a pretraining on the backend in use by taking a few steps of small batches, whatever
 * the network and the loss: time and memory of a step are a constant (weights, the optimiser, pixels
 * drawn over the whole batch) and a share per slice, so that two batches tell of any.
 *
 * @param steps Number of steps; by default as many as the configuration's epochs take.
 */
export async function forecastPretraining(
  slices: SliceStack,
  config: Config,
  { steps = pretrainingSteps(slices.count, config.pretraining) }: { steps?: number } = {},
): Promise<PretrainingForecast> {
  const { batch } = config.pretraining;
  const started = startPretraining(config);
  try {
    const weights = Object.values(started.state.weights).reduce((sum, { size }) => sum + size, 0);
    const measure = (batch: number) => measureStep(started, slices, withBatch(config, batch));
    if (batch <= Math.max(...SMALL_BATCHES)) return { steps, weights, ...await measure(batch) };
    const [low, high] = SMALL_BATCHES;
    const [less, more] = [await measure(low), await measure(high)];
    const extend = (from: number, to: number) => to + (to - from) / (high - low) * (batch - high);
    return {
      steps,
      weights,
      bytes: extend(less.bytes, more.bytes),
      secondsPerStep: extend(less.secondsPerStep, more.secondsPerStep),
    };
  } finally {
    disposeTraining(started.state);
  }
}

function withBatch(config: Config, batch: number): Config {
  return { ...config, pretraining: { ...config.pretraining, batch } };
}

/** A step's time, after one that compiles kernels and fills pools, and then its memory. */
async function measureStep(
  started: StartedPretraining,
  slices: SliceStack,
  config: Config,
): Promise<Pick<PretrainingForecast, "bytes" | "secondsPerStep">> {
  const step = async (n: number) => {
    const { loss } = pretrainingStep(started, slices, { config, step: n, steps: 3 });
    await loss.data();
    loss.dispose();
  };
  await step(1);
  const began = performance.now();
  await step(2);
  const secondsPerStep = (performance.now() - began) / 1000;
  return { bytes: await peakBytes(() => step(3)), secondsPerStep };
}

/** Most bytes of tensors that exist at once. */
async function peakBytes(run: () => Promise<void>): Promise<number> {
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

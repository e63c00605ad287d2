/**
 * Lengths of training that fit into a time, by a few measured steps.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { SliceStack } from "../data/slices/slices.ts";
import { random } from "../math/random.ts";
import { type Plan, planFor, type PlanOptions } from "../plan/plan.ts";
import type { CohortSurvey } from "../plan/survey.ts";
import { adapt } from "./adapt.ts";
import { pretrain } from "./pretrain.ts";
import { STRATEGIES, type StrategyName } from "./strategies/table.ts";

/** Steps before the measured ones, which compile kernels and fill pools. */
const WARM_UP = 2;

/** Measured steps. */
const MEASURED = 6;

/** Seconds of the first steps from which on they tell enough: more would take their share of the time. */
const SLOW = 4;

/** Labels of pixels to measure with; how many there are hardly counts. */
const CLASSES = 2;

/** Pixels per side of grids that more time may be spent on. */
const DETAILS = [96, 128, 192];

/** Steps below which no detail is worth its time. */
const ENOUGH_STEPS = 4000;

/** What trainings may take of a time: the rest is for reading, testing and checkpoints. */
export const TRAINING_SHARE = 0.95;

/** A training's length in time. */
export interface Pace {
  /** Seconds that pass before the first step and after the last. */
  apart: number;
  /** Seconds of a step. */
  perStep: number;
}

/** What a training is measured with. */
export interface PaceOptions {
  /** Channels of a slice; 1 by default. */
  channels?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Measures how long a step of pretraining takes on the backend in use, on slices of noise.
 *
 * @throws What `pretrain` throws.
 */
export async function pretrainingPace(
  config: Config,
  { channels = 1, signal }: PaceOptions = {},
): Promise<Pace> {
  const slices = noise(config, config.pretraining.batch, channels);
  const quiet = { ...config, pretraining: { ...config.pretraining, qualityEvery: 0 } };
  return await paceOf((steps) => pretrain(slices, quiet, { steps, signal }));
}

/** What an adaptation is measured with. */
export interface AdaptationPaceOptions extends PaceOptions {
  /** How it adapts. */
  strategy: StrategyName;
}

/**
 * The same of an adaptation; it starts from a pretraining of a single step where it needs one.
 *
 * @throws What `adapt` throws.
 */
export async function adaptationPace(
  config: Config,
  { strategy, channels = 1, signal }: AdaptationPaceOptions,
): Promise<Pace> {
  const { batch } = config.adaptation;
  const images = noise(config, batch, channels);
  const labels = Uint8Array.from(images.images.subarray(0, batch * images.size ** 2), Math.round);
  const pretrained = STRATEGIES[strategy].pretraining === "none"
    ? undefined
    : await pretrain(noise(config, 2, channels), withBatch(config, 2), { steps: 1 });
  return await paceOf((steps) =>
    adapt({ ...images, labels }, withAdaptationSteps(config, steps), {
      ...{ strategy, classes: CLASSES, pretrained, unlabelled: images, signal },
    })
  );
}

/**
 * The most detailed plan for a cohort that leaves a pretraining of so many seconds enough steps.
 *
 * @returns the plan, and the pace of its pretraining where that was measured: of the plainest alone.
 * @throws What `planFor` and `pretrain` throw.
 */
export async function planWithin(
  survey: CohortSurvey,
  { seconds, signal, ...options }: PlanOptions & { seconds: number; signal?: AbortSignal },
): Promise<{ plan: Plan; pace?: Pace }> {
  const plain = planFor(survey, options);
  const pace = await pretrainingPace(plain.config, { channels: survey.channels, signal });
  const finer = DETAILS.map((detail) => planFor(survey, { ...options, detail }));
  const work = ({ config: { grid, pretraining } }: Plan) => pretraining.batch * grid.size ** 2;
  const plan = finer.findLast((plan) =>
    stepsWithin(seconds, pace) * work(plain) / work(plan) >= ENOUGH_STEPS
  );
  return plan ? { plan } : { plan: plain, pace };
}

/** A pretraining whose steps take so many seconds in all, as epochs of so many slices. */
export function fitPretraining(
  config: Config,
  { pace, slices, seconds }: { pace: Pace; slices: number; seconds: number },
): Config {
  const { pretraining } = config;
  const steps = stepsWithin(seconds, pace);
  const epochs = Number((steps * pretraining.batch / slices).toPrecision(3));
  return { ...config, pretraining: { ...pretraining, epochs } };
}

/** A configuration whose adaptations take so many steps, whatever the strategy. */
export function withAdaptationSteps(config: Config, steps: number): Config {
  const { adaptation } = config;
  const probe = { ...adaptation.probe, iterations: steps };
  return { ...config, adaptation: { ...adaptation, iterations: steps, probe } };
}

/** As many whole steps as fit into a time, one at least. */
export function stepsWithin(seconds: number, { apart, perStep }: Pace): number {
  return Math.max(1, Math.floor((seconds - apart) / perStep));
}

/**
 * Times a short and a longer training: what both have in common is no step's. Where steps are slow, the
 * short one alone.
 *
 * @param train Takes so many steps.
 */
export async function paceOf(train: (steps: number) => Promise<unknown>): Promise<Pace> {
  await train(WARM_UP);
  const short = await timed(() => train(WARM_UP));
  if (short > SLOW) return { apart: 0, perStep: short / WARM_UP };
  const long = await timed(() => train(WARM_UP + MEASURED));
  // On a busy machine the longer one may be the quicker.
  const perStep = Math.max((long - short) / MEASURED, long / (WARM_UP + MEASURED) / 2);
  return { apart: Math.max(0, short - WARM_UP * perStep), perStep };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

/** Slices of noise on the configured grid. */
function noise({ grid: { size } }: Config, count: number, channels: number): SliceStack {
  const source = random("slices to measure a step by");
  const images = Float32Array.from(
    { length: count * size ** 2 * channels },
    () => source.uniform(0, 1),
  );
  return { count, size, channels, images };
}

function withBatch(config: Config, batch: number): Config {
  return { ...config, pretraining: { ...config.pretraining, batch } };
}

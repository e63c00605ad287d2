/**
 * Functions of a caller's own, which train in the place of the library's. They are no data: what is
 * kept of a run tells that there were some, not which.
 *
 * @module
 */
import type { SupervisedView, Views } from "../augmentations/views.ts";
import type { ViewSettings } from "../config/config.ts";
import type { Random } from "../math/random.ts";
import type { Scalar, Tensor1D, Tensor2D, Tensor4D } from "../ops/tensors.ts";
import type { Safetensors } from "./weights/safetensors.ts";

/** What the network sees in a step. Whoever keeps a tensor clones it: the step disposes of its own. */
export interface TrainingBatch<View> {
  /** Number of the step, from 1. */
  step: number;
  /** Positions of the step's slices among those that are trained on. */
  positions: readonly number[];
  /** What is made of them. */
  view: View;
}

/**
 * Functions of pretraining. A run that goes on, or is run again, ends the same where they depend on
 * their arguments alone.
 */
export interface PretrainingFunctions {
  /**
   * Draws the two views of a batch, in the place of `drawViews`, which it may call. Losses over whole
   * slices compare `first` and `second` and have no use for the rest.
   */
  augment?: (x: Tensor4D, settings: ViewSettings, random: Random) => Views;
  /**
   * Compares the vectors of the views, [n, d] each, in the place of what the configured loss does once
   * pixels are drawn, or slices pooled. The mask [n] is 0 for rows that do not count.
   */
  loss?: (u: Tensor2D, v: Tensor2D, mask?: Tensor1D) => Scalar;
  /** Sees the views of each step. */
  onBatch?: (batch: TrainingBatch<Pick<Views, "first" | "second">>) => void;
}

/** Functions of adaptation, likewise. */
export interface AdaptationFunctions {
  /** Draws the view of a batch, in the place of `supervisedView`, which it may call. */
  augment?: (view: SupervisedView, settings: ViewSettings, random: Random) => SupervisedView;
  /** The loss of logits against labels, in the place of the configured one: of `diceCrossEntropy`'s form. */
  loss?: (logits: Tensor4D, labels: Tensor4D, known?: Tensor4D) => Scalar;
  /** Sees the labelled view of each step. */
  onBatch?: (batch: TrainingBatch<SupervisedView>) => void;
}

/** The functions that decide a training's outcome. */
type Decisive = Partial<Record<"augment" | "loss", unknown>>;

/** Which functions of the caller's own decide a training: what is kept of them. */
export function ownNames({ augment, loss }: Decisive): ("augment" | "loss")[] {
  return [...augment ? ["augment" as const] : [], ...loss ? ["loss" as const] : []];
}

/** The same, as a checkpoint's metadata; nothing where there is none. */
export function ownMetadata(functions: Decisive): { own?: string } {
  const names = ownNames(functions);
  return names.length > 0 ? { own: names.join(", ") } : {};
}

/**
 * Makes sure that a run goes on with functions of its own where it began with some.
 *
 * @throws {TypeError} if it began with others than are given, as far as their names tell.
 */
export function expectSameFunctions({ metadata }: Safetensors, functions: Decisive): void {
  const began = metadata.own ?? "none";
  const given = ownMetadata(functions).own ?? "none";
  if (began === given) return;
  throw new TypeError(
    `checkpoint: expected the functions of your own that the run began with (${began}), found ` +
      `${given}: give the same again, as a checkpoint does not hold them`,
  );
}

/**
 * Makes sure that a strategy without training is given no functions to train with.
 *
 * @throws {TypeError} if it is.
 */
export function expectNoFunctions(
  strategy: string,
  { augment, loss, onBatch }: AdaptationFunctions,
): void {
  const [name] = Object.entries({ augment, loss, onBatch }).find(([, own]) => own) ?? [];
  if (name === undefined) return;
  throw new TypeError(`${strategy}: expected no ${name}, as it takes no steps; leave it out`);
}

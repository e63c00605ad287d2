/**
 * Watching a training with labels on patients whom it does not learn from.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { IGNORED } from "../data/masks/labels.ts";
import { type SliceStack, takeSlices } from "../data/slices/slices.ts";
import { meanOfKnown } from "../math/descriptive.ts";
import { imageTensor } from "./batches.ts";
import type { LoopOptions } from "./loop.ts";

/** One line of `validation.jsonl`. */
export interface ValidationRecord {
  /** The step after which it was measured. */
  step: number;
  /** Dice on the slices, the mean over the structures, in [0, 1]. */
  dice: number;
}

/** What a training is watched on: nothing of it is learnt from, and nothing chosen by it. */
export interface Validation {
  /** Labelled slices of other patients than those that are trained on. */
  slices: SliceStack;
  /** Steps between two measurements. */
  every: number;
  /** Receives every measurement. */
  onValidation: (record: ValidationRecord) => void | Promise<void>;
}

/** Slices that are measured, at most: as many as pass the network together in inference. */
const SLICES = 16;

/** Measurements of a training, where nobody asks for another number. */
const MEASUREMENTS = 10;

/** The steps between two measurements of which a training of some steps has about ten. */
export function validationInterval(steps: number): number {
  return Math.max(1, Math.ceil(steps / MEASUREMENTS));
}

/** What is measured how. */
interface InspectionOptions extends Validation {
  /** Number of classes, the background included. */
  classes: number;
}

/**
 * Measures a model every some steps, on the same slices every time: some that show a structure,
 * spread over all that do. Nothing of the training changes.
 *
 * @param segment From slices [batch, size, size, channels] to logits, as the model will be used.
 */
export function validationInspection(
  segment: (images: tf.Tensor4D) => tf.Tensor4D,
  { slices, every, onValidation, classes }: InspectionOptions,
): NonNullable<LoopOptions["inspect"]> {
  const measured = takeSlices(slices, spreadPositions(slices));
  const look = async (step: number) => {
    const labels = tf.tidy(() => tf.argMax(segment(imageTensor(measured)), 3));
    const found = await labels.data();
    labels.dispose();
    await onValidation({ step, dice: meanDice(found, measured.labels!, classes) });
  };
  return { every, look };
}

/** Up to 16 slices that show a structure, or of all where none does, evenly spread. */
function spreadPositions({ count, size, labels }: SliceStack): number[] {
  if (!labels) {
    throw new TypeError("validation: expected labelled slices, found some without labels");
  }
  const pixels = size * size;
  const all = [...Array(count).keys()];
  const showing = all.filter((position) =>
    labels.subarray(position * pixels, (position + 1) * pixels)
      .some((label) => label !== 0 && label !== IGNORED)
  );
  const from = showing.length > 0 ? showing : all;
  const taken = Math.min(SLICES, from.length);
  return Array.from({ length: taken }, (_, i) => from[Math.floor(i * from.length / taken)]);
}

/**
 * The mean over structures of 2|A ∩ B| / (|A| + |B|), over all pixels that somebody labelled. Structures
 * that are in neither are left out; 1 where that leaves none.
 */
function meanDice(found: ArrayLike<number>, reference: Uint8Array, classes: number): number {
  const [sizes, both] = [new Float64Array(classes), new Float64Array(classes)];
  for (let i = 0; i < reference.length; i++) {
    if (reference[i] === IGNORED) continue;
    sizes[found[i]]++;
    sizes[reference[i]]++;
    if (found[i] === reference[i]) both[found[i]]++;
  }
  const dice = Array.from(
    sizes,
    (size, label) => label > 0 && size ? 2 * both[label] / size : null,
  );
  return meanOfKnown(dice) ?? 1;
}

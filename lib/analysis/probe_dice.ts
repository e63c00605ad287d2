/**
 * How well features tell structures apart, with a few labels and no training.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import { type SliceStack, takeSlices } from "../data/slices/slices.ts";
import { normaliseRows } from "../ops/norms/normalise_rows.ts";
import { mean } from "../math/descriptive.ts";
import { labelledFeatures } from "./pixel_features.ts";

/** Options of {@linkcode probeDice}. */
export interface ProbeDiceOptions {
  /** Number of classes, the background included. */
  classes: number;
}

/** Neighbours that vote. */
const NEIGHBOURS = 5;

/**
 * The Dice of classifying pixels of the second half of some slices by the 5 nearest pixels, by
 * cosine, of the first half; up to 2000 pixels of each, the same every time. Structures count
 * alike; one that is neither there nor found counts as 1.
 *
 * @param network From slices to pixel features; it does not change.
 * @param slices Two or more, labelled, in the order of their patients.
 * @returns the mean over the structures, in [0, 1].
 * @throws {TypeError} if the slices have no labels.
 * @throws {RangeError} if there are fewer than two slices.
 */
export async function probeDice(
  network: Network,
  slices: SliceStack,
  { classes }: ProbeDiceOptions,
): Promise<number> {
  if (slices.count < 2) {
    throw new RangeError(
      `probeDice: expected two slices or more, to learn from and to test on, found ${slices.count}`,
    );
  }
  const half = Math.ceil(slices.count / 2);
  const positions = [...Array(slices.count).keys()];
  const memory = labelledFeatures(network, takeSlices(slices, positions.slice(0, half)));
  const test = labelledFeatures(network, takeSlices(slices, positions.slice(half)));
  // As cosines but for the length of the test pixel's features, which does not change their order.
  const similarities = tf.tidy(() =>
    tf.matMul(test.features, normaliseRows(memory.features), false, true)
  );
  const values = await similarities.data();
  tf.dispose([similarities, memory.features, test.features]);
  const size = memory.labels.length;
  const found = test.labels.map((_, i) => {
    const nearest = greatest(values.subarray(i * size, (i + 1) * size), NEIGHBOURS);
    return majority(nearest.map((position) => memory.labels[position]));
  });
  const structures = Array.from({ length: classes - 1 }, (_, i) => i + 1);
  return mean(structures.map((label) => dice(found, test.labels, label)));
}

/** Positions of the greatest values, the greatest first; all where there are fewer. */
function greatest(values: ArrayLike<number>, count: number): number[] {
  const positions: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (positions.length === count && values[i] <= values[positions[count - 1]]) continue;
    const before = positions.findIndex((position) => values[position] < values[i]);
    positions.splice(before < 0 ? positions.length : before, 0, i);
    positions.length = Math.min(positions.length, count);
  }
  return positions;
}

/** The most frequent vote; among equals that of the nearest. */
function majority(votes: number[]): number {
  const counts = new Map<number, number>();
  for (const vote of votes) counts.set(vote, (counts.get(vote) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return votes.find((vote) => counts.get(vote) === most)!;
}

/** 2|A ∩ B| / (|A| + |B|) of one label; 1 where neither has it. */
function dice(found: Uint8Array, reference: Uint8Array, label: number): number {
  const both = found.filter((value, i) => value === label && reference[i] === label).length;
  const sizes = [found, reference].map((map) => map.filter((value) => value === label).length);
  const total = sizes[0] + sizes[1];
  return total ? 2 * both / total : 1;
}

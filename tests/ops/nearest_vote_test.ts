import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { nearestVote } from "../../lib/ops/nearest_vote.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

const CLASSES = 4;

/** Random rows of length 1. */
function directions(count: number, channels: number, purpose: string): number[][] {
  const source = random("nearest vote", purpose);
  return Array.from({ length: count }, () => {
    const row = Array.from({ length: channels }, () => source.normal());
    return row.map((value) => value / Math.hypot(...row));
  });
}

function randomLabels(count: number): number[] {
  const source = random("nearest vote", "labels");
  return Array.from({ length: count }, () => source.integer(CLASSES));
}

/** The vote by sorting all cosines. */
function bruteForce(x: number[][], memory: number[][], labels: number[], k: number): number[][] {
  return x.map((row) => {
    const neighbours = memory
      .map((other, i) => ({
        label: labels[i],
        cosine: other.reduce((sum, value, c) => sum + value * row[c], 0),
      }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, k)
      .map(({ label, cosine }) => ({ label, weight: Math.max(cosine, 1e-6) }));
    const total = neighbours.reduce((sum, { weight }) => sum + weight, 0);
    return Array.from({ length: CLASSES }, (_, c) =>
      neighbours.filter(({ label }) => label === c)
        .reduce((sum, { weight }) => sum + weight, 0) / total);
  });
}

for (
  const [m, n, d, k] of [
    [5, 3, 2, 1],
    [130, 700, 5, 7],
    [50, 513, 16, 15],
    [7, 1100, 300, 3],
    [60, 4, 3, 9],
  ]
) {
  testOnBackends(`nearestVote() agrees with sorting: ${m} × ${n} of ${d}, ${k} votes`, async () => {
    const [x, memory, labels] = [
      directions(m, d, "x"),
      directions(n, d, "memory"),
      randomLabels(n),
    ];
    const shares = nearestVote(
      tf.tensor2d(x),
      { features: tf.tensor2d(memory), labels: tf.tensor1d(labels) },
      { neighbours: k, classes: CLASSES },
    );
    assert.deepEqual(shares.shape, [m, CLASSES]);
    assertClose(await shares.array(), bruteForce(x, memory, labels, k), 1e-4);
  });
}

testOnBackends("nearestVote() gives a row the same whatever it comes with", async () => {
  // More pairs than plain tfjs holds at once.
  const [m, n] = [1500, 3000];
  const x = tf.tensor2d(directions(m, 3, "x"));
  const memory = {
    features: tf.tensor2d(directions(n, 3, "memory")),
    labels: tf.tensor1d(randomLabels(n)),
  };
  const vote = (x: tf.Tensor2D) => nearestVote(x, memory, { neighbours: 5, classes: CLASSES });
  const parts = [[0, 1], [1, 700], [701, 799]].map(([first, count]) =>
    vote(tf.slice2d(x, [first, 0], [count, 3]))
  );
  assertClose(await vote(x).data(), await tf.concat(parts).data(), 1e-6);
});

testOnBackends(
  "nearestVote() lets the earlier of equal rows vote, and bears zero rows",
  async () => {
    const memory = {
      features: tf.tensor2d([[1, 0], [1, 0], [1, 0], [-1, 0]]),
      labels: tf.tensor1d([2, 1, 0, 3]),
    };
    const x = tf.tensor2d([[1, 0], [0, 0], [-1, 0]]);
    const vote = (neighbours: number) => nearestVote(x, memory, { neighbours, classes: 4 }).array();
    assertClose(await vote(1), [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
    assertClose((await vote(2)).slice(0, 2), [[0, 0.5, 0.5, 0], [0, 0.5, 0.5, 0]]);
  },
);

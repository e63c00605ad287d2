import assert from "node:assert/strict";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import { nearbyVote } from "../../lib/inference/nearby_vote.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

const SLICES = { depth: 3, size: 7, spacing: 2 };
const PIXELS = SLICES.depth * SLICES.size ** 2;
const CHANNELS = 5;

/** Random features of length 1, and labels 0…2 of which some are unknown. */
function pixels(name: string) {
  const source = random("nearby vote", name);
  const features = new Float32Array(PIXELS * CHANNELS);
  const labels = new Uint8Array(PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const row = Array.from({ length: CHANNELS }, () => source.normal());
    features.set(row.map((value) => value / Math.hypot(...row)), pixel * CHANNELS);
    labels[pixel] = [0, 0, 1, 2, IGNORED][source.integer(5)];
  }
  return { features, labels };
}

/** Row, column and slice of a pixel. */
function placeOf(pixel: number): [x: number, y: number, z: number] {
  const { size } = SLICES;
  return [pixel % size, Math.floor(pixel / size) % size, Math.floor(pixel / size ** 2)];
}

for (const [reach, beside, neighbours] of [[4, 0, 3], [4, 1, 5], [5.9, 2, 1], [100, 2, 1000]]) {
  Deno.test(`nearbyVote() is the vote of the ${neighbours} most similar within ${reach} mm`, () => {
    const [target, ...sources] = ["target", "anchor", "previous"].map(pixels);
    const settings = { reach, slices: beside, neighbours };
    const found = nearbyVote(SLICES, 3, settings)(target.features, sources);
    const row = (of: Float32Array, pixel: number) =>
      of.subarray(pixel * CHANNELS, (pixel + 1) * CHANNELS);
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const [x, y, z] = placeOf(pixel);
      const own = row(target.features, pixel);
      const nearest = sources.flatMap(({ features, labels }) =>
        [...labels].map((label, other) => {
          const [column, line, slice] = placeOf(other);
          const far = Math.hypot(column - x, line - y) * SLICES.spacing > reach;
          const cosine = row(features, other).reduce((sum, value, c) => sum + value * own[c], 0);
          return { label, cosine, out: far || Math.abs(slice - z) > beside };
        })
      ).filter(({ label, out }) => !out && label !== IGNORED)
        .sort((a, b) => b.cosine - a.cosine).slice(0, neighbours);
      const shares = [0, 1, 2].map((label) =>
        nearest.filter((one) => one.label === label).length / nearest.length
      );
      assertClose(found.subarray(3 * pixel, 3 * pixel + 3), shares, 1e-6);
    }
  });
}

Deno.test("nearbyVote() finds background where nobody may vote", () => {
  const { features } = pixels("target");
  const labels = new Uint8Array(PIXELS).fill(IGNORED);
  const vote = nearbyVote(SLICES, 2, { reach: 4, slices: 1, neighbours: 3 });
  const shares = vote(features, [{ features, labels }]);
  assert.deepEqual([...shares], Array.from({ length: 2 * PIXELS }, (_, i) => i % 2 ? 0 : 1));
});

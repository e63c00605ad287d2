/**
 * CutMix (Yun et al., ICCV 2019; for consistency French et al., BMVC 2020): a box of a slice is
 * replaced by that of another slice, in all that belongs to it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Tensor4D } from "../ops/tensors.ts";
import type { Random } from "../math/random.ts";

/** Least and greatest share of a slice that a box covers. */
const AREA = [0.02, 0.4] as const;

/** Greatest ratio of a box's sides. */
const ASPECT = 1 / 0.3;

/**
 * Draws a box for some of the slices: of an area of 2 to 40 % of the slice and sides of a ratio of up
 * to 10 : 3 (both as in UniMatch, Yang et al., CVPR 2023), anywhere inside the slice.
 *
 * @param shape Number of slices and pixels per side.
 * @param probability Of a box, for each slice.
 * @returns 1 inside a box, 0 elsewhere: [batch × size × size].
 */
export function drawBoxes(
  [batch, size]: readonly [batch: number, size: number],
  probability: number,
  random: Random,
): Float32Array {
  const inside = new Float32Array(batch * size * size);
  for (let slice = 0; slice < batch; slice++) {
    if (random.uniform() >= probability) continue;
    const area = random.uniform(...AREA) * size ** 2;
    const aspect = Math.exp(random.uniform(-1, 1) * Math.log(ASPECT));
    const [height, width] = [area * aspect, area / aspect]
      .map((square) => Math.min(size, Math.max(1, Math.round(Math.sqrt(square)))));
    const [top, left] = [height, width].map((side) => random.integer(size - side + 1));
    for (let row = top; row < top + height; row++) {
      const start = (slice * size + row) * size + left;
      inside.fill(1, start, start + width);
    }
  }
  return inside;
}

/**
 * Pastes into the box of each slice what the next slice has there, the first following the last.
 *
 * @param x [batch, height, width, channels].
 * @param boxes [batch, height, width, 1], 1 inside a box and 0 elsewhere.
 * @returns the shape of x.
 */
export function pasteBoxes(x: Tensor4D, boxes: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const next = tf.concat([tf.slice(x, 1), tf.slice(x, 0, 1)], 0);
    return tf.add(x, tf.mul(tf.sub(next, x), boxes));
  });
}

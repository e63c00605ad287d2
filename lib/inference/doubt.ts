/**
 * How sure a network is of what it segments.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";

/** A pixel may be of a structure where the background is less probable than this. */
const BACKGROUND = 0.9;

/** A network that is watched while it segments. */
export interface DoubtMeter {
  /** The network, to be used in the place of the one that is watched. */
  model: Network;
  /**
   * The doubt since the last call, in [0, 1): the mean of 1 − the largest probability over the pixels
   * that may be of a structure, those that are background for less than 0.9. Null where there are none.
   */
  take: () => Promise<number | null>;
}

/** Watches a network that gives class logits [batch, height, width, classes], background first. */
export function doubtMeter(model: Network): DoubtMeter {
  let kept: tf.Tensor1D[] = [];
  return {
    model: {
      ...model,
      forward: (x, options) => {
        const logits = model.forward(x, options);
        kept.push(tf.keep(doubtSums(logits)));
        return logits;
      },
    },
    take: async () => {
      const sums = kept;
      kept = [];
      let [doubt, pixels] = [0, 0];
      for (const sum of sums) {
        const values = await sum.data();
        [doubt, pixels] = [doubt + values[0], pixels + values[1]];
        sum.dispose();
      }
      return pixels > 0 ? doubt / pixels : null;
    },
  };
}

/** The doubt of all pixels that may be of a structure, and how many these are. */
function doubtSums(logits: tf.Tensor4D): tf.Tensor1D {
  return tf.tidy(() => {
    const probabilities = tf.softmax(logits);
    const [batch, height, width] = logits.shape;
    const background = tf.slice(probabilities, [0, 0, 0, 0], [batch, height, width, 1]);
    const near = tf.cast(tf.less(tf.squeeze(background, [3]), BACKGROUND), "float32");
    const doubt = tf.sub(1, tf.max(probabilities, 3));
    return tf.stack([tf.sum(tf.mul(doubt, near)), tf.sum(near)]) as tf.Tensor1D;
  });
}

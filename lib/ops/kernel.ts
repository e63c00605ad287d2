/**
 * How an operation finds its kernel. Each operation of this folder has a name; a backend that has a
 * kernel of that name computes it, any other composes it from plain tfjs operations.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Runs the current backend's kernel of this name, or composes the result where it has none. */
export function runKernel(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number | boolean | readonly number[]>,
  compose: () => tf.Tensor[],
): tf.Tensor[] {
  if (!tf.getKernel(name, tf.getBackend())) return tf.tidy(compose);
  const outputs = tf.engine().runKernel(name, inputs, attributes as unknown as tf.NamedAttrMap);
  return Array.isArray(outputs) ? outputs : [outputs];
}

/**
 * How an operation finds its kernel. Each operation of this folder has a name; a backend that has a
 * kernel of that name computes it, any other composes it from plain tfjs operations.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { OpKernel, OpKernels } from "./contract.ts";

/**
 * Runs the current backend's kernel of this name, or composes the result where it has none. A
 * kernel's outputs have the types of what is composed.
 */
export function runKernel<Name extends OpKernel, Outputs extends [tf.Tensor, ...tf.Tensor[]]>(
  name: Name,
  inputs: Record<OpKernels[Name]["inputs"], tf.Tensor>,
  attributes: OpKernels[Name]["attributes"],
  compose: () => Outputs,
): Outputs {
  if (!tf.getKernel(name, tf.getBackend())) return tf.tidy(compose);
  const outputs = tf.engine().runKernel(name, inputs, { ...attributes });
  return (Array.isArray(outputs) ? outputs : [outputs]) as Outputs;
}

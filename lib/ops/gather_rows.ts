/**
 * Rows of a matrix by index, with the gradient that tfjs lacks on some backends.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import { runKernel } from "./kernel.ts";
import type { Tensor1D, Tensor2D } from "./tensors.ts";

/**
 * Takes rows of x. In the gradient, the shares of a row taken twice add up.
 *
 * Kernels: `GatherRows` {x, indices} → y; `GatherRowsGrad` {dy, indices}, attributes {rows} → dx.
 *
 * @param x [rows, channels].
 * @param indices [n] int32, each in [0, rows).
 * @returns [n, channels].
 */
export function gatherRows(x: Tensor2D, indices: Tensor1D): Tensor2D {
  const [rows, channels] = x.shape;
  return customGrad({ x, indices }, {
    forward: () => {
      const compose = (): [Tensor2D] => [tf.gather(x, indices)];
      const [value] = runKernel("GatherRows", { x, indices }, {}, compose);
      return { value, saved: { indices } };
    },
    backward: (dy, { indices }) => {
      const compose = (): [Tensor2D] => [
        tf.scatterND(tf.expandDims(indices, 1), dy, [rows, channels]),
      ];
      const [dx] = runKernel("GatherRowsGrad", { dy, indices }, { rows }, compose);
      return { x: dx };
    },
  });
}

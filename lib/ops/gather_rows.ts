/**
 * Rows of a matrix by index, with the gradient that tfjs lacks on some backends.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";
import type { Tensor, Tensor1D, Tensor2D } from "./tensors.ts";

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
  const take = tf.customGrad((x, indices, save) => {
    (save as tf.GradSaveFunc)([indices as Tensor]);
    const [value] = runKernel(
      "GatherRows",
      { x: x as Tensor, indices: indices as Tensor },
      {},
      () => [tf.gather(x as Tensor2D, indices as Tensor1D)],
    );
    const gradFunc = (dy: Tensor, [indices]: Tensor[]) => {
      const [dx] = runKernel(
        "GatherRowsGrad",
        { dy, indices },
        { rows },
        () => [tf.scatterND(tf.expandDims(indices, 1), dy, [rows, channels])],
      );
      return [dx, tf.zerosLike(indices)];
    };
    return { value, gradFunc };
  });
  return take(x, indices) as Tensor2D;
}

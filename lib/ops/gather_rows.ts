/**
 * Rows of a matrix by index, with the gradient that tfjs lacks on some backends.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";

/**
 * Takes rows of x. In the gradient, the shares of a row taken twice add up.
 *
 * Kernels: `GatherRows` {x, indices} → y; `GatherRowsGrad` {dy, indices}, attributes {rows} → dx.
 *
 * @param x [rows, channels].
 * @param indices [n] int32, each in [0, rows).
 * @returns [n, channels].
 */
export function gatherRows(x: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  const [rows, channels] = x.shape;
  const take = tf.customGrad((x, indices, save) => {
    (save as tf.GradSaveFunc)([indices as tf.Tensor]);
    const [value] = runKernel(
      "GatherRows",
      { x: x as tf.Tensor, indices: indices as tf.Tensor },
      {},
      () => [tf.gather(x as tf.Tensor2D, indices as tf.Tensor1D)],
    );
    const gradFunc = (dy: tf.Tensor, [indices]: tf.Tensor[]) => {
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
  return take(x, indices) as tf.Tensor2D;
}

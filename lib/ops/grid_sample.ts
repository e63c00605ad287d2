/**
 * The warp of images and features: bilinear sampling at given points, with its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import { runKernel } from "./kernel.ts";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "./tensors.ts";

/**
 * Samples x at the points of a grid: bilinear, zero outside, `align_corners` = true, as PyTorch's
 * `grid_sample` (Jaderberg et al., Spatial Transformer Networks, 2015). Differentiable in x; the
 * grid is a constant.
 *
 * Kernels: `GridSample` {x, grid} → y; `GridSampleGrad` {dy, grid}, attributes {height, width} → dx.
 *
 * @param x [batch, height, width, channels].
 * @param grid [batch, height', width', 2]: (x, y), −1 and 1 at the centres of the border pixels.
 * @returns [batch, height', width', channels].
 */
export function gridSample(x: Tensor4D, grid: Tensor4D): Tensor4D {
  if (grid.shape[0] !== x.shape[0] || grid.shape[3] !== 2) {
    throw new RangeError(
      `gridSample: expected a grid [${x.shape[0]}, height, width, 2] for x [${x.shape}], ` +
        `found [${grid.shape}]`,
    );
  }
  const [, height, width] = x.shape;
  return customGrad({ x, grid }, {
    forward: () => {
      const [value] = runKernel("GridSample", { x, grid }, {}, () => [gather(x, grid)]);
      return { value, saved: { grid } };
    },
    backward: (dy, { grid }) => {
      const compose = (): [Tensor4D] => [scatter(dy, grid, [height, width])];
      const [dx] = runKernel("GridSampleGrad", { dy, grid }, { height, width }, compose);
      return { x: dx };
    },
  });
}

/** The forward pass in plain tfjs. */
function gather(x: Tensor4D, grid: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.reshape(x, [batch * height * width, channels]);
  const taps = corners(grid, [height, width]).map(({ index, weight }) =>
    tf.mul(tf.gather(rows, index), weight)
  );
  return tf.reshape(tf.addN(taps), [batch, grid.shape[1], grid.shape[2], channels]);
}

/** The gradient in plain tfjs: each sampled point gives its share back to its four corners. */
function scatter(
  dy: Tensor4D,
  grid: Tensor4D,
  [height, width]: readonly [number, number],
): Tensor4D {
  const [batch, , , channels] = dy.shape;
  const rows = tf.reshape(dy, [-1, channels]);
  const shape: [number, number] = [batch * height * width, channels];
  const parts = corners(grid, [height, width]).map(({ index, weight }) =>
    tf.scatterND(tf.expandDims(index, 1), tf.mul(rows, weight), shape)
  );
  return tf.reshape(tf.addN(parts), [batch, height, width, channels]);
}

/** The four neighbours of each point: their flat index and bilinear weight, 0 outside. */
function corners(
  grid: Tensor4D,
  [height, width]: readonly [number, number],
): { index: Tensor1D; weight: Tensor2D }[] {
  const [batch, h, w] = grid.shape;
  const [gx, gy] = tf.split(tf.reshape(grid, [batch, h * w, 2]), 2, 2);
  const px = tf.mul(tf.add(gx, 1), (width - 1) / 2);
  const py = tf.mul(tf.add(gy, 1), (height - 1) / 2);
  const left = tf.floor(px);
  const top = tf.floor(py);
  const first = tf.mul(tf.range(0, batch, 1, "float32"), height * width);
  const image = tf.reshape(first, [batch, 1, 1]);
  return [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, below]) => {
    const cx = tf.add(left, right);
    const cy = tf.add(top, below);
    const inside = tf.logicalAnd(within(cx, width), within(cy, height));
    const nearness = tf.mul(
      tf.sub(1, tf.abs(tf.sub(px, cx))),
      tf.sub(1, tf.abs(tf.sub(py, cy))),
    );
    const at = tf.add(
      tf.mul(tf.clipByValue(cy, 0, height - 1), width),
      tf.clipByValue(cx, 0, width - 1),
    );
    return {
      index: tf.cast(tf.reshape(tf.add(at, image), [-1]), "int32") as Tensor1D,
      weight: tf.reshape(tf.mul(nearness, tf.cast(inside, "float32")), [-1, 1]),
    };
  });
}

/** Where 0 ≤ position ≤ size − 1. */
function within(position: Tensor, size: number): Tensor {
  return tf.logicalAnd(tf.greaterEqual(position, 0), tf.lessEqual(position, size - 1));
}

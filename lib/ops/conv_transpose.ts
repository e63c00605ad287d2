/**
 * The transposed convolution that enlarges volumes, with its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "./custom_grad.ts";
import type { Tensor5D } from "./tensors.ts";

/**
 * Enlarges a volume: each voxel becomes a block as large as the filter, the blocks side by side, as
 * PyTorch's `ConvTranspose3d` whose stride is its kernel's size. A filter of 1×2×2 leaves the number
 * of planes. Differentiable in both; tfjs's `conv3dTranspose` has no gradient.
 *
 * @param x [batch, depth, height, width, from].
 * @param filter [blockDepth, blockHeight, blockWidth, to, from].
 * @returns [batch, depth · blockDepth, height · blockHeight, width · blockWidth, to].
 * @throws {RangeError} if the channels of x are not those of the filter.
 */
export function convTranspose3d(x: Tensor5D, filter: Tensor5D): Tensor5D {
  const [batch, depth, height, width, from] = x.shape;
  const [blockDepth, blockHeight, blockWidth, to, filterFrom] = filter.shape;
  if (from !== filterFrom) {
    throw new RangeError(
      `convTranspose3d: expected a filter [depth, height, width, to, ${from}] for x ` +
        `[${x.shape}], found [${filter.shape}]`,
    );
  }
  const strides: [number, number, number] = [blockDepth, blockHeight, blockWidth];
  const size = [batch, depth * blockDepth, height * blockHeight, width * blockWidth, to] as const;
  return customGrad({ x, filter }, {
    forward: () => {
      const value = tf.conv3dTranspose(x, filter, [...size], strides, "valid");
      return { value, saved: { x, filter } };
    },
    backward: (dy, { x, filter }) => ({
      x: tf.conv3d(dy, filter, strides, "valid"),
      filter: filterGradient(x, dy, filter.shape),
    }),
  });
}

/** That of the convolution from dy to x, by tfjs's kernel, for which tfjs has no function. */
function filterGradient(x: Tensor5D, dy: Tensor5D, filterShape: Tensor5D["shape"]): Tensor5D {
  const attributes = { strides: filterShape.slice(0, 3), pad: "valid", filterShape };
  return tf.engine().runKernel(tf.Conv3DBackpropFilterV2, { x: dy, dy: x }, attributes);
}

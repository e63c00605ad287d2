/**
 * tfjs's description of a pooling, for the kernels of every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Conv, type PerAxis, withDepth } from "./describe_conv.ts";

/** The attributes of a pooling's kernel that describe it. */
export interface PoolAttributes {
  /** Sizes of the window along the axes. */
  filterSize: PerAxis;
  /** Strides along the axes. */
  strides: PerAxis;
  /** Padding. */
  pad: "same" | "valid";
  /** How sizes that are not whole are rounded. */
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The pooling of volumes, or of slices as volumes of one plane. */
export function describePool(
  xShape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): Conv {
  if (xShape.length === 5) {
    return tf.backend_util.computePool3DInfo(
      xShape as [number, number, number, number, number],
      filterSize as [number, number, number],
      strides as [number, number, number],
      1,
      pad,
      dimRoundingMode,
    );
  }
  return withDepth(tf.backend_util.computePool2DInfo(
    xShape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad,
    dimRoundingMode,
  ));
}

/** Whether windows lie side by side without padding, so that no value is in two. */
export function windowsApart(pool: Conv): boolean {
  const { front, back, top, bottom, left, right } = pool.padInfo;
  return pool.strideDepth >= pool.filterDepth && pool.strideHeight >= pool.filterHeight &&
    pool.strideWidth >= pool.filterWidth && front + back + top + bottom + left + right === 0;
}

/**
 * tfjs's description of a convolution, for the kernels of every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Sizes, strides, padding and dilation of a convolution. */
export type Conv = tf.backend_util.Conv2DInfo;

/** The attributes of a convolution's kernel that describe it. */
export interface ConvAttributes {
  /** "NHWC", which is the default, or "NCHW". */
  dataFormat?: string;
  /** Strides along height and width. */
  strides: number | [number, number];
  /** Padding. */
  pad: Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
  /** How sizes that are not whole are rounded. */
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The convolution, or nothing where its data are not NHWC. */
export function describeConv(
  xShape: number[],
  filterShape: number[],
  { dataFormat, strides, pad, dimRoundingMode }: ConvAttributes,
  dilations: number | [number, number] = 1,
): Conv | undefined {
  if (dataFormat === "NCHW") return undefined;
  return tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
}

/**
 * tfjs's description of a convolution, for the kernels of every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** tfjs's description of a convolution of volumes. */
type Conv3D = tf.backend_util.Conv3DInfo;

/** The names of its shapes. */
type Shapes = "inShape" | "outShape" | "filterShape";

/**
 * Sizes, strides, padding and dilation of a convolution of volumes, [batch, depth, height, width,
 * channels]. One of slices has a depth of 1. So has one of volumes whose planes do not touch each
 * other: they are slices of a larger batch. The shapes are those of the tensors.
 */
export type Conv = Omit<Conv3D, Shapes> & Record<Shapes, number[]>;

/** Numbers along depth, height and width, or along height and width; or one for all. */
export type PerAxis = number | [number, number] | [number, number, number];

/** The attributes of a convolution's kernel that describe it. */
export interface ConvAttributes {
  /** "NHWC" or "NDHWC", which are the defaults, or "NCHW". */
  dataFormat?: string;
  /** Strides along the axes. */
  strides: PerAxis;
  /** Padding. */
  pad: Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
  /** How sizes that are not whole are rounded. */
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The convolution, or nothing where its channels are not the last axis. */
export function describeConv(
  xShape: number[],
  filterShape: number[],
  attributes: ConvAttributes,
  dilations: PerAxis = 1,
): Conv | undefined {
  if (attributes.dataFormat?.startsWith("NC")) return undefined;
  const describe = filterShape.length === 5 ? describeVolumes : describeSlices;
  return describe(xShape, filterShape, attributes, dilations);
}

function describeSlices(
  xShape: number[],
  filterShape: number[],
  { strides, pad, dimRoundingMode }: ConvAttributes,
  dilations: PerAxis,
): Conv {
  const conv = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides as [number, number],
    dilations as [number, number],
    pad,
    dimRoundingMode,
  );
  return withDepth(conv);
}

/** What is described of slices, as of volumes of one plane. */
export function withDepth(slices: tf.backend_util.Conv2DInfo): Conv {
  return {
    ...slices,
    ...{ inDepth: 1, outDepth: 1, filterDepth: 1, effectiveFilterDepth: 1 },
    ...{ strideDepth: 1, dilationDepth: 1, padInfo: { ...slices.padInfo, front: 0, back: 0 } },
  };
}

function describeVolumes(
  xShape: number[],
  filterShape: number[],
  { strides, pad }: ConvAttributes,
  dilations: PerAxis,
): Conv {
  const conv = tf.backend_util.computeConv3DInfo(
    xShape as [number, number, number, number, number],
    filterShape as [number, number, number, number, number],
    strides as [number, number, number],
    dilations as [number, number, number],
    pad as "same" | "valid",
  );
  const { batchSize, inDepth, padInfo } = conv;
  const apart = conv.filterDepth * conv.strideDepth === 1 && padInfo.front + padInfo.back === 0;
  return apart ? { ...conv, batchSize: batchSize * inDepth, inDepth: 1, outDepth: 1 } : conv;
}

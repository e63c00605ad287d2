/**
 * Depthwise convolution and its gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Call, countFlops, type Entry } from "../register.ts";

/** Output rows of a band, as in kernels/conv_depthwise.ts. */
const BAND = 8;

/** tfjs's description of a convolution. */
type Conv = tf.backend_util.Conv2DInfo;

/**
 * tfjs's kernels `DepthwiseConv2dNative` and its two gradients, for stride 1 and one filter per
 * channel.
 */
export const depthwiseEntries: Record<string, Entry> = {
  DepthwiseConv2dNative: ({ inputs: { x, filter }, attrs, backend }) => {
    const conv = describe(x.shape, filter.shape, attrs);
    if (!conv) return undefined;
    const y = backend.output(conv.outShape);
    const from = [backend.pointer(x), backend.pointer(filter), conv.inChannels * 4, y.pointer];
    const units = conv.batchSize * Math.ceil(conv.outHeight / BAND) * blocksOf(conv);
    backend.run("depthwise", units, [...from, ...geometry(conv)], scratchBytes(conv));
    return y.info;
  },
  DepthwiseConv2dNativeBackpropInput: ({ inputs: { dy, filter }, attrs, backend }) => {
    const conv = describe(attrs.inputShape, filter.shape, attrs);
    if (!conv) return undefined;
    const dx = backend.output(conv.inShape);
    // The same convolution, of dy with the filter turned by 180°.
    const turned = {
      ...conv,
      ...{ inHeight: conv.outHeight, inWidth: conv.outWidth },
      ...{ outHeight: conv.inHeight, outWidth: conv.inWidth },
      padInfo: {
        ...conv.padInfo,
        top: conv.filterHeight - 1 - conv.padInfo.top,
        left: conv.filterWidth - 1 - conv.padInfo.left,
      },
    };
    const tap = conv.inChannels * 4;
    const last = backend.pointer(filter) + (conv.filterHeight * conv.filterWidth - 1) * tap;
    const from = [backend.pointer(dy), last, -tap, dx.pointer];
    const units = conv.batchSize * Math.ceil(conv.inHeight / BAND) * blocksOf(conv);
    backend.run("depthwise", units, [...from, ...geometry(turned)], scratchBytes(turned));
    return dx.info;
  },
  DepthwiseConv2dNativeBackpropFilter: ({ inputs: { x, dy }, attrs, backend }) => {
    const conv = describe(x.shape, attrs.filterShape, attrs);
    if (!conv) return undefined;
    const dw = backend.output(attrs.filterShape);
    const padded = blocksOf(conv) * 8;
    const taps = conv.filterHeight * conv.filterWidth;
    const [from, slope] = [backend.pointer(x), backend.pointer(dy)];
    backend.withFloats(conv.batchSize * taps * padded, (partial) => {
      const args = [from, slope, partial, ...geometry(conv)];
      const units = conv.batchSize * blocksOf(conv);
      backend.run("depthwiseFilterGradient", units, args, scratchBytes(conv));
      const length = taps * conv.inChannels;
      const sum = [partial, conv.batchSize, length, conv.inChannels, padded, dw.pointer];
      backend.run("sumChunks", Math.ceil(length / 1024), sum);
    });
    return dw.info;
  },
};

/** The convolution, or nothing where its kernels do not suit. */
function describe(xShape: number[], filterShape: number[], attrs: Call["attrs"]): Conv | undefined {
  const conv = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = conv;
  const plain = strideHeight * strideWidth * dilationHeight * dilationWidth === 1 &&
    filterShape[3] === 1 && padInfo.top < conv.filterHeight && padInfo.left < conv.filterWidth;
  if (!plain) return undefined;
  const pixels = conv.batchSize * conv.outHeight * conv.outWidth;
  countFlops(2 * pixels * conv.filterHeight * conv.filterWidth * conv.inChannels);
  return conv;
}

/** Blocks of eight channels. */
function blocksOf({ inChannels }: Conv): number {
  return Math.ceil(inChannels / 8);
}

/** The arguments from `height` on. */
function geometry(conv: Conv): number[] {
  return [
    ...[conv.inHeight, conv.inWidth, conv.inChannels, conv.outHeight, conv.outWidth],
    ...[conv.filterHeight, conv.filterWidth, conv.padInfo.top, conv.padInfo.left],
  ];
}

/** A filter, a band of outputs, and the inputs that it needs, eight channels of each. */
function scratchBytes({ filterHeight, filterWidth, outWidth }: Conv): number {
  const input = (BAND + filterHeight - 1) * (outWidth + filterWidth - 1);
  return 32 * (filterHeight * filterWidth + BAND * outWidth + input);
}

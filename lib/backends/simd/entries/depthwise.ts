/**
 * Depthwise convolution and its gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Call, Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { BAND, PANEL } from "../kernel_calls.ts";
import { after } from "../memory.ts";
import { countFlops } from "../register.ts";
import { sumChunks } from "./matmul.ts";

/** tfjs's description of a convolution. */
type Conv = tf.backend_util.Conv2DInfo;

/**
 * tfjs's kernels `DepthwiseConv2dNative` and its two gradients, for stride 1 and one filter per
 * channel.
 */
export const depthwiseEntries = {
  DepthwiseConv2dNative: ({ inputs: { x, filter }, attrs, backend }) => {
    const conv = describe(x.shape, filter.shape, attrs);
    if (!conv) return undefined;
    const y = backend.output(conv.outShape);
    const units = conv.batchSize * Math.ceil(conv.outHeight / BAND) * blocksOf(conv);
    const from = { x: backend.pointer(x), filter: backend.pointer(filter) };
    const tapStep = conv.inChannels * 4;
    backend.run("depthwise", units, { ...from, tapStep, y: y.pointer, ...sizesOf(conv) });
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
    const { filterHeight, filterWidth, inChannels } = conv;
    const last = (filterHeight * filterWidth - 1) * inChannels;
    const units = conv.batchSize * Math.ceil(conv.inHeight / BAND) * blocksOf(conv);
    const from = { x: backend.pointer(dy), filter: after(backend.pointer(filter), last) };
    const tapStep = -inChannels * 4;
    backend.run("depthwise", units, { ...from, tapStep, y: dx.pointer, ...sizesOf(turned) });
    return dx.info;
  },
  DepthwiseConv2dNativeBackpropFilter: ({ inputs: { x, dy }, attrs, backend }) => {
    const conv = describe(x.shape, attrs.filterShape, attrs);
    if (!conv) return undefined;
    const dw = backend.output(attrs.filterShape);
    const taps = conv.filterHeight * conv.filterWidth;
    const from = { x: backend.pointer(x), dy: backend.pointer(dy) };
    const stride = blocksOf(conv) * PANEL;
    backend.withFloats(conv.batchSize * taps * stride, (partial) => {
      const units = conv.batchSize * blocksOf(conv);
      backend.run("depthwiseFilterGradient", units, { ...from, partial, ...sizesOf(conv) });
      const sum = { partial, chunks: conv.batchSize, length: taps * conv.inChannels };
      sumChunks(backend, { ...sum, columns: conv.inChannels, stride, out: dw.pointer });
    });
    return dw.info;
  },
} satisfies Entries<SimdBackend>;

/** The convolution, or nothing where its kernels do not suit. */
function describe(
  xShape: number[],
  filterShape: number[],
  attrs: Call<SimdBackend, "DepthwiseConv2dNative">["attrs"],
): Conv | undefined {
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
  return Math.ceil(inChannels / PANEL);
}

/** The sizes that the kernels take. */
function sizesOf({ inHeight, inWidth, inChannels, padInfo, ...conv }: Conv) {
  const { outHeight, outWidth, filterHeight, filterWidth } = conv;
  return {
    ...{ height: inHeight, width: inWidth, channels: inChannels, outHeight, outWidth },
    ...{ filterHeight, filterWidth, padTop: padInfo.top, padLeft: padInfo.left },
  };
}

/**
 * Convolution and its gradients as matrix products over patches that are never written out.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type Conv, describeConv } from "../../describe_conv.ts";
import type { Entries, Entry } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";
import { halfFactor, usesHalf } from "../half.ts";
import { fourOf, matrix, storeAt, storeMatrix, vectorOf } from "../shaders/matrix.ts";
import {
  type Product,
  productShader,
  type ProductSizes,
  productWorkgroups,
  splitsFor,
  sumParts,
} from "../shaders/product.ts";

/** Workgroups that a filter gradient is split into, at least, where the pixels suffice. */
const WORKGROUPS = 512;

const forward: Entry<WebgpuBackend> = ({ inputs: { x, filter }, attrs, backend }) => {
  const conv = describeConv(x.shape, filter.shape, attrs, attrs.dilations);
  return conv && convolve(backend, conv, { x, filter });
};

const backpropInput: Entry<WebgpuBackend> = ({ inputs: { dy, filter }, attrs, backend }) => {
  const conv = describeConv(attrs.inputShape, filter.shape, attrs);
  if (!conv) return undefined;
  const plain = conv.strideDepth * conv.strideHeight * conv.strideWidth === 1;
  if (!plain && !tilesInput(conv)) return undefined;
  const gradient = plain ? inputGradient : tiledInputGradient;
  return withFactor(backend, dy, (factor) => gradient(backend, conv, { dy, filter, factor }));
};

const backpropFilter: Entry<WebgpuBackend> = ({ inputs: { x, dy }, attrs, backend }) => {
  const conv = describeConv(x.shape, attrs.filterShape, attrs);
  return conv &&
    withFactor(backend, dy, (factor) => filterGradient(backend, conv, { x, dy, factor }));
};

/** tfjs's kernels of convolutions and their gradients, of slices and of volumes. */
export const convEntries = {
  Conv2D: forward,
  Conv2DBackpropInput: backpropInput,
  Conv2DBackpropFilter: backpropFilter,
  Conv3D: forward,
  Conv3DBackpropInputV2: backpropInput,
  Conv3DBackpropFilterV2: backpropFilter,
} satisfies Entries<WebgpuBackend>;

/** Computes with the factor that brings a gradient into the range of halves, where those are used. */
function withFactor(
  backend: WebgpuBackend,
  dy: tf.TensorInfo,
  compute: (factor?: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo {
  if (!usesHalf(backend)) return compute();
  const factor = halfFactor(backend, dy);
  const result = compute(factor);
  backend.disposeData(factor.dataId);
  return result;
}

/** What the shaders of a convolution depend on beside the shapes of tensors. */
function variantOf(backend: WebgpuBackend, conv: Conv): unknown[] {
  const { filterDepth, filterHeight, filterWidth, padInfo: { front, top, left } } = conv;
  return [
    ...[filterDepth, filterHeight, filterWidth, front, top, left],
    ...[conv.strideDepth, conv.strideHeight, conv.strideWidth],
    ...[conv.dilationDepth, conv.dilationHeight, conv.dilationWidth],
    usesHalf(backend),
  ];
}

/** The factors of a product whose matrix of gradients is scaled, if any is. */
function halfOf(
  backend: WebgpuBackend,
  gradient: "a" | "b",
  factor?: tf.TensorInfo,
): Product["half"] {
  if (!usesHalf(backend)) return undefined;
  return { a: "1.0", b: "1.0", ...factor && { [gradient]: "factor[0]" } };
}

/** The binding of a factor, before the output's. */
function factorBinding(factor?: tf.TensorInfo): Record<string, string> {
  return factor ? { factor: "f32" } : {};
}

/** y[pixel][out] = Σ patch[pixel][tap, in] · filter[tap, in][out]. */
function convolve(
  backend: WebgpuBackend,
  conv: Conv,
  { x, filter, factor }: { x: tf.TensorInfo; filter: tf.TensorInfo; factor?: tf.TensorInfo },
): tf.TensorInfo {
  const { inChannels, outChannels } = conv;
  const [rows, columns, depth] = [outPixels(conv), outChannels, patchSize(conv)];
  const [xType, filterType] = [vectorOf(inChannels), vectorOf(outChannels)];
  const sizes = { rows, columns, depth, splits: 1, half: halfOf(backend, "a", factor) };
  const code = (): string =>
    productShader({
      ...sizes,
      along: "depth",
      code: `${
        bindings({ x: xType, weights: filterType, ...factorBinding(factor), y: filterType }, 1)
      }
${patchAt(conv)}
fn loadA(row: u32, k: u32) -> vec4f {
  ${fourOf(xType, (j) => `patchAt(row, k + ${j}u)`)}
}
${matrix("loadB", "weights", { rows: depth, columns })}
${storeMatrix("y", { rows, columns })}`,
    });
  const [y] = dispatch(backend, {
    label: "Conv2D",
    variant: variantOf(backend, conv),
    code,
    inputs: factor ? [x, filter, factor] : [x, filter],
    outputs: [conv.outShape],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * columns * depth,
  });
  return y;
}

/** The same convolution, of dy with the filter turned by 180° and its channels exchanged. */
function inputGradient(
  backend: WebgpuBackend,
  conv: Conv,
  { dy, filter, factor }: { dy: tf.TensorInfo; filter: tf.TensorInfo; factor?: tf.TensorInfo },
): tf.TensorInfo {
  const { filterDepth, filterHeight, filterWidth, inChannels, outChannels, padInfo } = conv;
  const taps = filterDepth * filterHeight * filterWidth;
  const turned = transposeTaps(backend, filter, {
    shape: [taps, outChannels, inChannels],
    source: `((${taps - 1}u - tap) * ${inChannels}u + column) * ${outChannels}u + row`,
  });
  const { outShape, outDepth, outHeight, outWidth, inShape, inDepth, inHeight, inWidth } = conv;
  const back: Conv = {
    ...conv,
    ...{ inShape: outShape, inDepth: outDepth, inHeight: outHeight, inWidth: outWidth },
    ...{ outShape: inShape, outDepth: inDepth, outHeight: inHeight, outWidth: inWidth },
    ...{ inChannels: outChannels, outChannels: inChannels },
    padInfo: {
      ...padInfo,
      front: filterDepth - 1 - padInfo.front,
      top: filterHeight - 1 - padInfo.top,
      left: filterWidth - 1 - padInfo.left,
    },
  };
  const dx = convolve(backend, back, { x: dy, filter: turned, factor });
  backend.disposeData(turned.dataId);
  return dx;
}

/** Whether each input pixel belongs to one patch: the transposed convolution that doubles the size. */
function tilesInput(conv: Conv): boolean {
  const { strideDepth, strideHeight, strideWidth, padInfo } = conv;
  return conv.filterDepth === strideDepth && conv.outDepth * strideDepth === conv.inDepth &&
    conv.filterHeight === strideHeight && conv.outHeight * strideHeight === conv.inHeight &&
    conv.filterWidth === strideWidth && conv.outWidth * strideWidth === conv.inWidth &&
    padInfo.front + padInfo.top + padInfo.left === 0;
}

/** dx[pixel, tap][in] = Σ dy[pixel][out] · filter[tap, in][out]. */
function tiledInputGradient(
  backend: WebgpuBackend,
  conv: Conv,
  { dy, filter, factor }: { dy: tf.TensorInfo; filter: tf.TensorInfo; factor?: tf.TensorInfo },
): tf.TensorInfo {
  const { outChannels } = conv;
  const [rows, columns, depth] = [outPixels(conv), patchSize(conv), outChannels];
  const turned = transposeTaps(backend, filter, {
    shape: [1, outChannels, columns],
    source: `column * ${outChannels}u + row`,
  });
  const sizes = { rows, columns, depth, splits: 1, half: halfOf(backend, "a", factor) };
  const [dx] = dispatch(backend, {
    label: "Conv2DBackpropInput",
    variant: variantOf(backend, conv),
    code: () => inputGradientShader(conv, sizes, factor),
    inputs: factor ? [dy, turned, factor] : [dy, turned],
    outputs: [conv.inShape],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * columns * depth,
  });
  backend.disposeData(turned.dataId);
  return dx;
}

function inputGradientShader(
  conv: Conv,
  sizes: ProductSizes,
  factor: tf.TensorInfo | undefined,
): string {
  const { inChannels, outChannels, strideHeight, strideWidth, outHeight, outWidth } = conv;
  const { outDepth, strideDepth } = conv;
  const { rows, columns, depth } = sizes;
  const [dyType, dxType] = [vectorOf(outChannels), vectorOf(inChannels)];
  return productShader({
    ...sizes,
    along: "depth",
    code: `${
      bindings(
        { dy: dyType, weights: vectorOf(columns), ...factorBinding(factor), dx: dxType },
        1,
      )
    }
${matrix("loadA", "dy", { rows, columns: depth })}
${matrix("loadB", "weights", { rows: depth, columns })}
fn placeOf(row: u32, column: u32) -> u32 {
  let volume = row / ${outDepth * outHeight * outWidth}u;
  let z = row / ${outHeight * outWidth}u % ${outDepth}u * ${strideDepth}u + column / ${
      strideHeight * strideWidth * inChannels
    }u;
  let y = row / ${outWidth}u % ${outHeight}u * ${strideHeight}u + column / ${
      strideWidth * inChannels
    }u % ${strideHeight}u;
  let x = row % ${outWidth}u * ${strideWidth}u + column / ${inChannels}u % ${strideWidth}u;
  let plane = volume * ${conv.inDepth}u + z;
  return ((plane * ${conv.inHeight}u + y) * ${conv.inWidth}u + x) * ${inChannels}u +
    column % ${inChannels}u;
}
${storeAt("dx", { rows, columns, type: dxType, place: "placeOf(row, column)" })}`,
  });
}

/** dw[tap, in][out] = Σ patch[pixel][tap, in] · dy[pixel][out], the pixels in parts. */
function filterGradient(
  backend: WebgpuBackend,
  conv: Conv,
  { x, dy, factor }: { x: tf.TensorInfo; dy: tf.TensorInfo; factor?: tf.TensorInfo },
): tf.TensorInfo {
  const { inChannels, outChannels, filterShape } = conv;
  const [rows, columns, depth] = [patchSize(conv), outChannels, outPixels(conv)];
  const half = halfOf(backend, "b", factor);
  const splits = splitsFor({ rows, columns, depth, half }, WORKGROUPS);
  const [xType, dyType] = [vectorOf(inChannels), vectorOf(outChannels)];
  const sizes = { rows, columns, depth, splits, half };
  const code = (): string =>
    productShader({
      ...sizes,
      along: "rows",
      code: `${bindings({ x: xType, dy: dyType, ...factorBinding(factor), dw: dyType }, 1)}
${patchAt(conv)}
fn loadA(row: u32, k: u32) -> vec4f {
  ${fourOf(xType, (j) => `patchAt(k, row + ${j}u)`)}
}
${matrix("loadB", "dy", { rows: depth, columns })}
${storeMatrix("dw", { rows, columns })}`,
    });
  const [parts] = dispatch(backend, {
    label: "Conv2DBackpropFilter",
    variant: variantOf(backend, conv),
    code,
    inputs: factor ? [x, dy, factor] : [x, dy],
    outputs: [[splits, ...filterShape]],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * columns * depth,
  });
  return sumParts(backend, parts, {
    label: "Conv2DBackpropFilter, sum of parts",
    shape: filterShape,
  });
}

/** A filter as [taps, rows, columns] of its last two axes, each value from index `source`. */
function transposeTaps(
  backend: WebgpuBackend,
  filter: tf.TensorInfo,
  { shape, source }: { shape: [taps: number, rows: number, columns: number]; source: string },
): tf.TensorInfo {
  const [, rows, columns] = shape;
  const size = shape.reduce((product, n) => product * n, 1);
  const body = `  let tap = i / ${rows * columns}u;
  let row = i / ${columns}u % ${rows}u;
  let column = i % ${columns}u;
  turned[i] = weights[${source}];`;
  const [turned] = dispatch(backend, {
    label: "Conv2DBackpropInput, filter turned",
    variant: [source],
    code: () => `${bindings({ weights: "f32", turned: "f32" }, 1)}\n${flatMain(size, 64, body)}`,
    inputs: [filter],
    outputs: [shape],
    workgroups: flatWorkgroups(size, 64),
  });
  return turned;
}

/** WGSL: the value of x under a tap and channel `k` of the patch of an output pixel, 0 outside. */
function patchAt(conv: Conv): string {
  const { inChannels, inHeight, inWidth, outHeight, outWidth, filterWidth, padInfo } = conv;
  const type = vectorOf(inChannels);
  const place = `((plane * ${inHeight}u + u32(y)) * ${inWidth}u + u32(x_)) * ${inChannels}u + ` +
    `k % ${inChannels}u`;
  return `fn patchAt(pixel: u32, k: u32) -> ${type} {
  if (pixel >= ${outPixels(conv)}u || k >= ${patchSize(conv)}u) { return ${type}(); }
  let tap = k / ${inChannels}u;
  ${planeAt(conv, type)}
  let y = i32(pixel / ${outWidth}u % ${outHeight}u * ${conv.strideHeight}u +
    tap / ${filterWidth}u % ${conv.filterHeight}u * ${conv.dilationHeight}u) - ${padInfo.top};
  let x_ = i32(pixel % ${outWidth}u * ${conv.strideWidth}u +
    tap % ${filterWidth}u * ${conv.dilationWidth}u) - ${padInfo.left};
  if (y < 0 || y >= ${inHeight} || x_ < 0 || x_ >= ${inWidth}) { return ${type}(); }
  return x[(${place})${type === "vec4f" ? " / 4u" : ""}];
}`;
}

/** WGSL: the plane under a tap, of all the batch; slices have but one. */
function planeAt(conv: Conv, type: string): string {
  const { inDepth, outDepth, filterHeight, filterWidth, padInfo } = conv;
  const plane = `pixel / ${conv.outHeight * conv.outWidth}u`;
  if (inDepth * conv.filterDepth === 1) return `let plane = ${plane};`;
  return `let z = i32(${plane} % ${outDepth}u * ${conv.strideDepth}u +
    tap / ${filterHeight * filterWidth}u * ${conv.dilationDepth}u) - ${padInfo.front};
  if (z < 0 || z >= ${inDepth}) { return ${type}(); }
  let plane = ${plane} / ${outDepth}u * ${inDepth}u + u32(z);`;
}

function outPixels({ batchSize, outDepth, outHeight, outWidth }: Conv): number {
  return batchSize * outDepth * outHeight * outWidth;
}

function patchSize({ filterDepth, filterHeight, filterWidth, inChannels }: Conv): number {
  return filterDepth * filterHeight * filterWidth * inChannels;
}

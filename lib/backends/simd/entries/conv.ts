/**
 * Convolution and its gradients: Winograd's F(4×4, 3×3) where it saves work, else a matrix product
 * over patches.
 *
 * @module
 */
import { type Conv, describeConv } from "../../describe_conv.ts";
import type { Entries, Entry } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { encodeGeometry, IN_BLOCK, OUT_BLOCK, PANEL, ROW_BLOCK, SKEW } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";
import { countFlops } from "../register.ts";
import { packMatrix, sumChunks } from "./matmul.ts";

/** Tiles whose products are computed together, about. */
const BLOCK_TILES = 18;
/** Tiles transformed at a time for the filter gradient, about. */
const SHARE_TILES = 96;
/** Fewest units of a filter gradient; fixed, so that no result depends on the threads. */
const UNITS = 16;

const forward: Entry<SimdBackend> = ({ inputs: { x, filter }, attrs, backend }) => {
  const conv = describe(x.shape, filter.shape, attrs, attrs.dilations);
  if (!conv) return undefined;
  const y = backend.output(conv.outShape);
  const from = { x: backend.pointer(x), filter: backend.pointer(filter) };
  convolve(backend, conv, { ...from, y: y.pointer });
  return y.info;
};

const backpropInput: Entry<SimdBackend> = ({ inputs: { dy, filter }, attrs, backend }) => {
  const conv = describe(attrs.inputShape, filter.shape, attrs);
  if (!conv) return undefined;
  const dx = backend.output(conv.inShape);
  const from = { dy: backend.pointer(dy), filter: backend.pointer(filter) };
  inputGradient(backend, conv, { ...from, dx: dx.pointer });
  return dx.info;
};

const backpropFilter: Entry<SimdBackend> = ({ inputs: { x, dy }, attrs, backend }) => {
  const conv = describe(x.shape, attrs.filterShape, attrs);
  if (!conv) return undefined;
  const dw = backend.output(attrs.filterShape);
  const from = { x: backend.pointer(x), dy: backend.pointer(dy) };
  filterGradient(backend, conv, { ...from, dw: dw.pointer });
  return dw.info;
};

/** tfjs's kernels of convolutions and their gradients, of slices and of volumes. */
export const convEntries = {
  Conv2D: forward,
  Conv2DBackpropInput: backpropInput,
  Conv2DBackpropFilter: backpropFilter,
  Conv3D: forward,
  Conv3DBackpropInputV2: backpropInput,
  Conv3DBackpropFilterV2: backpropFilter,
} satisfies Entries<SimdBackend>;

/** The convolution, its work counted, or nothing where its channels are not the last axis. */
function describe(...args: Parameters<typeof describeConv>): Conv | undefined {
  const conv = describeConv(...args);
  if (!conv) return undefined;
  countFlops(2 * outPixels(conv) * patchSize(conv) * conv.outChannels);
  return conv;
}

function convolve(
  backend: SimdBackend,
  conv: Conv,
  { x, filter, y }: Record<"x" | "filter" | "y", Pointer>,
): void {
  const { inChannels, outChannels } = conv;
  if (suitsWinograd(conv)) {
    const tap = inChannels * outChannels * 4;
    const steps = { plane: 9 * tap, tap, inStep: outChannels * 4, outStep: 4 };
    winograd(backend, conv, { x, filter, y, ...steps });
    return;
  }
  const k = patchSize(conv);
  const pixels = outPixels(conv);
  const units = Math.ceil(pixels / ROW_BLOCK);
  packMatrix(backend, { b: filter, bK: outChannels * 4, bN: 4, k, n: outChannels }, (packed) => {
    if (isPointwise(conv)) {
      const left = { a: x, aBatch: 0, aRow: k * 4, aK: 4, m: pixels, k };
      const right = { packed, packedBatch: 0, n: outChannels };
      backend.run("matmul", units, { ...left, ...right, c: y });
      return;
    }
    withGeometry(
      backend,
      conv,
      (geometry) => backend.run("conv", units, { geometry, x, packed, y, pixels, outChannels }),
    );
  });
}

function inputGradient(
  backend: SimdBackend,
  conv: Conv,
  { dy, filter, dx }: Record<"dy" | "filter" | "dx", Pointer>,
): void {
  const { inChannels, outChannels } = conv;
  if (suitsWinograd(conv)) {
    const tap = inChannels * outChannels;
    const steps = { plane: -36 * tap, tap: -tap * 4, inStep: 4, outStep: outChannels * 4 };
    const last = after(filter, (9 * conv.filterDepth - 1) * tap);
    winograd(backend, turnedBack(conv), { x: dy, filter: last, y: dx, ...steps });
    return;
  }
  const k = patchSize(conv);
  const b = { b: filter, bK: 4, bN: outChannels * 4, k: outChannels, n: k };
  packMatrix(backend, b, (packed) => {
    if (isPointwise(conv)) {
      const pixels = outPixels(conv);
      const left = { a: dy, aBatch: 0, aRow: outChannels * 4, aK: 4, m: pixels, k: outChannels };
      const right = { packed, packedBatch: 0, n: inChannels };
      backend.run("matmul", Math.ceil(pixels / ROW_BLOCK), { ...left, ...right, c: dx });
      return;
    }
    withGeometry(backend, conv, (geometry) => {
      const unitPlanes = planesApart(conv) ? 1 : conv.outDepth;
      const args = { geometry, dy, packed, dx, outChannels, unitPlanes };
      backend.run("convInputGradient", conv.batchSize * conv.outDepth / unitPlanes, args);
    });
  });
}

/**
 * The convolution that is the input gradient: of dy, with the filter turned by 180° and its channels
 * exchanged.
 */
function turnedBack(conv: Conv): Conv {
  const { inChannels, outChannels, inDepth, inHeight, inWidth, filterDepth, padInfo } = conv;
  const { front, top, left } = padInfo;
  return {
    ...conv,
    ...{ inDepth: conv.outDepth, inHeight: conv.outHeight, inWidth: conv.outWidth },
    ...{ outDepth: inDepth, outHeight: inHeight, outWidth: inWidth },
    ...{ inChannels: outChannels, outChannels: inChannels },
    padInfo: { ...padInfo, front: filterDepth - 1 - front, top: 2 - top, left: 2 - left },
  };
}

/** Whether no two planes of the output come from the same plane of the input. */
function planesApart({ filterDepth, dilationDepth, strideDepth, padInfo }: Conv): boolean {
  return (filterDepth - 1) * dilationDepth < strideDepth && padInfo.front === 0;
}

function filterGradient(
  backend: SimdBackend,
  conv: Conv,
  { x, dy, dw }: Record<"x" | "dy" | "dw", Pointer>,
): void {
  if (suitsWinograd(conv)) return winogradFilterGradient(backend, conv, { x, dy, dw });
  const { outChannels } = conv;
  const pixels = outPixels(conv);
  const k = patchSize(conv);
  const padded = Math.ceil(outChannels / PANEL) * PANEL;
  const chunkPixels = Math.ceil(Math.max(512, pixels / UNITS) / ROW_BLOCK) * ROW_BLOCK;
  const chunks = Math.ceil(pixels / chunkPixels);
  backend.withFloats(
    chunks * k * padded,
    (partial) =>
      withGeometry(backend, conv, (geometry) => {
        const args = { geometry, x, dy, partial, pixels, chunkPixels, outChannels };
        backend.run("convFilterGradient", chunks, args);
        const sum = { partial, chunks, length: k * outChannels, columns: outChannels };
        sumChunks(backend, { ...sum, stride: padded, out: dw });
      }),
  );
}

/** Whether Winograd's tiles of 4×4 waste less than they save. */
function suitsWinograd(conv: Conv): boolean {
  const { inChannels, outChannels, outHeight, outWidth, inHeight, inWidth, padInfo } = conv;
  const plain = conv.filterHeight === 3 && conv.filterWidth === 3 && conv.strideHeight === 1 &&
    conv.strideWidth === 1 && conv.dilationHeight === 1 && conv.dilationWidth === 1 &&
    conv.strideDepth === 1 && conv.dilationDepth === 1;
  const used = (n: number) => n / (Math.ceil(n / 4) * 4);
  return plain && inChannels % 8 === 0 && outChannels % 8 === 0 && padInfo.top <= 2 &&
    padInfo.left <= 2 && used(outHeight) * used(outWidth) > 0.5 &&
    used(inHeight) * used(inWidth) > 0.5;
}

/** Convolves by Winograd; `plane`, `tap`, `inStep` and `outStep` step over the filter, in bytes. */
function winograd(
  backend: SimdBackend,
  conv: Conv,
  { x, y, ...filter }:
    & Record<"x" | "filter" | "y", Pointer>
    & Record<"plane" | "tap" | "inStep" | "outStep", number>,
): void {
  const { filterDepth, inChannels, outChannels } = conv;
  const panels = outChannels / PANEL;
  const blocks = columnsOf(conv, BLOCK_TILES);
  backend.withFloats(36 * (filterDepth * inChannels * outChannels + SKEW / 4), (u) => {
    const args = { ...filter, filterDepth, inChannels, outChannels, u };
    backend.run("winogradFilter", panels, args);
    const units = Math.ceil(blocks.columns / blocks.blockColumns) *
      Math.ceil(outChannels / OUT_BLOCK);
    backend.run("winogradConv", units, { x, u, y, ...sizesOf(conv), ...blocks });
  });
}

function winogradFilterGradient(
  backend: SimdBackend,
  conv: Conv,
  { x, dy, dw }: Record<"x" | "dy" | "dw", Pointer>,
): void {
  const { filterDepth, inChannels, outChannels } = conv;
  const parts = columnsOf(conv, SHARE_TILES);
  const { columns, blockColumns } = parts;
  const blocks = Math.ceil(inChannels / IN_BLOCK) * Math.ceil(outChannels / OUT_BLOCK);
  const wanted = Math.ceil(columns / Math.ceil(UNITS / blocks));
  const chunkColumns = Math.ceil(wanted / blockColumns) * blockColumns;
  const chunks = Math.ceil(columns / chunkColumns);
  const rows = filterDepth * inChannels;
  backend.withFloats(chunks * 36 * rows * outChannels, (share) => {
    const args = { x, dy, share, ...sizesOf(conv), ...parts, chunkColumns };
    backend.run("winogradFilterShare", chunks * blocks, args);
    const sum = { share, chunks, filterDepth, inChannels, outChannels, filterGradient: dw };
    backend.run("winogradFilterGradient", rows, sum);
  });
}

/** The sizes that a Winograd kernel takes. */
function sizesOf({ inDepth, inHeight, inWidth, padInfo, ...conv }: Conv) {
  const { inChannels, outDepth, outHeight, outWidth, outChannels, filterDepth } = conv;
  return {
    ...{ depth: inDepth, height: inHeight, width: inWidth, inChannels },
    ...{ outDepth, outHeight, outWidth, outChannels, filterDepth },
    ...{ padFront: padInfo.front, padTop: padInfo.top, padLeft: padInfo.left },
  };
}

/**
 * How Winograd's tiles are taken together: columns through the planes, of equal length, and as many of
 * these in a block as need about so many tiles of input.
 */
function columnsOf(
  conv: Conv,
  tiles: number,
): Record<"columns" | "columnPlanes" | "blockColumns", number> {
  const { filterDepth, outDepth } = conv;
  const parts = Math.ceil(outDepth / tiles);
  const columnPlanes = Math.ceil(outDepth / parts);
  const blockColumns = Math.max(1, Math.floor(tiles / (columnPlanes + filterDepth - 1)));
  const columns = tileCount(conv) * Math.ceil(outDepth / columnPlanes);
  return { columns, columnPlanes, blockColumns };
}

/** Winograd's tiles of a plane, of all the batch. */
function tileCount(conv: Conv): number {
  return conv.batchSize * Math.ceil(conv.outHeight / 4) * Math.ceil(conv.outWidth / 4);
}

function outPixels({ batchSize, outDepth, outHeight, outWidth }: Conv): number {
  return batchSize * outDepth * outHeight * outWidth;
}

function patchSize(conv: Conv): number {
  return conv.filterDepth * conv.filterHeight * conv.filterWidth * conv.inChannels;
}

/** Whether the patches are the pixels themselves. */
function isPointwise(conv: Conv): boolean {
  const { front, back, top, bottom, left, right } = conv.padInfo;
  return patchSize(conv) === conv.inChannels &&
    conv.strideDepth * conv.strideHeight * conv.strideWidth === 1 &&
    front + back + top + bottom + left + right === 0;
}

/** Lends the convolution's geometry. */
function withGeometry(backend: SimdBackend, conv: Conv, use: (geometry: Pointer) => void): void {
  const { inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth } = conv;
  const { filterDepth, filterHeight, filterWidth, strideDepth, strideHeight, strideWidth } = conv;
  const { dilationDepth, dilationHeight, dilationWidth, padInfo } = conv;
  const words = encodeGeometry({
    ...{ depth: inDepth, height: inHeight, width: inWidth, channels: inChannels },
    ...{ outDepth, outHeight, outWidth, filterDepth, filterHeight, filterWidth },
    ...{ strideDepth, strideHeight, strideWidth, dilationDepth, dilationHeight, dilationWidth },
    ...{ padFront: padInfo.front, padTop: padInfo.top, padLeft: padInfo.left },
  });
  backend.withFloats(words.length, (pointer) => {
    new Int32Array(backend.shared.memory.buffer, pointer, words.length).set(words);
    use(pointer);
  });
}

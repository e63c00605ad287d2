/**
 * Convolution and its gradients: Winograd's F(4×4, 3×3) where it saves work, else a matrix product
 * over patches.
 *
 * @module
 */
import { type Conv, describeConv } from "../../describe_conv.ts";
import type { Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { encodeGeometry, IN_BLOCK, OUT_BLOCK, PANEL, ROW_BLOCK, SKEW } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";
import { countFlops } from "../register.ts";
import { packMatrix, sumChunks } from "./matmul.ts";

/** Tiles whose products are computed together. */
const BLOCK_TILES = 18;
/** Tiles transformed at a time for the filter gradient. */
const SHARE_TILES = 96;
/** Fewest units of a filter gradient; fixed, so that no result depends on the threads. */
const UNITS = 16;

/** tfjs's kernels `Conv2D`, `Conv2DBackpropInput` and `Conv2DBackpropFilter`. */
export const convEntries = {
  Conv2D: ({ inputs: { x, filter }, attrs, backend }) => {
    const conv = describe(x.shape, filter.shape, attrs, attrs.dilations);
    if (!conv) return undefined;
    const y = backend.output(conv.outShape);
    const from = { x: backend.pointer(x), filter: backend.pointer(filter) };
    convolve(backend, conv, { ...from, y: y.pointer });
    return y.info;
  },
  Conv2DBackpropInput: ({ inputs: { dy, filter }, attrs, backend }) => {
    const conv = describe(attrs.inputShape, filter.shape, attrs);
    if (!conv) return undefined;
    const dx = backend.output(conv.inShape);
    const from = { dy: backend.pointer(dy), filter: backend.pointer(filter) };
    inputGradient(backend, conv, { ...from, dx: dx.pointer });
    return dx.info;
  },
  Conv2DBackpropFilter: ({ inputs: { x, dy }, attrs, backend }) => {
    const conv = describe(x.shape, attrs.filterShape, attrs);
    if (!conv) return undefined;
    const dw = backend.output(attrs.filterShape);
    const from = { x: backend.pointer(x), dy: backend.pointer(dy) };
    filterGradient(backend, conv, { ...from, dw: dw.pointer });
    return dw.info;
  },
} satisfies Entries<SimdBackend>;

/** The convolution, its work counted, or nothing where its data are not NHWC. */
function describe(...args: Parameters<typeof describeConv>): Conv | undefined {
  const conv = describeConv(...args);
  if (!conv) return undefined;
  const pixels = conv.batchSize * conv.outHeight * conv.outWidth;
  countFlops(2 * pixels * patchSize(conv) * conv.outChannels);
  return conv;
}

function convolve(
  backend: SimdBackend,
  conv: Conv,
  { x, filter, y }: Record<"x" | "filter" | "y", Pointer>,
): void {
  const { inChannels, outChannels, batchSize, outHeight, outWidth } = conv;
  if (suitsWinograd(conv)) {
    const steps = { tap: inChannels * outChannels * 4, inStep: outChannels * 4, outStep: 4 };
    winograd(backend, conv, { x, filter, y, ...steps });
    return;
  }
  const k = patchSize(conv);
  const pixels = batchSize * outHeight * outWidth;
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
  const { inChannels, outChannels, batchSize, inHeight, inWidth } = conv;
  if (suitsWinograd(conv)) {
    // The same convolution, of dy with the filter turned by 180° and its channels exchanged.
    const turned = {
      ...conv,
      ...{ inChannels: outChannels, inHeight: conv.outHeight, inWidth: conv.outWidth },
      ...{ outChannels: inChannels, outHeight: inHeight, outWidth: inWidth },
      padInfo: { ...conv.padInfo, top: 2 - conv.padInfo.top, left: 2 - conv.padInfo.left },
    };
    const tap = inChannels * outChannels;
    const steps = { tap: -tap * 4, inStep: 4, outStep: outChannels * 4 };
    winograd(backend, turned, { x: dy, filter: after(filter, 8 * tap), y: dx, ...steps });
    return;
  }
  const k = patchSize(conv);
  const b = { b: filter, bK: 4, bN: outChannels * 4, k: outChannels, n: k };
  packMatrix(backend, b, (packed) => {
    if (isPointwise(conv)) {
      const pixels = batchSize * inHeight * inWidth;
      const left = { a: dy, aBatch: 0, aRow: outChannels * 4, aK: 4, m: pixels, k: outChannels };
      const right = { packed, packedBatch: 0, n: inChannels };
      backend.run("matmul", Math.ceil(pixels / ROW_BLOCK), { ...left, ...right, c: dx });
      return;
    }
    withGeometry(backend, conv, (geometry) => {
      const args = { geometry, dy, packed, dx, outChannels };
      backend.run("convInputGradient", batchSize, args);
    });
  });
}

function filterGradient(
  backend: SimdBackend,
  conv: Conv,
  { x, dy, dw }: Record<"x" | "dy" | "dw", Pointer>,
): void {
  if (suitsWinograd(conv)) return winogradFilterGradient(backend, conv, { x, dy, dw });
  const { outChannels } = conv;
  const pixels = conv.batchSize * conv.outHeight * conv.outWidth;
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
    conv.strideWidth === 1 && conv.dilationHeight === 1 && conv.dilationWidth === 1;
  const used = (n: number) => n / (Math.ceil(n / 4) * 4);
  return plain && inChannels % 8 === 0 && outChannels % 8 === 0 && padInfo.top <= 2 &&
    padInfo.left <= 2 && used(outHeight) * used(outWidth) > 0.5 &&
    used(inHeight) * used(inWidth) > 0.5;
}

/** Convolves by Winograd; `tap`, `inStep` and `outStep` step over the filter, in bytes. */
function winograd(
  backend: SimdBackend,
  conv: Conv,
  { x, y, ...filter }:
    & Record<"x" | "filter" | "y", Pointer>
    & Record<"tap" | "inStep" | "outStep", number>,
): void {
  const { inChannels, outChannels } = conv;
  const panels = outChannels / PANEL;
  const tiles = tileCount(conv);
  backend.withFloats(36 * (inChannels * outChannels + SKEW / 4), (u) => {
    backend.run("winogradFilter", panels, { ...filter, inChannels, outChannels, u });
    const units = Math.ceil(tiles / BLOCK_TILES) * Math.ceil(outChannels / OUT_BLOCK);
    const args = { x, u, y, ...sizesOf(conv), tiles, blockTiles: BLOCK_TILES };
    backend.run("winogradConv", units, args);
  });
}

function winogradFilterGradient(
  backend: SimdBackend,
  conv: Conv,
  { x, dy, dw }: Record<"x" | "dy" | "dw", Pointer>,
): void {
  const { inChannels, outChannels } = conv;
  const tiles = tileCount(conv);
  const blocks = Math.ceil(inChannels / IN_BLOCK) * Math.ceil(outChannels / OUT_BLOCK);
  const wanted = Math.ceil(tiles / Math.ceil(UNITS / blocks));
  const chunkTiles = Math.ceil(wanted / SHARE_TILES) * SHARE_TILES;
  const chunks = Math.ceil(tiles / chunkTiles);
  backend.withFloats(chunks * 36 * inChannels * outChannels, (share) => {
    const parts = { tiles, blockTiles: SHARE_TILES, chunkTiles };
    const args = { x, dy, share, ...sizesOf(conv), ...parts };
    backend.run("winogradFilterShare", chunks * blocks, args);
    const sum = { share, chunks, inChannels, outChannels, filterGradient: dw };
    backend.run("winogradFilterGradient", inChannels, sum);
  });
}

/** The sizes that a Winograd kernel takes. */
function sizesOf({ inHeight, inWidth, padInfo, ...conv }: Conv) {
  const { inChannels, outHeight, outWidth, outChannels } = conv;
  return {
    ...{ height: inHeight, width: inWidth, inChannels, outHeight, outWidth, outChannels },
    ...{ padTop: padInfo.top, padLeft: padInfo.left },
  };
}

function tileCount(conv: Conv): number {
  return conv.batchSize * Math.ceil(conv.outHeight / 4) * Math.ceil(conv.outWidth / 4);
}

function patchSize(conv: Conv): number {
  return conv.filterHeight * conv.filterWidth * conv.inChannels;
}

/** Whether the patches are the pixels themselves. */
function isPointwise(conv: Conv): boolean {
  return conv.filterHeight * conv.filterWidth * conv.strideHeight * conv.strideWidth === 1 &&
    conv.padInfo.top + conv.padInfo.left + conv.padInfo.bottom + conv.padInfo.right === 0;
}

/** Lends the convolution's geometry. */
function withGeometry(backend: SimdBackend, conv: Conv, use: (geometry: Pointer) => void): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = conv;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = conv;
  const words = encodeGeometry({
    ...{ height: inHeight, width: inWidth, channels: inChannels, outHeight, outWidth },
    ...{ filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth },
    ...{ padTop: padInfo.top, padLeft: padInfo.left },
  });
  backend.withFloats(words.length, (pointer) => {
    new Int32Array(backend.shared.memory.buffer, pointer, words.length).set(words);
    use(pointer);
  });
}

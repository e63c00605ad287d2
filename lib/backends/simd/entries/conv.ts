/**
 * Convolution and its gradients: Winograd's F(4×4, 3×3) where it saves work, else a matrix product
 * over patches.
 *
 * @module
 */
import { type Conv, describeConv } from "../../describe_conv.ts";
import type { SimdBackend } from "../backend.ts";
import { countFlops, type Entry } from "../register.ts";
import { packMatrix, ROW_BLOCK } from "./matmul.ts";

/** Bytes of a Winograd transform's intermediate: 36 times 8 values. */
const TEMP = 36 * 32;
/** Values that lie unused between the 36 positions of a transform, as in kernels/conv_winograd.ts. */
const SKEW = 16;
/** Outputs of one unit of a Winograd convolution, as in kernels/conv_winograd.ts. */
const OUT_BLOCK = 64;
/** Inputs of one unit of a Winograd filter gradient, as in kernels/conv_winograd.ts. */
const IN_BLOCK = 64;
/** Tiles transformed at a time for the filter gradient. */
const SHARE_TILES = 96;
/** Fewest units of a filter gradient; fixed, so that no result depends on the threads. */
const UNITS = 16;

/** tfjs's kernels `Conv2D`, `Conv2DBackpropInput` and `Conv2DBackpropFilter`. */
export const convEntries: Record<string, Entry> = {
  Conv2D: ({ inputs: { x, filter }, attrs, backend }) => {
    const conv = describe(x.shape, filter.shape, attrs, attrs.dilations);
    if (!conv) return undefined;
    const y = backend.output(conv.outShape);
    convolve(backend, conv, backend.pointer(x), backend.pointer(filter), y.pointer);
    return y.info;
  },
  Conv2DBackpropInput: ({ inputs: { dy, filter }, attrs, backend }) => {
    const conv = describe(attrs.inputShape, filter.shape, attrs);
    if (!conv) return undefined;
    const dx = backend.output(conv.inShape);
    inputGradient(backend, conv, backend.pointer(dy), backend.pointer(filter), dx.pointer);
    return dx.info;
  },
  Conv2DBackpropFilter: ({ inputs: { x, dy }, attrs, backend }) => {
    const conv = describe(x.shape, attrs.filterShape, attrs);
    if (!conv) return undefined;
    const dw = backend.output(attrs.filterShape);
    filterGradient(backend, conv, backend.pointer(x), backend.pointer(dy), dw.pointer);
    return dw.info;
  },
};

/** The convolution, its work counted, or nothing where its data are not NHWC. */
function describe(...args: Parameters<typeof describeConv>): Conv | undefined {
  const conv = describeConv(...args);
  if (!conv) return undefined;
  const pixels = conv.batchSize * conv.outHeight * conv.outWidth;
  countFlops(2 * pixels * patchSize(conv) * conv.outChannels);
  return conv;
}

function convolve(backend: SimdBackend, conv: Conv, x: number, filter: number, y: number): void {
  const { inChannels, outChannels, batchSize, outHeight, outWidth } = conv;
  if (suitsWinograd(conv)) {
    const steps = [inChannels * outChannels * 4, outChannels * 4, 4];
    winograd(backend, conv, [x, filter, y], steps);
    return;
  }
  const k = patchSize(conv);
  const pixels = batchSize * outHeight * outWidth;
  packMatrix(backend, { b: filter, bK: outChannels * 4, bN: 4, k, n: outChannels }, (packed) => {
    if (isPointwise(conv)) {
      backend.run("matmul", Math.ceil(pixels / ROW_BLOCK), [
        ...[x, 0, k * 4, 4, packed, 0, y, pixels, outChannels, k],
      ], ROW_BLOCK * 32);
      return;
    }
    withGeometry(backend, conv, (geometry) =>
      backend.run(
        "conv",
        Math.ceil(pixels / ROW_BLOCK),
        [geometry, x, packed, y, pixels, outChannels],
        ROW_BLOCK * (k * 4 + 32),
      ));
  });
}

function inputGradient(
  backend: SimdBackend,
  conv: Conv,
  dy: number,
  filter: number,
  dx: number,
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
    const tap = inChannels * outChannels * 4;
    winograd(backend, turned, [dy, filter + 8 * tap, dx], [-tap, 4, outChannels * 4]);
    return;
  }
  const k = patchSize(conv);
  const b = { b: filter, bK: 4, bN: outChannels * 4, k: outChannels, n: k };
  packMatrix(backend, b, (packed) => {
    if (isPointwise(conv)) {
      const pixels = batchSize * inHeight * inWidth;
      backend.run("matmul", Math.ceil(pixels / ROW_BLOCK), [
        ...[dy, 0, outChannels * 4, 4, packed, 0, dx, pixels, inChannels, outChannels],
      ], ROW_BLOCK * 32);
      return;
    }
    withGeometry(backend, conv, (geometry) =>
      backend.run(
        "convInputGradient",
        batchSize,
        [geometry, dy, packed, dx, outChannels],
        ROW_BLOCK * (k * 4 + 32),
      ));
  });
}

function filterGradient(
  backend: SimdBackend,
  conv: Conv,
  x: number,
  dy: number,
  dw: number,
): void {
  if (suitsWinograd(conv)) return winogradFilterGradient(backend, conv, x, dy, dw);
  const { outChannels } = conv;
  const pixels = conv.batchSize * conv.outHeight * conv.outWidth;
  const k = patchSize(conv);
  const padded = Math.ceil(outChannels / 8) * 8;
  const chunkPixels = Math.ceil(Math.max(512, pixels / UNITS) / ROW_BLOCK) * ROW_BLOCK;
  const chunks = Math.ceil(pixels / chunkPixels);
  backend.withFloats(
    chunks * k * padded,
    (partial) =>
      withGeometry(backend, conv, (geometry) => {
        const args = [geometry, x, dy, partial, pixels, chunkPixels, outChannels];
        backend.run("convFilterGradient", chunks, args, ROW_BLOCK * (k + padded) * 4);
        const length = k * outChannels;
        const sum = [partial, chunks, length, outChannels, padded, dw];
        backend.run("sumChunks", Math.ceil(length / 1024), sum);
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

function winograd(
  backend: SimdBackend,
  conv: Conv,
  [x, filter, y]: number[],
  [tap, inStep, outStep]: number[],
): void {
  const { inChannels, outChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = conv;
  const panels = outChannels / 8;
  const tiles = tileCount(conv);
  const blockTiles = 18;
  backend.withFloats(36 * (inChannels * panels * 8 + SKEW), (u) => {
    const shape = [tap, inStep, outStep, inChannels, outChannels];
    backend.run("winogradFilter", panels, [filter, ...shape, u], TEMP + 9 * 16);
    const units = Math.ceil(tiles / blockTiles) * Math.ceil(outChannels / OUT_BLOCK);
    backend.run("winogradConv", units, [
      ...[x, u, y, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
      ...[padInfo.top, padInfo.left, tiles, blockTiles],
    ], TEMP + 36 * 4 * (inChannels + blockTiles * (inChannels + OUT_BLOCK) + 2 * SKEW));
  });
}

function winogradFilterGradient(
  backend: SimdBackend,
  conv: Conv,
  x: number,
  dy: number,
  dw: number,
): void {
  const { inChannels, outChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = conv;
  const tiles = tileCount(conv);
  const blocks = Math.ceil(inChannels / IN_BLOCK) * Math.ceil(outChannels / OUT_BLOCK);
  const wanted = Math.ceil(tiles / Math.ceil(UNITS / blocks));
  const chunkTiles = Math.ceil(wanted / SHARE_TILES) * SHARE_TILES;
  const chunks = Math.ceil(tiles / chunkTiles);
  backend.withFloats(chunks * 36 * inChannels * outChannels, (share) => {
    backend.run("winogradFilterShare", chunks * blocks, [
      ...[x, dy, share, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
      ...[padInfo.top, padInfo.left, tiles, SHARE_TILES, chunkTiles],
    ], TEMP + 36 * 4 * (OUT_BLOCK + SHARE_TILES * (IN_BLOCK + OUT_BLOCK) + 2 * SKEW));
    const args = [share, chunks, inChannels, outChannels, dw];
    backend.run("winogradFilterGradient", inChannels, args, 2 * TEMP);
  });
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

/** Lends the convolution's numbers in the order of `Geometry` in kernels/conv_general.ts. */
function withGeometry(backend: SimdBackend, conv: Conv, use: (pointer: number) => void): void {
  backend.withFloats(13, (pointer) => {
    new Int32Array(backend.shared.memory.buffer, pointer, 13).set([
      ...[conv.inHeight, conv.inWidth, conv.inChannels, conv.outHeight, conv.outWidth],
      ...[conv.filterHeight, conv.filterWidth, conv.strideHeight, conv.strideWidth],
      ...[conv.dilationHeight, conv.dilationWidth, conv.padInfo.top, conv.padInfo.left],
    ]);
    use(pointer);
  });
}

/**
 * Pooling, warping, copies of rows, transposition.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Conv } from "../../describe_conv.ts";
import { describePool, windowsApart } from "../../describe_pool.ts";
import type { Entries, Entry } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { CHUNK, GATHER_BLOCK, type KernelArguments } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";

const maxPool: Entry<SimdBackend> = ({ inputs: { x }, attrs, backend }) => {
  if (x.dtype !== "float32") return undefined;
  const pool = describePool(x.shape, attrs);
  const { front, top, left } = pool.padInfo;
  const y = backend.output(pool.outShape);
  backend.run("maxPool", pool.batchSize * pool.outDepth * pool.outHeight, {
    ...{ x: backend.pointer(x), y: y.pointer, ...sizesOf(pool) },
    ...{ padFront: front, padTop: top, padLeft: left },
  });
  return y.info;
};

const maxPoolGradient: Entry<SimdBackend> = ({ inputs, attrs, backend }) => {
  const { dy, input, output } = inputs;
  const pool = describePool(input.shape, attrs);
  if (!windowsApart(pool)) return undefined;
  const dx = backend.output(input.shape);
  backend.run("maxPoolGradient", pool.batchSize * pool.outDepth * pool.outHeight, {
    ...{ dy: backend.pointer(dy), x: backend.pointer(input), y: backend.pointer(output) },
    ...{ dx: dx.pointer, ...sizesOf(pool) },
  });
  return dx.info;
};

/** Kernels of tfjs that move values, and those of lib/ops/grid_sample.ts and gather_rows.ts. */
export const spatialEntries = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  MaxPool3D: maxPool,
  MaxPool3DGrad: maxPoolGradient,
  Concat: ({ inputs, attrs, backend }) => {
    const tensors = (Object.values(inputs) as tf.TensorInfo[])
      .filter(({ shape }) => tf.util.sizeFromShape(shape) > 0);
    if (tensors.length < 2 || tensors.some(({ dtype }) => dtype !== "float32")) return undefined;
    const axis = tf.util.parseAxisParam(attrs.axis, tensors[0].shape)[0];
    const shape = tf.backend_util.computeOutShape(tensors.map(({ shape }) => shape), axis);
    const y = backend.output(shape);
    const rows = tf.util.sizeFromShape(shape.slice(0, axis));
    const width = tf.util.sizeFromShape(shape.slice(axis));
    let to = y.pointer;
    for (const tensor of tensors) {
      const own = tf.util.sizeFromShape(tensor.shape.slice(axis));
      const source = { from: backend.pointer(tensor), fromRow: own };
      copyRows(backend, { ...source, to, toRow: width, n: own, rows });
      to = after(to, own);
    }
    return y.info;
  },
  Slice: ({ inputs: { x }, attrs, backend }) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    tf.slice_util.assertParamsValid(x, begin, size);
    const cut = x.shape.flatMap((n: number, axis: number) => size[axis] < n ? [axis] : []);
    if (x.dtype !== "float32" || cut.length > 1 || size.includes(0)) return undefined;
    const axis = cut[0] ?? 0;
    const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const y = backend.output(size);
    const from = after(backend.pointer(x), begin[axis] * inner);
    const n = size[axis] * inner;
    copyRows(backend, { from, fromRow: x.shape[axis] * inner, to: y.pointer, toRow: n, n, rows });
    return y.info;
  },
  SplitV: ({ inputs: { x }, attrs, backend }) => {
    if (x.dtype !== "float32") return undefined;
    const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0];
    const sizes = tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis);
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const width = tf.util.sizeFromShape(x.shape.slice(axis));
    let from = backend.pointer(x);
    return sizes.map((size) => {
      const y = backend.output(x.shape.with(axis, size));
      const own = width / x.shape[axis] * size;
      copyRows(backend, { from, fromRow: width, to: y.pointer, toRow: own, n: own, rows });
      from = after(from, own);
      return y.info;
    });
  },
  Transpose: ({ inputs: { x }, attrs: { perm }, backend }) => {
    const axes = groupAxes(x.shape, perm);
    if (x.dtype !== "float32" || !axes || tf.util.sizeFromShape(x.shape) === 0) return undefined;
    const [batch, rows, columns, inner] = axes;
    const y = backend.output(perm.map((axis: number) => x.shape[axis]));
    const args = { x: backend.pointer(x), out: y.pointer, rows, columns, inner };
    backend.run("transpose", batch * columns, args);
    return y.info;
  },
  Fill: ({ attrs: { shape, value, dtype }, backend }) => {
    if ((dtype ?? "float32") !== "float32" || typeof value !== "number") return undefined;
    const y = backend.output(shape);
    fill(backend, y.pointer, value, tf.util.sizeFromShape(shape));
    return y.info;
  },
  ZerosLike: ({ inputs: { x }, backend }) => {
    if (x.dtype !== "float32") return undefined;
    const y = backend.output(x.shape);
    fill(backend, y.pointer, 0, tf.util.sizeFromShape(x.shape));
    return y.info;
  },
  GridSample: ({ inputs: { x, grid }, backend }) => {
    const [batch, height, width, channels] = x.shape;
    const [, outHeight, outWidth] = grid.shape;
    const y = backend.output([batch, outHeight, outWidth, channels]);
    const perImage = outHeight * outWidth;
    backend.run("gridSample", Math.ceil(batch * perImage / GATHER_BLOCK), {
      ...{ x: backend.pointer(x), grid: backend.pointer(grid), y: y.pointer },
      ...{ height, width, channels, perImage, pixels: batch * perImage },
    });
    return y.info;
  },
  GridSampleGrad: ({ inputs: { dy, grid }, attrs: { height, width }, backend }) => {
    const [batch, outHeight, outWidth, channels] = dy.shape;
    const dx = backend.output([batch, height, width, channels]);
    backend.run("gridSampleGradient", batch, {
      ...{ dy: backend.pointer(dy), grid: backend.pointer(grid), dx: dx.pointer },
      ...{ height, width, channels, perImage: outHeight * outWidth },
    });
    return dx.info;
  },
  GatherRows: ({ inputs: { x, indices }, backend }) => {
    const n = indices.shape[0];
    const channels = x.shape[1];
    const y = backend.output([n, channels]);
    checkIndices(backend, indices, x.shape[0]);
    const from = { x: backend.pointer(x), indices: backend.pointer(indices) };
    const units = Math.ceil(n / GATHER_BLOCK);
    backend.run("gatherRows", units, { ...from, y: y.pointer, n, channels });
    return y.info;
  },
  GatherRowsGrad: ({ inputs: { dy, indices }, attrs: { rows }, backend }) => {
    const [n, channels] = dy.shape;
    const dx = backend.output([rows, channels]);
    checkIndices(backend, indices, rows);
    fill(backend, dx.pointer, 0, rows * channels);
    const from = { dy: backend.pointer(dy), indices: backend.pointer(indices) };
    backend.run("scatterRows", 1, { ...from, dx: dx.pointer, n, channels });
    return dx.info;
  },
} satisfies Entries<SimdBackend>;

/** The sizes that the pooling kernels take. */
function sizesOf({ inDepth, inHeight, inWidth, inChannels, ...pool }: Conv) {
  const { outDepth, outHeight, outWidth, filterDepth, filterHeight, filterWidth } = pool;
  const { strideDepth, strideHeight, strideWidth } = pool;
  return {
    ...{ depth: inDepth, height: inHeight, width: inWidth, channels: inChannels },
    ...{ outDepth, outHeight, outWidth, filterDepth, filterHeight, filterWidth },
    ...{ strideDepth, strideHeight, strideWidth },
  };
}

/** Copies rows of n values that start `fromRow` values apart to where they start `toRow` apart. */
function copyRows(
  backend: SimdBackend,
  { from, fromRow, to, toRow, n, rows }: Omit<KernelArguments["copyRows"], "unitRows">,
): void {
  const unitRows = Math.max(1, Math.floor(CHUNK / n));
  const steps = { fromRow: fromRow * 4, toRow: toRow * 4 };
  backend.run("copyRows", Math.ceil(rows / unitRows), { from, to, ...steps, n, rows, unitRows });
}

function fill(backend: SimdBackend, out: Pointer, value: number, n: number): void {
  backend.run("fill", Math.ceil(n / CHUNK), { out, value, n });
}

/** A permutation that exchanges two neighbouring groups of axes, as [batch, rows, columns, inner]. */
function groupAxes(shape: number[], perm: number[]): number[] | undefined {
  const size = (from: number, to: number) => tf.util.sizeFromShape(shape.slice(from, to));
  const start = perm.findIndex((axis, i) => axis !== i);
  if (start < 0) return [1, 1, 1, size(0, shape.length)];
  const middle = perm[start];
  let end = start;
  while (end < perm.length && perm[end] === middle + end - start) end++;
  const columns = end - start;
  const stop = middle + columns;
  const swapped = perm.every((axis, i) =>
    axis === (i < start || i >= stop ? i : i < end ? middle + i - start : start + i - end)
  );
  return swapped
    ? [size(0, start), size(start, middle), size(middle, stop), size(stop, shape.length)]
    : undefined;
}

/** Throws a `RangeError` where an index is no row: kernels must not touch other tensors' memory. */
function checkIndices(backend: SimdBackend, indices: tf.TensorInfo, rows: number): void {
  const values = backend.data.get(indices.dataId).values as Int32Array;
  const wrong = values.findIndex((index) => !(index >= 0 && index < rows));
  if (wrong < 0) return;
  throw new RangeError(`expected an index in [0, ${rows}), found ${values[wrong]} at ${wrong}`);
}

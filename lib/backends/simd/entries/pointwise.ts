/**
 * Elementwise functions with broadcasting, reductions, soft-max, GELU, Adam.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { SimdBackend } from "../backend.ts";
import type { Entry } from "../register.ts";

/** Values of one unit, as in kernels/pointwise.ts. */
const CHUNK = 16384;
/** Values reduced in one go; fixed, so that no result depends on the threads. */
const PART = 4096;

/** Functions of two values, numbered as in kernels/pointwise.ts. */
const BINARY = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference"];
/** Functions of one value, numbered as in kernels/pointwise.ts. */
const UNARY = [
  ...["Relu", "Square", "Sqrt", "Rsqrt", "Exp", "Neg", "Abs", "Reciprocal", "Sigmoid", "Log"],
];

/**
 * tfjs's elementwise kernels, `AddN`, `Sum`, `Mean`, `Max`, `Min` and `Softmax`; `Gelu`, `GeluGrad`,
 * `AdamUpdate` and `MixTensors` of lib/ops.
 */
export const pointwiseEntries: Record<string, Entry> = {
  ...Object.fromEntries(BINARY.map((name, op) => [name, binaryEntry(op)])),
  ...Object.fromEntries(UNARY.map((name, op) => [name, unaryEntry(op)])),
  AddN: ({ inputs, backend }) => {
    const tensors = Object.values(inputs) as tf.TensorInfo[];
    if (tensors.length < 2 || tensors.some(({ dtype }) => dtype !== "float32")) return undefined;
    const [first, second, ...others] = tensors.map((tensor) => backend.pointer(tensor));
    const sum = backend.output(tensors[0].shape);
    const n = tf.util.sizeFromShape(tensors[0].shape);
    addSame(backend, [first, second, sum.pointer], n);
    for (const other of others) addSame(backend, [sum.pointer, other, sum.pointer], n);
    return sum.info;
  },
  Sum: reduceEntry(0, "Sum"),
  Mean: reduceEntry(0, "Mean"),
  Max: reduceEntry(1, "Max"),
  Min: reduceEntry(2, "Min"),
  Softmax: ({ inputs: { logits }, attrs: { dim }, backend }) => {
    const { shape, dtype } = logits;
    const n = shape[shape.length - 1];
    if (dtype !== "float32" || (dim !== -1 && dim !== shape.length - 1)) return undefined;
    const rows = tf.util.sizeFromShape(shape) / n;
    const y = backend.output(shape);
    backend.run("softmax", Math.ceil(rows / 16), [backend.pointer(logits), y.pointer, rows, n]);
    return y.info;
  },
  MixTensors: ({ inputs: { a, b }, attrs: { keep, share }, backend }) => {
    const n = tf.util.sizeFromShape(a.shape);
    const out = backend.output(a.shape);
    const args = [backend.pointer(a), backend.pointer(b), out.pointer, n, keep, share];
    backend.run("mix", Math.ceil(n / CHUNK), args);
    return out.info;
  },
  Gelu: ({ inputs: { x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    const y = backend.output(x.shape);
    backend.run("gelu", Math.ceil(n / CHUNK), [backend.pointer(x), y.pointer, n]);
    return y.info;
  },
  GeluGrad: ({ inputs: { dy, x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    const dx = backend.output(x.shape);
    const args = [backend.pointer(dy), backend.pointer(x), dx.pointer, n];
    backend.run("geluGradient", Math.ceil(n / CHUNK), args);
    return dx.info;
  },
  AdamUpdate: ({ inputs: { w, gradient, m, v }, attrs, backend }) => {
    const { learningRate, weightDecay, beta1, beta2, epsilon, correction1, correction2 } = attrs;
    const n = tf.util.sizeFromShape(w.shape);
    const from = [w, gradient, m, v].map((tensor) => backend.pointer(tensor));
    const to = [w, m, v].map(({ shape }) => backend.output(shape));
    backend.run("adam", Math.ceil(n / CHUNK), [
      ...from,
      ...to.map(({ pointer }) => pointer),
      ...[n, 1 - learningRate * weightDecay, learningRate / correction1],
      ...[beta1, beta2, epsilon, 1 / correction2],
    ]);
    return to.map(({ info }) => info);
  },
};

function binaryEntry(op: number): Entry {
  return ({ inputs: { a, b }, backend }) => {
    if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const n = tf.util.sizeFromShape(shape);
    const layout = broadcastLayout(shape, a.shape, b.shape);
    if (!layout || n === 0) return undefined;
    const { outer, inner, steps: [ofA, ofB] } = layout;
    const out = backend.output(shape);
    const unitRows = Math.max(1, Math.floor(CHUNK / inner));
    const block = n / outer;
    for (let i = 0; i < outer; i++) {
      backend.run("binary", Math.ceil(block / inner / unitRows), [
        ...[op, backend.pointer(a) + i * ofA.outer, ofA.row, ofA.step],
        ...[backend.pointer(b) + i * ofB.outer, ofB.row, ofB.step],
        ...[out.pointer + i * block * 4, inner, block, unitRows],
      ]);
    }
    return out.info;
  };
}

function addSame(backend: SimdBackend, [a, b, sum]: number[], n: number): void {
  const row = CHUNK * 4;
  backend.run("binary", Math.ceil(n / CHUNK), [0, a, row, 4, b, row, 4, sum, CHUNK, n, 1]);
}

function unaryEntry(op: number): Entry {
  return ({ inputs: { x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    if (x.dtype !== "float32" || n === 0) return undefined;
    const out = backend.output(x.shape);
    backend.run("unary", Math.ceil(n / CHUNK), [op, backend.pointer(x), out.pointer, n]);
    return out.info;
  };
}

/** Steps of an operand, in bytes: from block to block, from row to row, inside a row; 0 repeats. */
interface Steps {
  outer: number;
  row: number;
  step: number;
}

/** Blocks that one kernel call after another may fill. */
const MOST_BLOCKS = 64;

/**
 * The broadcast as `outer` blocks of rows of `inner` values: neighbouring axes that both operands
 * treat alike are one. Nothing where more than three are left, or the blocks are many.
 */
function broadcastLayout(
  shape: number[],
  ...operands: [number[], number[]]
): { outer: number; inner: number; steps: [Steps, Steps] } | undefined {
  const groups: { size: number; present: boolean[] }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const present = operands.map((own) => (own[axis - shape.length + own.length] ?? 1) > 1);
    const last = groups.at(-1);
    if (last && present.every((is, i) => is === last.present[i])) last.size *= size;
    else groups.push({ size, present });
  });
  if (groups.length < 2) {
    const steps = operands.map((_, i) =>
      groups[0]?.present[i] === false
        ? { outer: 0, row: 0, step: 0 }
        : { outer: 0, row: CHUNK * 4, step: 4 }
    );
    return { outer: 1, inner: CHUNK, steps: steps as [Steps, Steps] };
  }
  const [line, rows, blocks] = groups.toReversed();
  if (groups.length > 3 || (blocks && blocks.size > MOST_BLOCKS)) return undefined;
  const steps = operands.map((_, i) => {
    const perRow = line.present[i] ? line.size : 1;
    const perBlock = perRow * (rows.present[i] ? rows.size : 1);
    return {
      outer: blocks?.present[i] ? perBlock * 4 : 0,
      row: rows.present[i] ? perRow * 4 : 0,
      step: line.present[i] ? 4 : 0,
    };
  });
  return { outer: blocks?.size ?? 1, inner: line.size, steps: steps as [Steps, Steps] };
}

function reduceEntry(op: number, name: string): Entry {
  return ({ inputs: { x }, attrs, backend }) => {
    if (x.dtype !== "float32" || tf.util.sizeFromShape(x.shape) === 0) return undefined;
    const axes = tf.util.parseAxisParam(attrs.axis ?? attrs.reductionIndices, x.shape)
      .sort((a, b) => a - b);
    const first = axes[0] ?? 0;
    const end = first + axes.length;
    if (axes.some((axis, i) => axis !== first + i)) return undefined;
    const outer = tf.util.sizeFromShape(x.shape.slice(0, first));
    const axis = tf.util.sizeFromShape(x.shape.slice(first, end));
    const inner = tf.util.sizeFromShape(x.shape.slice(end));
    const kept = x.shape.map((size: number, i: number) => i >= first && i < end ? 1 : size);
    const out = backend.output(
      attrs.keepDims ? kept : x.shape.filter((_: number, i: number) => i < first || i >= end),
    );
    reduce(backend, [op, backend.pointer(x), out.pointer], [outer, axis, inner]);
    if (name === "Mean") scale(backend, out.pointer, 1 / axis, outer * inner);
    return out.info;
  };
}

/** Reduces the middle axis: parts of it side by side, then the parts. */
function reduce(
  backend: SimdBackend,
  [op, x, out]: number[],
  [outer, axis, inner]: number[],
): void {
  const part = Math.max(16, Math.ceil(PART / inner));
  const parts = Math.ceil(axis / part);
  if (parts === 1 || outer * inner > PART) {
    backend.run("reduce", outer, [op, x, axis, inner, axis, out]);
    return;
  }
  backend.withFloats(outer * parts * inner, (partial) => {
    backend.run("reduce", outer * parts, [op, x, axis, inner, part, partial]);
    backend.run("reduce", outer, [op, partial, parts, inner, parts, out]);
  });
}

function scale(backend: SimdBackend, values: number, factor: number, n: number): void {
  backend.withFloats(1, (pointer) => {
    new Float32Array(backend.shared.memory.buffer, pointer, 1)[0] = factor;
    const args = [2, values, CHUNK * 4, 4, pointer, 0, 0, values, CHUNK, n, 1];
    backend.run("binary", Math.ceil(n / CHUNK), args);
  });
}

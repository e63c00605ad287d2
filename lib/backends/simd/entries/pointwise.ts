/**
 * Elementwise functions with broadcasting, reductions, soft-max, GELU, leaky ReLU, Adam.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Entries, Entry, EntryName } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { Binary, CHUNK, Reduction, SOFTMAX_ROWS, Unary } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";

/** Values reduced in one go; fixed, so that no result depends on the threads. */
const PART = 4096;

/**
 * tfjs's elementwise kernels, `AddN`, `Sum`, `Mean`, `Max`, `Min`, `LeakyRelu` and `Softmax`; `Gelu`,
 * `GeluGrad`, `LeakyReluGrad`, `AdamUpdate` and `MixTensors` of lib/ops.
 */
export const pointwiseEntries = {
  ...entriesOf(Binary, binaryEntry),
  ...entriesOf(Unary, unaryEntry),
  ...entriesOf(Reduction, reduceEntry),
  AddN: ({ inputs, backend }) => {
    const tensors = Object.values(inputs) as tf.TensorInfo[];
    if (tensors.length < 2 || tensors.some(({ dtype }) => dtype !== "float32")) return undefined;
    const [first, second, ...others] = tensors.map((tensor) => backend.pointer(tensor));
    const sum = backend.output(tensors[0].shape);
    const n = tf.util.sizeFromShape(tensors[0].shape);
    addSame(backend, { a: first, b: second, out: sum.pointer, n });
    for (const b of others) addSame(backend, { a: sum.pointer, b, out: sum.pointer, n });
    return sum.info;
  },
  Mean: reduceEntry("Sum", { mean: true }),
  Softmax: ({ inputs: { logits }, attrs: { dim }, backend }) => {
    const { shape, dtype } = logits;
    const n = shape[shape.length - 1];
    if (dtype !== "float32" || (dim !== -1 && dim !== shape.length - 1)) return undefined;
    const rows = tf.util.sizeFromShape(shape) / n;
    const y = backend.output(shape);
    const args = { x: backend.pointer(logits), out: y.pointer, rows, n };
    backend.run("softmax", Math.ceil(rows / SOFTMAX_ROWS), args);
    return y.info;
  },
  MixTensors: ({ inputs: { a, b }, attrs: { keep, share }, backend }) => {
    const n = tf.util.sizeFromShape(a.shape);
    const out = backend.output(a.shape);
    const from = { a: backend.pointer(a), b: backend.pointer(b) };
    backend.run("mix", Math.ceil(n / CHUNK), { ...from, out: out.pointer, n, keep, share });
    return out.info;
  },
  Gelu: ({ inputs: { x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    const y = backend.output(x.shape);
    backend.run("gelu", Math.ceil(n / CHUNK), { x: backend.pointer(x), y: y.pointer, n });
    return y.info;
  },
  GeluGrad: ({ inputs: { dy, x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    const dx = backend.output(x.shape);
    const from = { dy: backend.pointer(dy), x: backend.pointer(x) };
    backend.run("geluGradient", Math.ceil(n / CHUNK), { ...from, dx: dx.pointer, n });
    return dx.info;
  },
  LeakyRelu: ({ inputs: { x }, attrs: { alpha }, backend }) => {
    if (x.dtype !== "float32") return undefined;
    const n = tf.util.sizeFromShape(x.shape);
    const y = backend.output(x.shape);
    const args = { x: backend.pointer(x), y: y.pointer, n, alpha };
    backend.run("leakyRelu", Math.ceil(n / CHUNK), args);
    return y.info;
  },
  LeakyReluGrad: ({ inputs: { dy, x }, attrs: { alpha }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    const dx = backend.output(x.shape);
    const from = { dy: backend.pointer(dy), x: backend.pointer(x) };
    const args = { ...from, dx: dx.pointer, n, alpha };
    backend.run("leakyReluGradient", Math.ceil(n / CHUNK), args);
    return dx.info;
  },
  AdamUpdate: ({ inputs: { w, gradient, m, v }, attrs, backend }) => {
    const { learningRate, weightDecay, beta1, beta2, epsilon, correction1, correction2 } = attrs;
    const n = tf.util.sizeFromShape(w.shape);
    const [newW, newM, newV] = [w, m, v].map(({ shape }) => backend.output(shape));
    backend.run("adam", Math.ceil(n / CHUNK), {
      ...{ w: backend.pointer(w), gradient: backend.pointer(gradient) },
      ...{ m: backend.pointer(m), v: backend.pointer(v) },
      ...{ newW: newW.pointer, newM: newM.pointer, newV: newV.pointer, n },
      ...{ keep: 1 - learningRate * weightDecay, rate: learningRate / correction1 },
      ...{ beta1, beta2, epsilon, inverse2: 1 / correction2 },
    });
    return [newW.info, newM.info, newV.info];
  },
} satisfies Entries<SimdBackend>;

/** An entry of each operation that has an opcode. */
function entriesOf<Op extends EntryName>(
  opcodes: Record<Op, number>,
  entry: (op: Op) => Entry<SimdBackend>,
): Record<Op, Entry<SimdBackend>> {
  const names = Object.keys(opcodes) as Op[];
  return Object.fromEntries(names.map((op) => [op, entry(op)])) as ReturnType<typeof entriesOf<Op>>;
}

function binaryEntry(op: Binary): Entry<SimdBackend> {
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
      backend.run("binary", Math.ceil(block / inner / unitRows), {
        ...{ op, inner, n: block, unitRows, out: after(out.pointer, i * block) },
        ...{ a: after(backend.pointer(a), i * ofA.outer), aRow: ofA.row, aStep: ofA.step },
        ...{ b: after(backend.pointer(b), i * ofB.outer), bRow: ofB.row, bStep: ofB.step },
      });
    }
    return out.info;
  };
}

function addSame(
  backend: SimdBackend,
  { a, b, out, n }: Record<"a" | "b" | "out", Pointer> & { n: number },
): void {
  backend.run("binary", Math.ceil(n / CHUNK), {
    ...{ op: "Add", out, inner: CHUNK, n, unitRows: 1 },
    ...{ a, aRow: CHUNK * 4, aStep: 4, b, bRow: CHUNK * 4, bStep: 4 },
  });
}

function unaryEntry(op: Unary): Entry<SimdBackend> {
  return ({ inputs: { x }, backend }) => {
    const n = tf.util.sizeFromShape(x.shape);
    if (x.dtype !== "float32" || n === 0) return undefined;
    const out = backend.output(x.shape);
    const args = { op, x: backend.pointer(x), out: out.pointer, n };
    backend.run("unary", Math.ceil(n / CHUNK), args);
    return out.info;
  };
}

/** Steps of an operand; 0 repeats. */
interface Steps {
  /** Values from block to block. */
  outer: number;
  /** Bytes from row to row. */
  row: number;
  /** Bytes inside a row. */
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
      outer: blocks?.present[i] ? perBlock : 0,
      row: rows.present[i] ? perRow * 4 : 0,
      step: line.present[i] ? 4 : 0,
    };
  });
  return { outer: blocks?.size ?? 1, inner: line.size, steps: steps as [Steps, Steps] };
}

function reduceEntry(op: Reduction, { mean } = { mean: false }): Entry<SimdBackend> {
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
    const from = backend.pointer(x);
    reduce(backend, op, { x: from, outer, axis, inner, out: out.pointer });
    if (mean) scale(backend, out.pointer, 1 / axis, outer * inner);
    return out.info;
  };
}

/** Reduces the middle axis: parts of it side by side, then the parts. */
function reduce(
  backend: SimdBackend,
  op: Reduction,
  { x, outer, axis, inner, out }:
    & Record<"x" | "out", Pointer>
    & Record<"outer" | "axis" | "inner", number>,
): void {
  const part = Math.max(16, Math.ceil(PART / inner));
  const parts = Math.ceil(axis / part);
  if (parts === 1 || outer * inner > PART) {
    backend.run("reduce", outer, { op, x, axis, inner, part: axis, out });
    return;
  }
  backend.withFloats(outer * parts * inner, (partial) => {
    backend.run("reduce", outer * parts, { op, x, axis, inner, part, out: partial });
    backend.run("reduce", outer, { op, x: partial, axis: parts, inner, part: parts, out });
  });
}

function scale(backend: SimdBackend, values: Pointer, factor: number, n: number): void {
  backend.withFloats(1, (pointer) => {
    new Float32Array(backend.shared.memory.buffer, pointer, 1)[0] = factor;
    backend.run("binary", Math.ceil(n / CHUNK), {
      ...{ op: "Multiply", out: values, inner: CHUNK, n, unitRows: 1 },
      ...{ a: values, aRow: CHUNK * 4, aStep: 4, b: pointer, bRow: 0, bStep: 0 },
    });
  });
}

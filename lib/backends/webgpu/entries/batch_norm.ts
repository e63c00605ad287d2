/**
 * Batch norm with its ReLU, in two passes over the pixels forward and two backward. The first pass
 * gives sums per channel in parts, which a small shader puts together and turns into coefficients per
 * channel; the second is one multiplication and addition per value.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;
/** Workgroups that share the pixels of a channel, at most. */
const MOST_PARTS = 256;
/** Values of a channel that are worth an invocation. */
const LEAST_PIXELS = 8;

/** The contract's kernels, see lib/ops/norms/batch_norm.ts. */
export const batchNormEntries = {
  BatchNormTrain: ({ inputs: { x, gamma, beta }, attrs: { relu, epsilon }, backend }) => {
    const [mean, variance, line] = statistics(backend, { x, gamma, beta }, epsilon);
    const y = normalise(backend, { x, line }, relu);
    backend.disposeData(line.dataId);
    return [y, mean, variance];
  },
  BatchNormTrainGrad: ({ inputs, attrs: { relu, epsilon }, backend }) => {
    const [dgamma, dbeta, lines] = gradients(backend, inputs, { relu, epsilon });
    const dx = inputGradient(backend, { ...inputs, lines }, relu);
    backend.disposeData(lines.dataId);
    return [dx, dgamma, dbeta];
  },
} satisfies Entries<WebgpuBackend>;

/** Mean, variance, and the line scale · x + shift: [channels], [channels], [2, channels]. */
function statistics(
  backend: WebgpuBackend,
  { x, gamma, beta }: Record<"x" | "gamma" | "beta", tf.TensorInfo>,
  epsilon: number,
): tf.TensorInfo[] {
  const shared = sharing(x);
  const { channels } = shared;
  // Sums about a value of the channel itself: a large mean costs no precision.
  const moments = channelSums(backend, shared, {
    label: "BatchNormTrain, moments",
    names: ["x"],
    inputs: [x],
    start: `let about = x[first * ${channels}u + channel];`,
    values: ["x[i] - about", "(x[i] - about) * (x[i] - about)"],
    end: `let mean = sums[0] / n; sums = vec2f(about + mean, sums[1] - mean * sums[0]);`,
    merge: merged,
  });
  const results = dispatch(backend, {
    label: "BatchNormTrain, statistics",
    variant: [shared.pixels, epsilon],
    code: () => statisticsShader(shared, epsilon),
    inputs: [moments, gamma, beta],
    outputs: [[channels], [channels], [2, channels]],
    workgroups: flatWorkgroups(channels, THREADS),
  });
  backend.disposeData(moments.dataId);
  return results;
}

/** Joins the moments of all parts. */
function statisticsShader(shared: Sharing, epsilon: number): string {
  const { channels, parts } = shared;
  return `${
    bindings(
      { moments: "vec2f", gamma: "f32", beta: "f32", mean: "f32", variance: "f32", line: "f32" },
      3,
    )
  }
${merged}
${counts(shared)}
${
    flatMain(
      channels,
      THREADS,
      `  var n = 0.0;
  var all = vec2f();
  for (var part = 0u; part < ${parts}u; part++) {
    all = merged(all, n, moments[part * ${channels}u + i], countOf(part));
    n += countOf(part);
  }
  let scale = gamma[i] * inverseSqrt(all[1] / n + ${epsilon});
  mean[i] = all[0];
  variance[i] = all[1] / n;
  line[i] = scale;
  line[${channels}u + i] = beta[i] - all[0] * scale;`,
    )
  }`;
}

function normalise(
  backend: WebgpuBackend,
  { x, line }: Record<"x" | "line", tf.TensorInfo>,
  relu: boolean,
): tf.TensorInfo {
  const channels = x.shape[x.shape.length - 1];
  const body = `  let c = i % ${channels}u;
  let value = x[i] * line[c] + line[${channels}u + c];
  y[i] = ${relu ? "max(value, 0.0)" : "value"};`;
  const size = sizeOf(x.shape);
  const [y] = dispatch(backend, {
    label: "BatchNormTrain",
    variant: [relu],
    code: () =>
      `${bindings({ x: "f32", line: "f32", y: "f32" }, 1)}\n${flatMain(size, THREADS, body)}`,
    inputs: [x, line],
    outputs: [x.shape],
    workgroups: flatWorkgroups(size, THREADS),
  });
  return y;
}

/** dγ, dβ, and the lines of {@linkcode inputGradient}: [channels], [channels], [4, channels]. */
function gradients(
  backend: WebgpuBackend,
  { dy, x, gamma, beta, mean, variance }: Record<string, tf.TensorInfo>,
  { relu, epsilon }: { relu: boolean; epsilon: number },
): tf.TensorInfo[] {
  const shared = sharing(x);
  const { channels, pixels } = shared;
  const passed = relu ? "select(0.0, dy[i], x[i] * scale + shift > 0.0)" : "dy[i]";
  const products = channelSums(backend, shared, {
    label: "BatchNormTrainGrad, sums",
    names: ["dy", "x", "gamma", "beta", "mean", "variance"],
    inputs: [dy, x, gamma, beta, mean, variance],
    start: `let scale = gamma[channel] * inverseSqrt(variance[channel] + ${epsilon});
  let shift = beta[channel] - mean[channel] * scale;
  let centre = mean[channel];`,
    values: [passed, `${passed} * (x[i] - centre)`],
    end: "",
    merge: added,
  });
  const results = dispatch(backend, {
    label: "BatchNormTrainGrad, coefficients",
    variant: [pixels, epsilon],
    code: () => coefficientsShader(shared, epsilon),
    inputs: [products, gamma, beta, mean, variance],
    outputs: [[channels], [channels], [4, channels]],
    workgroups: flatWorkgroups(channels, THREADS),
  });
  backend.disposeData(products.dataId);
  return results;
}

/** Adds up all parts. */
function coefficientsShader({ channels, parts, pixels }: Sharing, epsilon: number): string {
  const names = { products: "vec2f", gamma: "f32", beta: "f32", mean: "f32", variance: "f32" };
  return `${bindings({ ...names, dgamma: "f32", dbeta: "f32", lines: "f32" }, 3)}
${
    flatMain(
      channels,
      THREADS,
      `  var all = vec2f();
  for (var part = 0u; part < ${parts}u; part++) { all += products[part * ${channels}u + i]; }
  let inverse = inverseSqrt(variance[i] + ${epsilon});
  let scale = gamma[i] * inverse;
  let slope = scale * inverse * inverse * all[1] / ${pixels}.0;
  dgamma[i] = all[1] * inverse;
  dbeta[i] = all[0];
  lines[i] = scale;
  lines[${channels}u + i] = beta[i] - mean[i] * scale;
  lines[${2 * channels}u + i] = -slope;
  lines[${3 * channels}u + i] = slope * mean[i] - scale * all[0] / ${pixels}.0;`,
    )
  }`;
}

/** dx = scale · dy′ + slope · x + shift, dy′ where the ReLU passed: scale · x + offset > 0. */
function inputGradient(
  backend: WebgpuBackend,
  { dy, x, lines }: Record<string, tf.TensorInfo>,
  relu: boolean,
): tf.TensorInfo {
  const channels = x.shape[x.shape.length - 1];
  const coefficient = (row: number) => `lines[${row * channels}u + c]`;
  const passes = `x[i] * ${coefficient(0)} + ${coefficient(1)} > 0.0`;
  const body = `  let c = i % ${channels}u;
  let incoming = ${relu ? `select(0.0, dy[i], ${passes})` : "dy[i]"};
  dx[i] = ${coefficient(0)} * incoming + ${coefficient(2)} * x[i] + ${coefficient(3)};`;
  const size = sizeOf(x.shape);
  const [dx] = dispatch(backend, {
    label: "BatchNormTrainGrad",
    variant: [relu],
    code: () =>
      `${bindings({ dy: "f32", x: "f32", lines: "f32", dx: "f32" }, 1)}
${flatMain(size, THREADS, body)}`,
    inputs: [dy, x, lines],
    outputs: [x.shape],
    workgroups: flatWorkgroups(size, THREADS),
  });
  return dx;
}

/** WGSL: [mean, sum of squares about it] of two sets together (Chan, Golub & LeVeque, 1979). */
const merged = `fn merged(a: vec2f, countA: f32, b: vec2f, countB: f32) -> vec2f {
  let n = countA + countB;
  if (n == 0.0) { return vec2f(); }
  let apart = b[0] - a[0];
  return vec2f(a[0] + apart * countB / n, a[1] + b[1] + apart * apart * countA * countB / n);
}`;

/** WGSL: sums of two sets together. */
const added = `fn merged(a: vec2f, countA: f32, b: vec2f, countB: f32) -> vec2f { return a + b; }`;

/** Two sums per channel and part of the pixels. */
interface ChannelSums {
  label: string;
  /** Names of the inputs. */
  names: readonly string[];
  inputs: readonly tf.TensorInfo[];
  /** WGSL before the pixels of `channel` from `first` on. */
  start: string;
  /** WGSL: what is summed at index `i`. */
  values: readonly [string, string];
  /** WGSL after `n` pixels. */
  end: string;
  /** WGSL of the function `merged`. */
  merge: string;
}

/** How the pixels of a tensor are shared: workgroups per block of channels and part of the pixels. */
interface Sharing {
  channels: number;
  pixels: number;
  /** Channels of a workgroup, a power of two. */
  across: number;
  /** Pixels of a part. */
  share: number;
  parts: number;
}

function sharing({ shape }: tf.TensorInfo): Sharing {
  const channels = shape[shape.length - 1];
  const pixels = sizeOf(shape) / channels;
  const across = Math.min(THREADS, 2 ** Math.ceil(Math.log2(channels)));
  const share = Math.max(THREADS / across * LEAST_PIXELS, Math.ceil(pixels / MOST_PARTS));
  return { channels, pixels, across, share, parts: Math.ceil(pixels / share) };
}

/** WGSL: the pixels of a part. */
function counts({ share, pixels }: Sharing): string {
  return `fn countOf(part: u32) -> f32 {
  return f32(min(${share}u, ${pixels}u - part * ${share}u));
}`;
}

/** Sums per channel in parts: [parts, channels, 2]. */
function channelSums(
  backend: WebgpuBackend,
  sharing: Sharing,
  sums: ChannelSums,
): tf.TensorInfo {
  const { channels, across, parts } = sharing;
  const { label, start, values, inputs } = sums;
  const [result] = dispatch(backend, {
    label,
    variant: [start, values],
    code: () => sumsShader(sharing, sums),
    inputs,
    outputs: [[parts, channels, 2]],
    workgroups: [parts, Math.ceil(channels / across), 1],
  });
  return result;
}

function sumsShader(
  { channels, pixels, across, share }: Sharing,
  { names, start, values, end, merge }: ChannelSums,
): string {
  const rows = THREADS / across;
  const types = Object.fromEntries(names.map((name) => [name, "f32"]));
  return `${bindings({ ...types, parts: "vec2f" }, 1)}
${merge}
var<workgroup> shares: array<vec2f, ${THREADS}>;
var<workgroup> counts: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channel = min(group.y * ${across}u + local % ${across}u, ${channels - 1}u);
  let first = min(group.x * ${share}u + local / ${across}u, ${pixels - 1}u);
  let end = min((group.x + 1u) * ${share}u, ${pixels}u);
  ${start}
  var sums = vec2f();
  var n = 0.0;
  for (var pixel = group.x * ${share}u + local / ${across}u; pixel < end; pixel += ${rows}u) {
    let i = pixel * ${channels}u + channel;
    sums += vec2f(${values.join(", ")});
    n += 1.0;
  }
  if (n > 0.0) { ${end} }
  shares[local] = sums;
  counts[local] = n;
  workgroupBarrier();
  if (local >= ${across}u || group.y * ${across}u + local >= ${channels}u) { return; }
  for (var row = 1u; row < ${rows}u; row++) {
    let other = row * ${across}u + local;
    sums = merged(sums, n, shares[other], counts[other]);
    n += counts[other];
  }
  parts[group.x * ${channels}u + channel] = sums;
}`;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

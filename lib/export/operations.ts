/**
 * The operations of networks as ONNX writes them: what tfjs has as [batch, height, width, channels]
 * is [batch, channels, height, width] there.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Recorder } from "./recorder.ts";

/** An operation's tensors by name and its attributes, as tfjs hands them to a kernel. */
interface Call {
  recorder: Recorder;
  inputs: Record<string, tf.TensorInfo>;
  // deno-lint-ignore no-explicit-any
  attributes: any;
}

type Operation = (call: Call) => tf.TensorInfo;
type Shape4D = [number, number, number, number];

/** By the names of tfjs's kernels and of those in `lib/ops`. */
const OPERATIONS: Record<string, Operation> = {
  Add: elementwise("Add"),
  Multiply: elementwise("Mul"),
  Relu: ({ recorder, inputs: { x } }) =>
    result(recorder, x.shape, relu(recorder, nameOf(recorder, x))),
  Identity: ({ recorder, inputs: { x } }) => recorder.output(x.shape, recorder.recorded(x)),
  Reshape: reshape,
  Concat: concat,
  Conv2D: conv,
  DepthwiseConv2dNative: conv,
  Conv2DBackpropInput: transposedConv,
  MaxPool: maxPool,
  BatchNormEval: batchNorm,
  GroupNorm: groupNorm,
  LayerNorm: layerNorm,
  Gelu: gelu,
};

/** Makes the operations known to tfjs as the kernels of a backend. */
export function registerOperations(backendName: string): void {
  for (const [kernelName, operation] of Object.entries(OPERATIONS)) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        operation({
          recorder: backend as Recorder,
          inputs: inputs as Record<string, tf.TensorInfo>,
          attributes: attrs,
        }),
    });
  }
}

/** Broadcast over all pixels, a vector is one number for each channel. */
function elementwise(op: string): Operation {
  return ({ recorder, inputs: { a, b } }) => {
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const operand = (x: tf.TensorInfo) =>
      x.shape.length === 1 ? perChannel(recorder, x) : nameOf(recorder, x);
    return result(recorder, shape, recorder.note(op, [operand(a), operand(b)]));
  };
}

/** Only weights: in PyTorch's layout a depthwise filter is what it is. */
function reshape({ recorder, inputs: { x }, attributes: { shape } }: Call): tf.TensorInfo {
  const recorded = recorder.recorded(x);
  if (!recorded.weight) throw new TypeError("export: expected to reshape weights alone");
  return recorder.output(shape, recorded);
}

function concat({ recorder, inputs, attributes: { axis } }: Call): tf.TensorInfo {
  const parts = Object.values(inputs);
  const shape = tf.backend_util.computeOutShape(parts.map(({ shape }) => shape), axis);
  const names = parts.map((part) => nameOf(recorder, part));
  return result(recorder, shape, recorder.note("Concat", names, { axis: [0, 2, 3, 1][axis] }));
}

/** A depthwise filter is [height, width, channels, 1], one group for each channel. */
function conv({ recorder, inputs: { x, filter }, attributes }: Call): tf.TensorInfo {
  const [channels, depthwise] = [
    x.shape[3],
    filter.shape[2] === x.shape[3] && filter.shape[3] === 1,
  ];
  const grouped = depthwise && channels > 1;
  const { strides, pad, dilations } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations,
    pad,
    undefined,
    grouped,
  );
  const output = recorder.note("Conv", [nameOf(recorder, x), weightName(recorder, filter)], {
    ...window(info),
    dilations: [info.dilationHeight, info.dilationWidth],
    group: grouped ? channels : 1,
  });
  return result(recorder, info.outShape, output);
}

function transposedConv({ recorder, inputs: { dy, filter }, attributes }: Call): tf.TensorInfo {
  const { inputShape, strides, pad } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape as Shape4D,
    strides,
    1,
    pad,
  );
  const names = [nameOf(recorder, dy), weightName(recorder, filter)];
  return result(recorder, inputShape, recorder.note("ConvTranspose", names, window(info)));
}

function maxPool({ recorder, inputs: { x }, attributes }: Call): tf.TensorInfo {
  const { filterSize, strides, pad } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    x.shape as Shape4D,
    filterSize,
    strides,
    1,
    pad,
  );
  const output = recorder.note("MaxPool", [nameOf(recorder, x)], {
    ...window(info),
    kernel_shape: [info.filterHeight, info.filterWidth],
  });
  return result(recorder, info.outShape, output);
}

function batchNorm({ recorder, inputs, attributes }: Call): tf.TensorInfo {
  const { x, gamma, beta, mean, variance } = inputs;
  const vectors = [gamma, beta, mean, variance].map((vector) => weightName(recorder, vector));
  const y = recorder.note("BatchNormalization", [nameOf(recorder, x), ...vectors], {
    epsilon: attributes.epsilon,
  });
  return result(recorder, x.shape, attributes.relu ? relu(recorder, y) : y);
}

/** As PyTorch writes it: each group's values in a row are one instance's channel. */
function groupNorm({ recorder, inputs: { x, gamma, beta }, attributes }: Call): tf.TensorInfo {
  const { groups, epsilon } = attributes;
  const name = nameOf(recorder, x);
  // 0 keeps a dimension, −1 takes what is left.
  const rows = recorder.constant(`rows_of_${groups}`, {
    shape: [3],
    values: BigInt64Array.of(0n, BigInt(groups), -1n),
  });
  const filled = (what: string, value: number) =>
    recorder.constant(`${what}_${groups}`, {
      shape: [groups],
      values: new Float32Array(groups).fill(value),
    });
  const normalised = recorder.note("InstanceNormalization", [
    recorder.note("Reshape", [name, rows]),
    filled("ones", 1),
    filled("zeros", 0),
  ], { epsilon });
  const back = recorder.note("Reshape", [normalised, recorder.note("Shape", [name])]);
  const scaled = recorder.note("Mul", [back, perChannel(recorder, gamma)]);
  const y = recorder.note("Add", [scaled, perChannel(recorder, beta)]);
  return result(recorder, x.shape, attributes.relu ? relu(recorder, y) : y);
}

/** ONNX normalises the last axes. */
function layerNorm({ recorder, inputs: { x, gamma, beta }, attributes }: Call): tf.TensorInfo {
  const last = recorder.note("Transpose", [nameOf(recorder, x)], { perm: [0, 2, 3, 1] });
  const vectors = [gamma, beta].map((vector) => weightName(recorder, vector));
  const normalised = recorder.note("LayerNormalization", [last, ...vectors], {
    axis: 3,
    epsilon: attributes.epsilon,
  });
  const y = recorder.note("Transpose", [normalised], { perm: [0, 3, 1, 2] });
  return result(recorder, x.shape, y);
}

/** x · (erf(x/√2) + 1) / 2: an operator of its own comes with version 20 only. */
function gelu({ recorder, inputs: { x } }: Call): tf.TensorInfo {
  const number = (name: string, value: number) =>
    recorder.constant(name, { shape: [], values: Float32Array.of(value) });
  const name = nameOf(recorder, x);
  const scaled = recorder.note("Mul", [name, number("sqrt_half", Math.SQRT1_2)]);
  const shifted = recorder.note("Add", [recorder.note("Erf", [scaled]), number("one", 1)]);
  const twice = recorder.note("Mul", [name, shifted]);
  return result(recorder, x.shape, recorder.note("Mul", [twice, number("half", 0.5)]));
}

function relu(recorder: Recorder, name: string): string {
  return recorder.note("Relu", [name]);
}

function result(recorder: Recorder, shape: number[], name: string): tf.TensorInfo {
  return recorder.output(shape, { name });
}

/** Strides and padding of a convolution or pooling. */
function window(
  { strideHeight, strideWidth, padInfo: { top, left, bottom, right } }: tf.backend_util.Conv2DInfo,
): Record<string, number[]> {
  return { strides: [strideHeight, strideWidth], pads: [top, left, bottom, right] };
}

function nameOf(recorder: Recorder, x: tf.TensorInfo): string {
  return recorder.recorded(x).name;
}

/** Name of a weight as it is in PyTorch. */
function weightName(recorder: Recorder, x: tf.TensorInfo): string {
  const { name, weight } = recorder.recorded(x);
  if (!weight) throw new TypeError("export: expected a weight, found a computed tensor");
  return recorder.constant(name, weight);
}

/** Name of a vector of weights that is added to, or multiplies, channels: [channels, 1, 1]. */
function perChannel(recorder: Recorder, x: tf.TensorInfo): string {
  const { name, weight } = recorder.recorded(x);
  if (!weight) throw new TypeError("export: expected a weight, found a computed vector");
  const shape = [...weight.shape, 1, 1];
  return recorder.constant(`${name}.per_channel`, { shape, values: weight.values });
}

import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { BACKENDS } from "../support/backends.ts";
import { assertAgrees, kernelsRun, noise } from "./oracle.ts";

/** A convolution: x [batch, height, width, from], filter [kernel, kernel, from, to]. */
interface Case {
  x: [number, number, number, number];
  kernel: number;
  to: number;
  stride: number;
  pad: "same" | "valid";
}

/** A convolution and its gradients in x and filter. */
function convAndGradients({ x, kernel, to, stride, pad }: Case): tf.Tensor[] {
  const inputs = [noise(x), noise([kernel, kernel, x[3], to], 1)];
  const conv = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad);
  const y = conv(inputs[0], inputs[1]);
  return [y, ...tf.grads(conv)(inputs, noise(y.shape, 2))];
}

const CASES: Record<string, Case> = {
  "one pixel, one channel": { x: [1, 1, 1, 1], kernel: 3, to: 1, stride: 1, pad: "same" },
  "one input channel": { x: [2, 30, 22, 1], kernel: 3, to: 16, stride: 1, pad: "same" },
  "odd channels": { x: [2, 7, 5, 3], kernel: 3, to: 5, stride: 1, pad: "same" },
  "few channels, no padding": { x: [1, 17, 14, 4], kernel: 3, to: 8, stride: 1, pad: "valid" },
  "many input channels": { x: [1, 9, 9, 260], kernel: 3, to: 20, stride: 1, pad: "same" },
  "1×1": { x: [2, 8, 7, 7], kernel: 1, to: 5, stride: 1, pad: "same" },
  "2×2 of stride 2": { x: [3, 8, 6, 8], kernel: 2, to: 16, stride: 2, pad: "valid" },
  "3×3 of stride 2": { x: [2, 9, 9, 4], kernel: 3, to: 4, stride: 2, pad: "same" },
  "3×3 of stride 2, channels in eights": {
    x: [2, 8, 12, 8],
    kernel: 3,
    to: 16,
    stride: 2,
    pad: "same",
  },
  "5×5, channels in eights": { x: [1, 12, 8, 8], kernel: 5, to: 8, stride: 1, pad: "same" },
  "5×5": { x: [1, 11, 6, 5], kernel: 5, to: 7, stride: 1, pad: "same" },
};

/** Channels in eights, and tiles of 4 × 4 that are mostly full: `suitsWinograd()` asks for both. */
const WINOGRAD: Record<string, Case> = {
  "whole tiles": { x: [2, 8, 12, 8], kernel: 3, to: 16, stride: 1, pad: "same" },
  "cut tiles": { x: [1, 11, 15, 8], kernel: 3, to: 24, stride: 1, pad: "same" },
  "no padding": { x: [1, 17, 14, 16], kernel: 3, to: 8, stride: 1, pad: "valid" },
  "several blocks of channels": { x: [1, 8, 8, 72], kernel: 3, to: 136, stride: 1, pad: "same" },
  "several shares of tiles": { x: [3, 50, 34, 8], kernel: 3, to: 8, stride: 1, pad: "valid" },
};

for (const [name, shape] of Object.entries(CASES)) {
  Deno.test(`Conv2D and its gradients agree with cpu: ${name}`, () =>
    assertAgrees(() => convAndGradients(shape)));
}

for (const [name, shape] of Object.entries(WINOGRAD)) {
  Deno.test(`Conv2D and its gradients by Winograd agree with cpu: ${name}`, async () => {
    await assertAgrees(() => convAndGradients(shape));
    const kernels = kernelsRun(() => convAndGradients(shape));
    const count = (name: string) => kernels.filter((kernel) => kernel === name).length;
    // Forward twice, once for the gradients, and the gradient in x; then that in the filter.
    assert.deepEqual([count("winogradConv"), count("winogradFilterGradient")], [3, 1]);
  });
}

// Every shape is a shader of its own to compile on WebGPU.
for (const [backend, numRuns] of [["simd", 60], ["webgpu", 10]] as const) {
  Deno.test({
    name: `Conv2D and its gradients agree with cpu over random shapes [${backend}]`,
    ignore: !BACKENDS.includes(backend),
    fn: () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            x: fc.tuple(...[2, 11, 11, 9].map((max) => fc.integer({ min: 1, max }))),
            kernel: fc.integer({ min: 1, max: 4 }),
            to: fc.integer({ min: 1, max: 9 }),
            stride: fc.integer({ min: 1, max: 2 }),
            pad: fc.constantFrom("same" as const, "valid" as const),
          }).filter(({ x, kernel }) => Math.min(x[1], x[2]) >= kernel),
          (shape) => assertAgrees(() => convAndGradients(shape as Case), { on: [backend] }),
        ),
        { numRuns, seed: 7 },
      ),
  });
}

Deno.test("Conv2D and its gradients by Winograd agree with cpu over random shapes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        x: fc.tuple(
          ...[2, 14, 14].map((max) => fc.integer({ min: Math.min(3, max - 1), max })),
          fc.constantFrom(8, 16),
        ),
        kernel: fc.constant(3),
        to: fc.constantFrom(8, 16, 24),
        stride: fc.constant(1),
        pad: fc.constantFrom("same" as const, "valid" as const),
      }),
      (shape) => assertAgrees(() => convAndGradients(shape as Case), { on: ["simd"] }),
    ),
    { numRuns: 20, seed: 7 },
  ));

Deno.test("Conv2D with dilation agrees with cpu", () =>
  assertAgrees(() => {
    const [x, filter] = [noise([2, 9, 8, 8]), noise([3, 3, 8, 16], 1)];
    return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NHWC", 2);
  }));

Deno.test("conv2dTranspose() and its gradients agree with cpu", () =>
  assertAgrees(() => {
    const up = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 12, 5], 2, "same");
    const inputs = [noise([2, 4, 6, 8]), noise([2, 2, 5, 8], 1)];
    return [up(inputs[0], inputs[1]), ...tf.grads(up)(inputs, noise([2, 8, 12, 5], 2))];
  }));

/** A depthwise convolution and its gradients in x and filter. */
function depthwiseAndGradients({ x, kernel, stride, pad }: Omit<Case, "to">): tf.Tensor[] {
  const inputs = [noise(x), noise([kernel, kernel, x[3], 1], 1)];
  const conv = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad);
  const y = conv(inputs[0], inputs[1]);
  return [y, ...tf.grads(conv)(inputs, noise(y.shape, 2))];
}

const DEPTHWISE: Record<string, Omit<Case, "to">> = {
  "7×7, whole blocks of channels": { x: [2, 16, 16, 16], kernel: 7, stride: 1, pad: "same" },
  "7×7 on an image smaller than it": { x: [3, 2, 3, 12], kernel: 7, stride: 1, pad: "same" },
  "5×5, cut blocks and bands": { x: [2, 19, 13, 21], kernel: 5, stride: 1, pad: "same" },
  "3×3, no padding": { x: [2, 9, 11, 8], kernel: 3, stride: 1, pad: "valid" },
  "one pixel": { x: [1, 1, 1, 1], kernel: 7, stride: 1, pad: "same" },
  "stride 2": { x: [2, 8, 8, 5], kernel: 3, stride: 2, pad: "same" },
};

for (const [name, shape] of Object.entries(DEPTHWISE)) {
  Deno.test(`DepthwiseConv2dNative and its gradients agree with cpu: ${name}`, () =>
    assertAgrees(() => depthwiseAndGradients(shape), { on: ["simd"] }));
}

Deno.test("DepthwiseConv2dNative and its gradients agree with cpu over random shapes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        x: fc.tuple(...[3, 19, 11, 18].map((max) => fc.integer({ min: 1, max }))),
        kernel: fc.integer({ min: 1, max: 7 }),
        stride: fc.constant(1),
        pad: fc.constantFrom("same" as const, "valid" as const),
      }).filter(({ x, kernel }) => Math.min(x[1], x[2]) >= kernel),
      (shape) => assertAgrees(() => depthwiseAndGradients(shape as Case), { on: ["simd"] }),
    ),
    { numRuns: 30, seed: 11 },
  ));

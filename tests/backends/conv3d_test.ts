import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { setThreads } from "../../lib/backends/simd/mod.ts";
import { BACKENDS, testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { ndhwc } from "../support/volumes.ts";
import { assertAgrees, kernelsRun, noise, valuesOn } from "./oracle.ts";

type Three = [depth: number, height: number, width: number];

/** A convolution: x [batch, depth, height, width, from], filter [...kernel, from, to]. */
interface Case {
  x: [batch: number, ...Three, from: number];
  kernel: Three;
  to: number;
  strides: Three;
  pad: "same" | "valid";
}

/** A convolution and its gradients in x and filter. */
function convAndGradients({ x, kernel, to, strides, pad }: Case): tf.Tensor[] {
  const inputs = [noise(x), noise([...kernel, x[4], to], 1)];
  const conv = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides, pad);
  const y = conv(inputs[0], inputs[1]);
  return [y, ...tf.grads(conv)(inputs, noise(y.shape, 2))];
}

const SAME = { strides: [1, 1, 1], pad: "same" } as const;

/** Convolutions by name; those that suit Winograd's tiles have channels in eights. */
const CASES: Record<string, Case> = {
  "one voxel, one channel": { x: [1, 1, 1, 1, 1], kernel: [3, 3, 3], to: 1, ...mutable(SAME) },
  "one input channel": { x: [2, 6, 7, 10, 1], kernel: [3, 3, 3], to: 16, ...mutable(SAME) },
  "odd channels": { x: [2, 4, 7, 5, 3], kernel: [3, 3, 3], to: 5, ...mutable(SAME) },
  "whole tiles": { x: [2, 5, 8, 12, 8], kernel: [3, 3, 3], to: 16, ...mutable(SAME) },
  "cut tiles": { x: [1, 3, 11, 15, 8], kernel: [3, 3, 3], to: 24, ...mutable(SAME) },
  "one plane": { x: [2, 1, 8, 8, 8], kernel: [3, 3, 3], to: 8, ...mutable(SAME) },
  "two planes": { x: [1, 2, 8, 8, 16], kernel: [3, 3, 3], to: 8, ...mutable(SAME) },
  "columns cut in parts": { x: [2, 41, 4, 8, 8], kernel: [3, 3, 3], to: 8, ...mutable(SAME) },
  "many planes": { x: [1, 101, 4, 4, 8], kernel: [3, 3, 3], to: 8, ...mutable(SAME) },
  "several blocks of channels": {
    x: [1, 3, 8, 8, 72],
    kernel: [3, 3, 3],
    to: 136,
    ...mutable(SAME),
  },
  "no padding": {
    x: [2, 7, 14, 17, 16],
    kernel: [3, 3, 3],
    to: 8,
    strides: [1, 1, 1],
    pad: "valid",
  },
  "two planes of filter": { x: [1, 6, 8, 8, 8], kernel: [2, 3, 3], to: 8, ...mutable(SAME) },
  "within planes": { x: [2, 5, 8, 9, 8], kernel: [1, 3, 3], to: 16, ...mutable(SAME) },
  "across planes": { x: [2, 5, 4, 6, 8], kernel: [3, 1, 1], to: 5, ...mutable(SAME) },
  "1×1×1": { x: [2, 4, 5, 7, 7], kernel: [1, 1, 1], to: 5, ...mutable(SAME) },
  "1×1×1 of stride 2 across planes": {
    x: [2, 5, 4, 3, 8],
    kernel: [1, 1, 1],
    to: 3,
    strides: [2, 1, 1],
    pad: "valid",
  },
  "2×2×2 of stride 2": {
    x: [2, 4, 6, 8, 8],
    kernel: [2, 2, 2],
    to: 16,
    strides: [2, 2, 2],
    pad: "valid",
  },
  "2×2×2 of stride 2, odd sizes": {
    x: [2, 5, 7, 9, 3],
    kernel: [2, 2, 2],
    to: 4,
    strides: [2, 2, 2],
    pad: "valid",
  },
  "1×2×2 of stride 2 within planes": {
    x: [2, 3, 6, 8, 8],
    kernel: [1, 2, 2],
    to: 8,
    strides: [1, 2, 2],
    pad: "valid",
  },
  "3×3×3 of stride 2": {
    x: [2, 8, 9, 6, 4],
    kernel: [3, 3, 3],
    to: 8,
    strides: [2, 2, 2],
    pad: "same",
  },
  "3×3×3 of stride 2 across planes": {
    x: [1, 6, 8, 8, 8],
    kernel: [3, 3, 3],
    to: 8,
    strides: [2, 1, 1],
    pad: "same",
  },
  "3×3×3 of stride 2 within planes": {
    x: [1, 5, 8, 8, 8],
    kernel: [3, 3, 3],
    to: 8,
    strides: [1, 2, 2],
    pad: "same",
  },
};

/** Arrays that tfjs's types take. */
function mutable({ strides, pad }: typeof SAME): Pick<Case, "strides" | "pad"> {
  return { strides: [...strides], pad };
}

for (const [name, shape] of Object.entries(CASES)) {
  Deno.test(`Conv3D and its gradients agree with cpu: ${name}`, () =>
    assertAgrees(() => convAndGradients(shape)));
}

Deno.test("Conv3D and its gradients are Winograd's where planes touch", () => {
  const kernels = kernelsRun(() => convAndGradients(CASES["columns cut in parts"]));
  const count = (name: string) => kernels.filter((kernel) => kernel === name).length;
  // Forward twice, once for the gradients, and the gradient in x; then that in the filter.
  assert.deepEqual([count("winogradConv"), count("winogradFilterGradient")], [3, 1]);
});

Deno.test("Conv3D and its gradients are the same for any number of threads", async () => {
  const shapes = ["cut tiles", "one input channel", "across planes", "2×2×2 of stride 2"];
  const compute = () => shapes.flatMap((name) => convAndGradients(CASES[name]));
  const two = await valuesOn("simd", compute);
  setThreads(1);
  try {
    assert.deepEqual(await valuesOn("simd", compute), two);
  } finally {
    setThreads(2);
  }
});

// Every shape is a shader of its own to compile on WebGPU.
for (const [backend, numRuns] of [["simd", 60], ["webgpu", 10]] as const) {
  Deno.test({
    name: `Conv3D and its gradients agree with cpu over random shapes [${backend}]`,
    ignore: !BACKENDS.includes(backend),
    fn: () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            x: fc.tuple(
              ...[2, 6, 9, 9].map((max) => fc.integer({ min: 1, max })),
              fc.constantFrom(1, 3, 8, 16),
            ),
            kernel: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 3 }))),
            to: fc.constantFrom(1, 5, 8, 24),
            strides: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 2 }))),
            pad: fc.constantFrom("same" as const, "valid" as const),
          }).filter(({ x, kernel }) => kernel.every((size, axis) => x[axis + 1] >= size)),
          (shape) => assertAgrees(() => convAndGradients(shape as Case), { on: [backend] }),
        ),
        { numRuns, seed: 7 },
      ),
  });
}

/** A nesting of [out, in, depth, height, width] as a filter. */
function filterOf(values: number[][][][][]): tf.Tensor5D {
  return tf.tidy(() => tf.transpose(tf.tensor5d(values), [2, 3, 4, 1, 0]));
}

/** Zeros around a volume; tfjs's own kernel for five axes does not compile on WebGPU. */
function pad(x: tf.Tensor5D, n: number): tf.Tensor5D {
  const [batch, depth, height, width, channels] = x.shape;
  const planes = tf.reshape(x, [batch * depth, height, width, channels]);
  const wide = tf.pad(planes, [[0, 0], [n, n], [n, n], [0, 0]]);
  const [tall, broad] = [height + 2 * n, width + 2 * n];
  const lines = tf.pad(tf.reshape(wide, [batch, depth, tall * broad * channels]), [
    [0, 0],
    [n, n],
    [0, 0],
  ]);
  return tf.reshape(lines, [batch, depth + 2 * n, tall, broad, channels]);
}

testOnBackends(withFixtures("Conv3D and its gradients agree with PyTorch"), async () => {
  for (const { stride, padding, ...values } of fixture("conv3d.json").cases) {
    const conv = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv3d(pad(x as tf.Tensor5D, padding), filter as tf.Tensor5D, stride, "valid");
    const inputs = [ndhwc(values.x), filterOf(values.w)];
    assertClose(await conv(inputs[0], inputs[1]).array(), await ndhwc(values.y).array());
    const [dx, dw] = tf.grads(conv)(inputs, ndhwc(values.dy));
    assertClose(await dx.array(), await ndhwc(values.dx).array());
    assertClose(await dw.array(), await filterOf(values.dw).array());
  }
});

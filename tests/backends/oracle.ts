/**
 * Runs one computation on the backends with kernels of ours and on tfjs's own CPU kernels, the second
 * oracle.
 */
import * as tf from "@tensorflow/tfjs";
import { type BackendName, useBackend } from "../../lib/backends/select.ts";
import type { SimdBackend } from "../../lib/backends/simd/backend.ts";
import { registerSimdBackend } from "../../lib/backends/simd/mod.ts";
import { random } from "../../lib/math/random.ts";
import { BACKENDS } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

registerSimdBackend({ threads: 2 });
// Here, because a worker that starts inside a test counts as a leak of that test.
await tf.setBackend("simd");

/** Numbers in [−1, 1), the same for the same shape and seed. */
export function noise(shape: number[], seed = 0): tf.Tensor {
  const source = random("simd", seed, ...shape);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => source.uniform(-1, 1)), shape);
}

/** The values of what `compute` gives on a backend. */
export async function valuesOn(
  backend: BackendName,
  compute: () => tf.Tensor | tf.Tensor[],
): Promise<Float32Array[]> {
  await useBackend(backend);
  const results = [tf.tidy(compute)].flat();
  const values = await Promise.all(results.map((tensor) => tensor.data<"float32">()));
  tf.dispose(results);
  await useBackend("simd");
  return values;
}

/** Asserts that a backend agrees with tfjs's own CPU kernels; by default each that has ours. */
export async function assertAgrees(
  compute: () => tf.Tensor | tf.Tensor[],
  { tolerance = 2e-5, on = BACKENDS }: { tolerance?: number; on?: readonly BackendName[] } = {},
): Promise<void> {
  const expected = await valuesOn("cpu", compute);
  for (const backend of on) {
    const actual = await valuesOn(backend, compute);
    actual.forEach((values, i) => assertClose(values, expected[i], tolerance));
  }
}

/** The simd backend's kernels that a computation runs, in their order. */
export function kernelsRun(compute: () => tf.Tensor[]): string[] {
  const backend = tf.backend() as unknown as SimdBackend;
  const { run } = backend;
  const kernels: string[] = [];
  backend.run = (kernel, ...rest) => {
    kernels.push(kernel);
    run.call(backend, kernel, ...rest);
  };
  tf.dispose(compute());
  backend.run = run;
  return kernels;
}

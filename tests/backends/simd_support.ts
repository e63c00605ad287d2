/** Runs one computation on `simd` and on tfjs's own CPU kernels, the second oracle. */
import * as tf from "@tensorflow/tfjs";
import { registerSimdBackend } from "../../lib/backends/simd/mod.ts";
import { random } from "../../lib/random.ts";
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
  backend: "simd" | "cpu",
  compute: () => tf.Tensor | tf.Tensor[],
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results = [tf.tidy(compute)].flat();
  const values = results.map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose(results);
  await tf.setBackend("simd");
  return values;
}

/** Asserts that `simd` and `cpu` agree. */
export async function assertAgrees(
  compute: () => tf.Tensor | tf.Tensor[],
  tolerance = 2e-5,
): Promise<void> {
  const actual = await valuesOn("simd", compute);
  const expected = await valuesOn("cpu", compute);
  actual.forEach((values, i) => assertClose(values, expected[i], tolerance));
}

/**
 * What an adapter can do at most, measured: what kernels' rates are held against.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "../../../lib/backends/webgpu/backend.ts";

/** What a device reaches on large work. */
export interface Ceilings {
  /** Of a product of two large matrices. */
  gflops_per_second: number;
  /** Read and written, of a large copy. */
  gb_per_second: number;
}

/** Milliseconds that a measurement takes at least, so that what surrounds the work does not count. */
const LEAST = 100;

/** Measures on the WebGPU backend in use. */
export async function measureCeilings(): Promise<Ceilings> {
  const { device } = tf.backend() as unknown as WebgpuBackend;
  return { gflops_per_second: await productRate(), gb_per_second: await copyRate(device) };
}

/** Of square matrices, twice as large until one product takes long enough. */
async function productRate(): Promise<number> {
  for (let n = 512;; n *= 2) {
    const [a, b] = [0, 1].map((seed) => randomMatrix(n, seed));
    const multiply = async () => {
      const corner = tf.tidy(() => tf.slice(tf.matMul(a, b), [0, 0], [1, 1]));
      await corner.data();
      corner.dispose();
    };
    await multiply();
    const ms = await shortest(multiply);
    tf.dispose([a, b]);
    if (ms >= LEAST || n >= 8192) return 2 * n ** 3 / ms / 1e6;
  }
}

/** Square, of the same random tile again and again: JavaScript's own numbers would take seconds. */
function randomMatrix(n: number, seed: number): tf.Tensor2D {
  return tf.tidy(() =>
    tf.tile(tf.randomNormal([512, 512], 0, 1, "float32", seed), [n / 512, n / 512])
  );
}

/** Of a buffer of 256 MiB, or as large as it may be, copied until that takes long enough. */
async function copyRate(device: GPUDevice): Promise<number> {
  const size = Math.min(2 ** 28, device.limits.maxBufferSize);
  const [from, to] = [GPUBufferUsage.COPY_SRC, GPUBufferUsage.COPY_DST]
    .map((usage) => device.createBuffer({ size, usage }));
  for (let copies = 1;; copies *= 2) {
    const ms = await shortest(async () => {
      const encoder = device.createCommandEncoder();
      for (let i = 0; i < copies; i++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    });
    if (ms < LEAST) continue;
    from.destroy();
    to.destroy();
    return 2 * size * copies / ms / 1e6;
  }
}

/** Milliseconds of the fastest of three runs. */
async function shortest(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

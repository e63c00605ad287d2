import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import { keepBindGroups } from "../../lib/backends/webgpu/bind_groups.ts";
import { type BufferPool, takeLowestFirst } from "../../lib/backends/webgpu/buffers.ts";
import type { WebgpuBackend } from "../../lib/backends/webgpu/backend.ts";
import { BACKENDS } from "../support/backends.ts";

const ignore = !BACKENDS.includes("webgpu");

Deno.test({
  name: "keepBindGroups() gives the same bind group for the same buffers alone",
  ignore,
  fn: async () => {
    const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
    keepBindGroups(device);
    const code = "@group(0) @binding(0) var<storage, read_write> y: array<f32>;\n" +
      "@compute @workgroup_size(1) fn main() { y[0] = 1.0; }";
    const module = device.createShaderModule({ code });
    const pipelines = [1, 2].map(() =>
      device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } })
    );
    const buffers = [1, 2].map(() =>
      device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE })
    );
    const bind = (pipeline: number, buffer: number) =>
      device.createBindGroup({
        layout: pipelines[pipeline].getBindGroupLayout(0),
        entries: [{ binding: 0, resource: { buffer: buffers[buffer] } }],
      });
    assert.equal(bind(0, 0), bind(0, 0));
    const different = [bind(0, 0), bind(0, 1), bind(1, 0), bind(1, 1)];
    assert.equal(new Set(different).size, 4);
    device.destroy();
  },
});

Deno.test("takeLowestFirst() gives buffers in the same order, in whatever one they come back", () => {
  const pool = poolOf(5);
  takeLowestFirst(pool);
  const take = () => pool.acquireBuffer(16, 1);
  const first = Array.from({ length: 5 }, take);
  for (const order of [[3, 0, 4, 1, 2], [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]]) {
    for (const i of order) pool.releaseBuffer(first[i]);
    // As they came back for the first time.
    assert.deepEqual(Array.from({ length: 5 }, () => first.indexOf(take())), [3, 0, 4, 1, 2]);
  }
});

Deno.test({
  name: "a step that repeats itself takes the same buffers and writes no settings again",
  ignore,
  fn: async () => {
    await useBackend("webgpu");
    const { queue } = tf.backend() as unknown as WebgpuBackend;
    const x = tf.ones([3, 5]);
    const step = async () => {
      const y = tf.tidy(() => tf.sum(tf.square(tf.add(x, tf.slice(x, [1, 0], [1, 5])))));
      const [value] = await y.data();
      y.dispose();
      return value;
    };
    const write = queue.writeBuffer;
    let writes = 0;
    try {
      for (let i = 0; i < 3; i++) assert.equal(await step(), 60);
      queue.writeBuffer = function (...args: Parameters<typeof write>) {
        writes++;
        return write.apply(this, args);
      };
      assert.equal(await step(), 60);
    } finally {
      queue.writeBuffer = write;
      x.dispose();
    }
    assert.equal(writes, 0);
  },
});

/** A pool as tfjs's is, of so many buffers that no device has. */
function poolOf(count: number): BufferPool {
  const made = Array.from({ length: count }, () => ({ size: 16, usage: 1 }) as GPUBuffer);
  const freeBuffers = new Map([["16_1", [...made]]]);
  return {
    freeBuffers,
    acquireBuffer: () => freeBuffers.get("16_1")!.pop()!,
    releaseBuffer: (buffer) => void freeBuffers.get("16_1")!.push(buffer),
  };
}

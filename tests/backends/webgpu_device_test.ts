import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import {
  expectSound,
  findAdapter,
  guarded,
  isSoftware,
  watchDevice,
} from "../../lib/backends/webgpu/device.ts";
import type { WebgpuBackend } from "../../lib/backends/webgpu/backend.ts";
import { dispatch } from "../../lib/backends/webgpu/dispatch.ts";
import { BACKENDS } from "../support/backends.ts";

const adapter = BACKENDS.includes("webgpu") ? await findAdapter() : undefined;

/** A test on a device of its own, which an error ends. */
function testOnDevice(name: string, body: (device: GPUDevice) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !BACKENDS.includes("webgpu"),
    fn: async () => {
      const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
      watchDevice(device);
      await body(device);
      device.destroy();
    },
  });
}

/** Errors of a device arrive a moment after what they were made by. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

testOnDevice("a sound device runs kernels, one after another", async (device) => {
  const run = (size: number) =>
    guarded(
      device,
      "Fill",
      () => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }).size,
    );
  assert.equal(run(16), 16);
  await aMoment();
  assert.equal(run(32), 32);
});

testOnDevice(
  "a shader that does not compile is an error under its kernel's name",
  async (device) => {
    guarded(device, "Conv2D", () => device.createShaderModule({ code: "fn main() { nonsense }" }));
    await aMoment();
    assert.throws(() => expectSound(device), /^Error: WebGPU: Conv2D: /);
    assert.throws(() => guarded(device, "Add", () => {}), /WebGPU: Conv2D: /, "and stays one");
  },
);

testOnDevice(
  "a dispatch that is not allowed is an error under its kernel's name",
  async (device) => {
    guarded(device, "Sum", () => {
      const code = "@compute @workgroup_size(1) fn main() {}";
      const pipeline = device.createComputePipeline({
        layout: "auto",
        compute: { module: device.createShaderModule({ code }) },
      });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(device.limits.maxComputeWorkgroupsPerDimension + 1);
      pass.end();
      device.queue.submit([encoder.finish()]);
    });
    await aMoment();
    assert.throws(() => expectSound(device), /^Error: WebGPU: Sum: .*65535/s);
  },
);

testOnDevice(
  "a tensor beyond the device's memory is one error that says what to do",
  async (device) => {
    guarded(device, "Conv2D", () => {
      const size = device.limits.maxBufferSize + 4;
      device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
    });
    await aMoment();
    assert.throws(
      () => expectSound(device),
      /^Error: WebGPU: Conv2D: .*reduce pretraining\.batch/s,
    );
  },
);

Deno.test({
  name: "memory that has run out is one error that says what to do",
  // A card's own memory is no address of the process, and may be needed by others.
  ignore: !adapter || !isSoftware(adapter) || Deno.build.os === "windows",
  fn: async () => {
    const program = new URL("fill_memory.ts", import.meta.url).pathname;
    // Of addresses, of which Deno alone takes a hundred gigabytes.
    const command = `ulimit -v 300000000; exec "${Deno.execPath()}" run "${program}"`;
    const { stdout } = await new Deno.Command("bash", { args: ["-c", command] }).output();
    assert.match(
      new TextDecoder().decode(stdout),
      /^WebGPU: Conv2D: not enough memory left; reduce pretraining\.batch, .*\n$/,
    );
  },
});

testOnDevice("errors outside of kernels are noticed too", async (device) => {
  device.createBuffer({ size: 6, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await aMoment();
  assert.throws(() => expectSound(device), /^Error: WebGPU: /);
});

testOnDevice("a lost device says how to go on", async (device) => {
  device.destroy();
  await device.lost;
  assert.throws(
    () => guarded(device, "Add", () => {}),
    /^Error: WebGPU: the GPU was lost \(it was given back\): .* last checkpoint$/,
  );
});

Deno.test({
  name: "reading a tensor throws what went wrong on the way to it, instead of giving zeros",
  ignore: !BACKENDS.includes("webgpu"),
  // Last, and in a process of its own as every test file: the backend is broken after it.
  fn: async () => {
    await useBackend("webgpu");
    const backend = tf.backend() as unknown as WebgpuBackend;
    const broken = tf.tidy(() =>
      guarded(backend.device, "Broken", () => {
        const [{ dataId, shape, dtype }] = dispatch(backend, {
          label: "Broken",
          code: () => "@compute @workgroup_size(1) fn main() { nonsense }",
          inputs: [],
          outputs: [[4]],
          workgroups: [1, 1, 1],
        });
        return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
      })
    );
    await assert.rejects(broken.data(), /^Error: WebGPU: Broken: /);
    assert.throws(() => tf.add(broken, 1), /^Error: WebGPU: Broken: /);
  },
});

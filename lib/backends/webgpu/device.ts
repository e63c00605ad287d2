/**
 * The graphics adapter, our device on it, and what goes wrong there.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { keepBindGroups } from "./bind_groups.ts";
import { keepUniforms, takeLowestFirst, uploadThroughQueue } from "./buffers.ts";
import type { WebgpuBackend } from "./backend.ts";

/** Name under which tfjs, and we in its place, register the backend. */
export const BACKEND = "webgpu";

/** What our shaders and timers use where an adapter has it. */
const FEATURES: readonly GPUFeatureName[] = ["shader-f16", "timestamp-query"];

/** Limits to raise to the adapter's own: a device has WebGPU's smallest ones unless asked. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** The adapter of this machine that is fastest, if there is any. */
export async function findAdapter(): Promise<GPUAdapter | undefined> {
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? undefined;
}

/** Mesa's llvmpipe and Chromium's SwiftShader compute on the CPU, far slower than simd. */
export function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(info.description);
}

/** Registers tfjs's WebGPU backend on a device of ours; one that runs already stays. */
export function registerWebgpuBackend(): void {
  const running = tf.engine().registry[BACKEND] as unknown as WebGPUBackend | undefined;
  if (running) return void prepareBackend(running);
  tf.removeBackend(BACKEND);
  tf.registerBackend(BACKEND, async () => {
    const adapter = await findAdapter();
    if (!adapter) throw new Error("WebGPU: expected a GPU adapter, found none");
    const backend = new WebGPUBackend(await openDevice(adapter), adapter.info);
    return prepareBackend(backend) as unknown as tf.KernelBackend;
  });
}

/** Has a backend use its buffers well, and reads fail where something went wrong on the way to values. */
function prepareBackend(backend: WebGPUBackend): WebGPUBackend {
  const { device } = backend;
  watchDevice(device);
  const ours = backend as unknown as WebgpuBackend;
  keepBindGroups(device);
  takeLowestFirst(ours.bufferManager);
  uploadThroughQueue(ours);
  keepUniforms(ours);
  const read = backend.read.bind(backend);
  backend.read = async (id) => {
    try {
      return await read(id);
    } finally {
      expectSound(device);
    }
  };
  return backend;
}

/** A device with all that we use of an adapter. */
async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
}

/** What a device says of a tensor that it can hold, if at all, but not use. */
const TOO_LARGE = /maximum buffer size|buffer_binding_size/;

/** The first error of each device on which something went wrong. */
const failures = new WeakMap<GPUDevice, Error>();

/**
 * Notes what goes wrong on a device. Deno is silent about it, and operations give zeros: everything
 * that runs under {@linkcode guarded} afterwards throws instead.
 */
export function watchDevice(device: GPUDevice): void {
  device.addEventListener("uncapturederror", (event) => {
    note(device, (event as GPUUncapturedErrorEvent).error.message);
  });
  device.lost.then(({ reason, message }) => {
    const cause = reason === "destroyed" ? "it was given back" : message || "no reason given";
    note(
      device,
      `the GPU was lost (${cause}): another program may have reset it, or its driver failed; ` +
        "go on from the last checkpoint",
    );
  });
}

/**
 * Runs a kernel, whose errors the device then reports under its name.
 *
 * @throws {Error} if something went wrong on the device before.
 */
export function guarded<T>(device: GPUDevice, kernel: string, run: () => T): T {
  expectSound(device);
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  try {
    return run();
  } finally {
    noteScope(device, kernel);
    noteScope(device, kernel);
  }
}

/** @throws {Error} what went wrong on the device first, if anything did. */
export function expectSound(device: GPUDevice): void {
  const failure = failures.get(device);
  if (failure) throw failure;
}

function noteScope(device: GPUDevice, kernel: string): void {
  device.popErrorScope().then((error) => {
    if (!error) return;
    const advice = error instanceof GPUOutOfMemoryError || TOO_LARGE.test(error.message)
      ? "; reduce pretraining.batch, grid.size or backbone.widths"
      : "";
    note(device, `${kernel}: ${error.message}${advice}`);
    // A lost device has no scopes left; its loss is noted.
  }, () => {});
}

function note(device: GPUDevice, message: string): void {
  if (!failures.has(device)) failures.set(device, new Error(`WebGPU: ${message}`));
}

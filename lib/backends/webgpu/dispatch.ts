/**
 * How our WGSL shaders run inside tfjs's WebGPU backend: on its tensors, in its command queue. Unlike
 * tfjs's own programs ours may have several outputs, and shapes are constants of the code, so that
 * loops unroll and divisions are by known numbers.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { bytesOf } from "../profile.ts";
import type { WebgpuBackend } from "./backend.ts";
import { profileWork, SUBMIT } from "./profile.ts";

/** A shader and what it works on. */
export interface Dispatch {
  /** Names the shader in errors. */
  label: string;
  /**
   * Gives WGSL with the entry point `main`. Bindings of group 0 are the inputs, the outputs and then,
   * if there are any, the parameters as a uniform, in this order. Called once for each label, shapes
   * of inputs and outputs, and variant: the code must not depend on anything else.
   */
  code: () => string;
  /** What the code depends on beside the shapes. */
  variant?: readonly unknown[];
  /** The tensors read. */
  inputs: readonly tf.TensorInfo[];
  /** The tensors written, all float32: shapes of new ones, or tensors to write into. */
  outputs: readonly (number[] | tf.TensorInfo)[];
  /** Numbers that change from call to call; all else is better written into the code. */
  parameters?: readonly number[];
  /** Workgroups along x, y and z. */
  workgroups: readonly number[];
  /** Floating-point operations as the plain algorithm needs them, for profiles. */
  flops?: number;
}

/** Workgroups along an axis that every WebGPU device has. */
const MOST_WORKGROUPS = 65535;

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

/** Puts a shader into the queue and gives its outputs. */
export function dispatch(
  backend: WebgpuBackend,
  { label, code, variant = [], inputs, outputs, parameters, workgroups, flops }: Dispatch,
): tf.TensorInfo[] {
  const results = outputs.map((output) =>
    Array.isArray(output) ? backend.makeTensorInfo(output, "float32") : output
  );
  const tensors = [...inputs, ...results];
  const buffers = tensors.map(({ dataId }) => {
    backend.uploadToGPU(dataId);
    backend.commandQueueOwnedIds.add(dataId);
    return backend.tensorMap.get(dataId).resource!;
  });
  if (parameters) buffers.push(uniform(backend, parameters));
  const key = [label, ...variant, ...tensors.map(({ shape }) => `[${shape}]`)].join(" ");
  const pipeline = pipelineOf(backend.device, { key, label, code });
  const bindGroup = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  backend.ensureCommandEncoderReady();
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass({ label });
  backend.computePassEncoder.setPipeline(pipeline);
  backend.computePassEncoder.setBindGroup(0, bindGroup);
  backend.computePassEncoder.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
  profileWork(label, { flops, bytes: bytesOf(tensors) });
  if (++backend.dispatchCountInPass >= tf.env().getNumber(SUBMIT)) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  return results;
}

/** The workgroups of one invocation per item, which may need a second axis. */
export function flatWorkgroups(items: number, size: number): number[] {
  const count = Math.ceil(items / size);
  return [Math.min(count, MOST_WORKGROUPS), Math.ceil(count / MOST_WORKGROUPS), 1];
}

/**
 * The entry point of a shader with one invocation per item: `body` computes item `i`, of `items`.
 * The workgroups are those of {@linkcode flatWorkgroups}.
 */
export function flatMain(items: number | string, size: number, body: string): string {
  return `
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * ${MOST_WORKGROUPS}u + group.x) * ${size}u + local;
  if (i >= u32(${items})) { return; }
${body}
}`;
}

/** Declarations of bindings in their order: names with what they hold, the last `written` for writing. */
export function bindings(names: Record<string, string>, written: number): string {
  const entries = Object.entries(names);
  return entries.map(([name, type], i) => {
    const access = i < entries.length - written ? "read" : "read_write";
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type}>;`;
  }).join("\n");
}

function uniform(backend: WebgpuBackend, parameters: readonly number[]): GPUBuffer {
  const bytes = Math.ceil(parameters.length / 4) * 16;
  const data = new Float32Array(bytes / 4);
  data.set(parameters);
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = backend.bufferManager.acquireBuffer(bytes, usage);
  backend.queue.writeBuffer(buffer, 0, data);
  backend.uniformPendingDisposal.push(buffer);
  return buffer;
}

function pipelineOf(
  device: GPUDevice,
  { key, label, code }: Pick<Dispatch, "label" | "code"> & { key: string },
): GPUComputePipeline {
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>();
  pipelines.set(device, known);
  const found = known.get(key);
  if (found) return found;
  // One shader may serve several keys, as Adam's serves every shape.
  const text = code();
  const pipeline = known.get(text) ?? compile(device, label, text);
  known.set(text, pipeline).set(key, pipeline);
  return pipeline;
}

function compile(device: GPUDevice, label: string, code: string): GPUComputePipeline {
  return device.createComputePipeline({
    label,
    layout: "auto",
    compute: { module: device.createShaderModule({ label, code }), entryPoint: "main" },
  });
}

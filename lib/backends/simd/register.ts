/**
 * How entries are registered with tfjs, before its own CPU kernels, and profiled.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addWork, bytesOf, type KernelProfile } from "../profile.ts";
import type { Call, Entry } from "../entry.ts";
import type { SimdBackend } from "./backend.ts";

/** Name under which the backend is registered. */
export const BACKEND = "simd";

let profile: Map<string, KernelProfile> | undefined;
let flops = 0;

/** Starts to count the time and work of each kernel. */
export function startProfile(): void {
  profile = new Map();
}

/** Ends the count and gives it, by kernel; names of tfjs's own kernels end in "(js)". */
export function stopProfile(): Map<string, KernelProfile> {
  const result = profile ?? new Map();
  profile = undefined;
  return result;
}

/** Counts floating-point operations of the kernel that runs. */
export function countFlops(count: number): void {
  flops += count;
}

/**
 * Registers every CPU kernel of tfjs under the name of this backend, with our entry before it where
 * there is one, and our entries that tfjs does not know.
 */
export function registerEntries(ours: Record<string, Entry<SimdBackend>>): void {
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    registerKernel(kernelName, ours[kernelName], kernelFunc);
  }
  for (const name of Object.keys(ours)) {
    if (!tf.getKernel(name, BACKEND)) registerKernel(name, ours[name]);
  }
}

function registerKernel(
  kernelName: string,
  ours?: Entry<SimdBackend>,
  plain?: tf.KernelFunc,
): void {
  const kernelFunc: tf.KernelFunc = (call) => {
    const start = performance.now();
    const result = ours?.(call as unknown as Call<SimdBackend>);
    if (result) {
      record(kernelName, start, call.inputs, result);
      return result;
    }
    if (!plain) throw new TypeError(`simd backend: ${kernelName} cannot compute these inputs`);
    const fallback = plain(call);
    record(`${kernelName} (js)`, start, call.inputs, fallback);
    return fallback;
  };
  tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
}

function record(
  name: string,
  start: number,
  inputs: tf.NamedTensorInfoMap,
  outputs: tf.TensorInfo | tf.TensorInfo[],
): void {
  const counted = flops;
  flops = 0;
  if (!profile) return;
  addWork(profile, name, {
    calls: 1,
    ms: performance.now() - start,
    flops: counted,
    bytes: bytesOf([...Object.values(inputs), outputs].flat()),
  });
}

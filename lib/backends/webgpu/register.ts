/**
 * How entries are registered with tfjs. An entry hands the work of one of tfjs's kernels over to
 * what computes it, or declines (returns nothing) where it has no fast path: tfjs's own WebGPU kernel
 * then computes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BACKEND, guarded } from "./device.ts";
import type { WebgpuBackend } from "./backend.ts";
import { profiled } from "./profile.ts";

/** What an entry gets. */
export interface Call {
  /** The input tensors by name. */
  // deno-lint-ignore no-explicit-any -- each entry knows its own inputs
  inputs: any;
  /** The attributes by name. */
  // deno-lint-ignore no-explicit-any -- each entry knows its own attributes
  attrs: any;
  /** Where to compute. */
  backend: WebgpuBackend;
}

/** Has the result computed, or declines by returning nothing. */
export type Entry = (call: Call) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/**
 * Puts our entries before tfjs's kernels, adds those that tfjs does not know, and has all of them
 * report errors under their name.
 */
export function registerEntries(ours: Record<string, Entry>): void {
  const stock = new Map(tf.getKernelsForBackend(BACKEND).map((found) => [found.kernelName, found]));
  for (const kernelName of new Set([...stock.keys(), ...Object.keys(ours)])) {
    const known = stock.get(kernelName);
    if (known) tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel({
      ...known,
      kernelName,
      backendName: BACKEND,
      kernelFunc: (call) => {
        const { device } = call.backend as WebgpuBackend;
        return guarded(device, kernelName, () => {
          const result = ours[kernelName]?.(call as unknown as Call) ??
            (known && profiled(kernelName, call, known.kernelFunc));
          if (result) return result;
          throw new TypeError(`webgpu backend: ${kernelName} cannot compute these inputs`);
        });
      },
    });
  }
}

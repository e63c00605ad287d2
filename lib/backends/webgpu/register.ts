/**
 * How kernels are registered: each may decline (return nothing) what it has no fast path for, which
 * then goes to tfjs's own WebGPU kernel.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BACKEND, guarded } from "./device.ts";
import type { WebgpuBackend } from "./backend.ts";
import { profiled } from "./profile.ts";

/** What a kernel gets. */
export interface Call {
  /** The input tensors by name. */
  // deno-lint-ignore no-explicit-any -- each kernel knows its own inputs
  inputs: any;
  /** The attributes by name. */
  // deno-lint-ignore no-explicit-any -- each kernel knows its own attributes
  attrs: any;
  /** Where to compute. */
  backend: WebgpuBackend;
}

/** Computes, or declines by returning nothing. */
export type Kernel = (call: Call) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/**
 * Puts our kernels before tfjs's, adds those that tfjs does not know, and has all of them report
 * errors under their name.
 */
export function registerKernels(ours: Record<string, Kernel>): void {
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

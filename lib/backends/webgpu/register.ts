/**
 * How kernels are registered: each may decline (return nothing) what it has no fast path for, which
 * then goes to tfjs's own WebGPU kernel.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "./dispatch.ts";

/** Name under which tfjs registers its backend. */
const BACKEND = "webgpu";

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

/** Puts our kernels before tfjs's, and adds those that tfjs does not know. */
export function registerKernels(kernels: Record<string, Kernel>): void {
  for (const [kernelName, ours] of Object.entries(kernels)) {
    const stock = tf.getKernel(kernelName, BACKEND)?.kernelFunc as tf.KernelFunc | undefined;
    if (stock) tf.unregisterKernel(kernelName, BACKEND);
    const kernelFunc: tf.KernelFunc = (call) => {
      const result = ours(call as unknown as Call) ?? stock?.(call);
      if (!result) throw new Error(`${kernelName}: not for these inputs on ${BACKEND}`);
      return result;
    };
    tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
  }
}

/**
 * How entries are registered with tfjs, before its own WebGPU kernels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Call, Entry } from "../entry.ts";
import { BACKEND, guarded } from "./device.ts";
import type { WebgpuBackend } from "./backend.ts";
import { profiled } from "./profile.ts";

/**
 * Puts our entries before tfjs's kernels, adds those that tfjs does not know, and has all of them
 * report errors under their name.
 */
export function registerEntries(ours: Record<string, Entry<WebgpuBackend>>): void {
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
          const result = ours[kernelName]?.(call as unknown as Call<WebgpuBackend>) ??
            (known && profiled(kernelName, call, known.kernelFunc));
          if (result) return result;
          throw new TypeError(`webgpu backend: ${kernelName} cannot compute these inputs`);
        });
      },
    });
  }
}

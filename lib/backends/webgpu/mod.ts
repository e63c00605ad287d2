/**
 * tfjs's WebGPU backend on a device and with kernels of ours.
 *
 * @module
 */
import { registerWebgpuBackend } from "./device.ts";
import { adamKernels } from "./kernels/adam.ts";
import { batchNormKernels } from "./kernels/batch_norm.ts";
import { convKernels } from "./kernels/conv.ts";
import { gridSampleKernels } from "./kernels/grid_sample.ts";
import { matMulKernels } from "./kernels/mat_mul.ts";
import { maxPoolKernels } from "./kernels/max_pool.ts";
import { mixKernels } from "./kernels/mix.ts";
import { similarityKernels } from "./kernels/similarity.ts";
import { registerKernels } from "./register.ts";

export { startWebgpuProfile, stopWebgpuProfile } from "./profile.ts";

const OURS = {
  ...adamKernels,
  ...batchNormKernels,
  ...convKernels,
  ...gridSampleKernels,
  ...matMulKernels,
  ...maxPoolKernels,
  ...mixKernels,
  ...similarityKernels,
};

let registered = false;

/**
 * Registers the backend, and puts our kernels in the place of tfjs's for all code that uses tfjs;
 * later calls do nothing.
 *
 * @param kernels "tfjs" leaves tfjs's own, to compare with.
 */
export function registerWebgpu(kernels: "ours" | "tfjs" = "ours"): void {
  if (registered) return;
  registered = true;
  registerWebgpuBackend();
  registerKernels(kernels === "tfjs" ? {} : OURS);
}

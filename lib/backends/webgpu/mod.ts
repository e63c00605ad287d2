/**
 * Our kernels for tfjs's WebGPU backend.
 *
 * @module
 */
import { adamKernels } from "./kernels/adam.ts";
import { batchNormKernels } from "./kernels/batch_norm.ts";
import { convKernels } from "./kernels/conv.ts";
import { gridSampleKernels } from "./kernels/grid_sample.ts";
import { registerKernels } from "./register.ts";

let registered = false;

/** Puts our kernels in the place of tfjs's, for all code that uses tfjs; later calls do nothing. */
export function registerWebgpuKernels(): void {
  if (registered) return;
  registered = true;
  registerKernels({
    ...adamKernels,
    ...batchNormKernels,
    ...convKernels,
    ...gridSampleKernels,
  });
}

/**
 * tfjs's WebGPU backend on a device and with kernels of ours.
 *
 * @module
 */
import type { OpEntries } from "../entry.ts";
import type { WebgpuBackend } from "./backend.ts";
import { registerWebgpuBackend } from "./device.ts";
import { adamEntries } from "./entries/adam.ts";
import { batchNormEntries } from "./entries/batch_norm.ts";
import { convEntries } from "./entries/conv.ts";
import { gridSampleEntries } from "./entries/grid_sample.ts";
import { leakyReluEntries } from "./entries/leaky_relu.ts";
import { matMulEntries } from "./entries/mat_mul.ts";
import { maxPoolEntries } from "./entries/max_pool.ts";
import { mixEntries } from "./entries/mix.ts";
import { similarityEntries } from "./entries/similarity.ts";
import { registerEntries } from "./register.ts";

export { startWebgpuProfile, stopWebgpuProfile } from "./profile.ts";

/** Kernels of lib/ops that plain tfjs composes here. */
type Composed =
  | "BatchNormEval"
  | `GatherRows${"" | "Grad"}`
  | `Gelu${"" | "Grad"}`
  | `GroupNorm${"" | "Grad"}`
  | `LayerNorm${"" | "Grad"}`
  | "NearestVote";

const ENTRIES = {
  ...adamEntries,
  ...batchNormEntries,
  ...convEntries,
  ...gridSampleEntries,
  ...leakyReluEntries,
  ...matMulEntries,
  ...maxPoolEntries,
  ...mixEntries,
  ...similarityEntries,
} satisfies OpEntries<WebgpuBackend, Composed>;

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
  registerEntries(kernels === "tfjs" ? {} : ENTRIES);
}

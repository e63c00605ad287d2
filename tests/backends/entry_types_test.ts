/**
 * Entries that must not compile. `deno check`, and `deno test` before it runs anything, fail where a
 * line after `@ts-expect-error` is no error.
 */
import type { Entries, OpEntries } from "../../lib/backends/entry.ts";
import type { SimdBackend } from "../../lib/backends/simd/backend.ts";
import { runKernel } from "../../lib/ops/kernel.ts";
import type { Tensor } from "../../lib/ops/tensors.ts";

/** A backend with an entry for every kernel of lib/ops. */
type Complete = OpEntries<SimdBackend, never>;

/** Tables of entries that leave one out. */
export function missingEntries(all: Complete): Complete[] {
  const { GeluGrad: _gradient, ...withoutGradient } = all;
  const { NearestVote: _forward, ...withoutForward } = all;
  return [
    all,
    // @ts-expect-error: the gradient of Gelu is missing
    withoutGradient,
    // @ts-expect-error: the kernel of nearestVote() is missing
    withoutForward,
  ];
}

/** A table that says what tfjs is to compose. */
export function composedEntries(all: Complete): OpEntries<SimdBackend, "GeluGrad"> {
  const { GeluGrad: _, ...others } = all;
  return others;
}

/** Entries that stand for no kernel, or for one that gets something else. */
export const wrongEntries = {
  // @ts-expect-error: no kernel of this name
  Conv2DBackpropFilters: () => undefined,
  Conv2DBackpropFilter: () => undefined,
  // @ts-expect-error: the kernel has no input of this name
  GeluGrad: ({ inputs: { y } }) => y,
  // @ts-expect-error: the kernel has no attribute of this name
  GridSampleGrad: ({ inputs: { dy }, attrs: { depth } }) => depth ? dy : undefined,
} satisfies Entries<SimdBackend>;

/** Operations that ask for no kernel, or give one something else. */
export function wrongOperations(x: Tensor): void {
  runKernel("Gelu", { x }, {}, () => [x]);
  // @ts-expect-error: no kernel of this name
  runKernel("GeLU", { x }, {}, () => [x]);
  // @ts-expect-error: an input is missing
  runKernel("GeluGrad", { x }, {}, () => [x]);
  // @ts-expect-error: an attribute is missing
  runKernel("LayerNorm", { x, gamma: x, beta: x }, {}, () => [x]);
}

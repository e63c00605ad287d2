/**
 * Running averages.
 *
 * @module
 */
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** The contract's kernel, see lib/ops/mix.ts. */
export const mixEntries = {
  MixTensors: ({ inputs: { a, b }, attrs: { keep, share }, backend }) => {
    const size = a.shape.reduce((product: number, n: number) => product * n, 1);
    const code = () =>
      `${bindings({ a: "f32", b: "f32", sum: "f32" }, 1)}
@group(0) @binding(3) var<uniform> weights: vec4f;
${flatMain(size, THREADS, "  sum[i] = weights[0] * a[i] + weights[1] * b[i];")}`;
    return dispatch(backend, {
      label: "MixTensors",
      code,
      inputs: [a, b],
      outputs: [a.shape],
      parameters: [keep, share],
      workgroups: flatWorkgroups(size, THREADS),
    })[0];
  },
} satisfies Entries<WebgpuBackend>;

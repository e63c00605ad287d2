/**
 * Adam and AdamW: one shader that reads and writes each number once.
 *
 * @module
 */
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** The settings of a step, in the order of the parameters. */
const SETTINGS = [
  "learningRate",
  "weightDecay",
  "beta1",
  "beta2",
  "epsilon",
  "correction1",
  "correction2",
] as const;

const CODE = `${
  bindings({ w: "f32", gradient: "f32", m: "f32", v: "f32", w1: "f32", m1: "f32", v1: "f32" }, 3)
}
struct Settings { size: f32, ${SETTINGS.map((name) => `${name}: f32`).join(", ")} }
@group(0) @binding(7) var<uniform> s: Settings;
${
  flatMain(
    "s.size",
    THREADS,
    `  let m_ = m[i] * s.beta1 + gradient[i] * (1.0 - s.beta1);
  let v_ = v[i] * s.beta2 + gradient[i] * gradient[i] * (1.0 - s.beta2);
  let change = s.learningRate * (m_ / s.correction1) / (sqrt(v_ / s.correction2) + s.epsilon);
  w1[i] = w[i] * (1.0 - s.learningRate * s.weightDecay) - change;
  m1[i] = m_;
  v1[i] = v_;`,
  )
}`;

/** Numbers that a size may have to be exact as a float32 parameter. */
const MOST = 2 ** 24;

/** The contract's kernel, see lib/ops/adam.ts. */
export const adamEntries = {
  AdamUpdate: ({ inputs: { w, gradient, m, v }, attrs, backend }) => {
    const { shape }: { shape: number[] } = w;
    const size = shape.reduce((product, n) => product * n, 1);
    return dispatch(backend, {
      label: "AdamUpdate",
      // A larger one is written into the code.
      code: () => size < MOST ? CODE : CODE.replace("u32(s.size)", `${size}u`),
      inputs: [w, gradient, m, v],
      outputs: [shape, shape, shape],
      parameters: [size, ...SETTINGS.map((name) => attrs[name])],
      workgroups: flatWorkgroups(size, THREADS),
    });
  },
} satisfies Entries<WebgpuBackend>;

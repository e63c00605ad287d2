/**
 * The gradient of the leaky ReLU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** The contract's kernel, see lib/ops/leaky_relu.ts. */
export const leakyReluEntries = {
  LeakyReluGrad: ({ inputs: { dy, x }, attrs: { alpha }, backend }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const body = `  dx[i] = select(${alpha} * dy[i], dy[i], x[i] > 0.0);`;
    const [dx] = dispatch(backend, {
      label: "LeakyReluGrad",
      variant: [alpha],
      code: () =>
        `${bindings({ dy: "f32", x: "f32", dx: "f32" }, 1)}\n${flatMain(size, THREADS, body)}`,
      inputs: [dy, x],
      outputs: [x.shape],
      workgroups: flatWorkgroups(size, THREADS),
    });
    return dx;
  },
} satisfies Entries<WebgpuBackend>;

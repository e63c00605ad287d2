/**
 * The gradient of max-pooling over windows that lie side by side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** tfjs's kernel `MaxPoolGrad`. Of several greatest values of a window, the first has the gradient. */
export const maxPoolEntries = {
  MaxPoolGrad: ({ inputs: { dy, input, output }, attrs, backend }) => {
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const pool = tf.backend_util.computePool2DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = pool;
    const apart = filterHeight === strideHeight && filterWidth === strideWidth;
    if (!apart || padInfo.top || padInfo.left) return undefined;
    const size = tf.util.sizeFromShape(input.shape);
    return dispatch(backend, {
      label: "MaxPoolGrad",
      variant: [filterHeight, filterWidth],
      code: () =>
        `${bindings({ dy: "f32", x: "f32", y: "f32", dx: "f32" }, 1)}\n${
          flatMain(size, THREADS, routing(pool))
        }`,
      inputs: [dy, input, output],
      outputs: [input.shape],
      workgroups: flatWorkgroups(size, THREADS),
    })[0];
  },
} satisfies Entries<WebgpuBackend>;

/** Gives each value of a window the gradient if it is the first greatest one. */
function routing(pool: tf.backend_util.Conv2DInfo): string {
  const { filterHeight, filterWidth } = pool;
  const { inHeight, inWidth, inChannels, outHeight, outWidth } = pool;
  return `  let column = i / ${inChannels}u % ${inWidth}u;
  let row = i / ${inChannels * inWidth}u % ${inHeight}u;
  let image = i / ${inChannels * inWidth * inHeight}u;
  let cell = vec2u(row / ${filterHeight}u, column / ${filterWidth}u);
  if (cell.x >= ${outHeight}u || cell.y >= ${outWidth}u) { dx[i] = 0.0; return; }
  let o = ((image * ${outHeight}u + cell.x) * ${outWidth}u + cell.y) * ${inChannels}u +
    i % ${inChannels}u;
  let here = row % ${filterHeight}u * ${filterWidth}u + column % ${filterWidth}u;
  let corner = i - (row % ${filterHeight}u * ${inWidth}u + column % ${filterWidth}u) * ${inChannels}u;
  var first = x[i] == y[o];
  for (var at = 0u; at < here; at++) {
    let place = corner + (at / ${filterWidth}u * ${inWidth}u + at % ${filterWidth}u) * ${inChannels}u;
    first = first && x[place] != y[o];
  }
  dx[i] = select(0.0, dy[o], first);`;
}

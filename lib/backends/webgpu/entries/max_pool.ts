/**
 * The gradient of max-pooling over windows that lie side by side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Conv } from "../../describe_conv.ts";
import { describePool, windowsApart } from "../../describe_pool.ts";
import type { Entries, Entry } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

const maxPoolGradient: Entry<WebgpuBackend> = ({ inputs, attrs, backend }) => {
  const { dy, input, output } = inputs;
  const pool = describePool(input.shape, attrs);
  const { filterDepth, filterHeight, filterWidth } = pool;
  const { strideDepth, strideHeight, strideWidth } = pool;
  if (!windowsApart(pool)) return undefined;
  const size = tf.util.sizeFromShape(input.shape);
  return dispatch(backend, {
    label: "MaxPoolGrad",
    variant: [filterDepth, filterHeight, filterWidth, strideDepth, strideHeight, strideWidth],
    code: () =>
      `${bindings({ dy: "f32", x: "f32", y: "f32", dx: "f32" }, 1)}\n${
        flatMain(size, THREADS, routing(pool))
      }`,
    inputs: [dy, input, output],
    outputs: [input.shape],
    workgroups: flatWorkgroups(size, THREADS),
  })[0];
};

/** tfjs's kernels. Of several greatest values of a window, the first has the gradient. */
export const maxPoolEntries = {
  MaxPoolGrad: maxPoolGradient,
  MaxPool3DGrad: maxPoolGradient,
} satisfies Entries<WebgpuBackend>;

/** Gives each value of a window the gradient if it is the first greatest one. */
function routing(pool: Conv): string {
  const { filterDepth, filterHeight, filterWidth } = pool;
  const { inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth } = pool;
  const area = filterHeight * filterWidth;
  return `  let place = vec3u(i / ${inChannels * inWidth * inHeight}u % ${inDepth}u,
    i / ${inChannels * inWidth}u % ${inHeight}u, i / ${inChannels}u % ${inWidth}u);
  let volume = i / ${inChannels * inWidth * inHeight * inDepth}u;
  let stride = vec3u(${pool.strideDepth}u, ${pool.strideHeight}u, ${pool.strideWidth}u);
  let cell = place / stride;
  let tap = place % stride;
  let outside = any(cell >= vec3u(${outDepth}u, ${outHeight}u, ${outWidth}u));
  if (outside || any(tap >= vec3u(${filterDepth}u, ${filterHeight}u, ${filterWidth}u))) {
    dx[i] = 0.0;
    return;
  }
  let o = (((volume * ${outDepth}u + cell.x) * ${outHeight}u + cell.y) * ${outWidth}u + cell.z) *
    ${inChannels}u + i % ${inChannels}u;
  let here = (tap.x * ${filterHeight}u + tap.y) * ${filterWidth}u + tap.z;
  let corner = i -
    ((tap.x * ${inHeight}u + tap.y) * ${inWidth}u + tap.z) * ${inChannels}u;
  var first = x[i] == y[o];
  for (var at = 0u; at < here; at++) {
    let pixel = ((at / ${area}u) * ${inHeight}u + at / ${filterWidth}u % ${filterHeight}u) *
      ${inWidth}u + at % ${filterWidth}u;
    first = first && x[corner + pixel * ${inChannels}u] != y[o];
  }
  dx[i] = select(0.0, dy[o], first);`;
}

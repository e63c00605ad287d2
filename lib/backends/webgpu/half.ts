/**
 * Half precision in the convolutions (Micikevicius et al., Mixed precision training, ICLR 2018): tiles
 * and the sums over a tile's depth are float16, all longer sums and every tensor float32. In the place
 * of one scale for the loss, each gradient is brought into the range of halves by its own.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "./backend.ts";
import { bindings, dispatch } from "./dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** Numbers that an invocation looks at, if the workgroups that share a tensor are not too many. */
const SHARE = 32;

/** Workgroups that share a tensor, at most: one workgroup puts together what they found. */
const MOST_PARTS = 2048;

/** Exponent of the greatest value after scaling: far from both ends of the range, 2⁻¹⁴ and 2¹⁶. */
const EXPONENT = 3;

let mixed = false;

/** Whether convolutions compute with halves from now on. */
export function setMixedPrecision(on: boolean): void {
  mixed = on;
}

/** Whether a device's convolutions are to compute with halves. */
export function usesHalf({ device }: WebgpuBackend): boolean {
  return mixed && device.features.has("shader-f16");
}

/** The power of two, [1], that brings the greatest magnitude of x to 8 up to 16; 1 for zeros. */
export function halfFactor(backend: WebgpuBackend, x: tf.TensorInfo): tf.TensorInfo {
  const groups = Math.min(
    Math.ceil(tf.util.sizeFromShape(x.shape) / (THREADS * SHARE)),
    MOST_PARTS,
  );
  const parts = greatest(backend, x, { groups, result: "most" });
  const result = `select(1.0, ldexp(1.0, ${EXPONENT} - (frexp(most).exp - 1)), most > 0.0)`;
  const factor = greatest(backend, parts, { groups: 1, result });
  backend.disposeData(parts.dataId);
  return factor;
}

/** WGSL `result` of `most`, the greatest magnitude of each group's share of x. */
function greatest(
  backend: WebgpuBackend,
  x: tf.TensorInfo,
  { groups, result }: { groups: number; result: string },
): tf.TensorInfo {
  const size = tf.util.sizeFromShape(x.shape);
  const code = () =>
    `${bindings({ x: "f32", y: "f32" }, 1)}
var<workgroup> shares: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var own = 0.0;
  for (var i = group.x * ${THREADS}u + local; i < ${size}u; i += ${THREADS * groups}u) {
    own = max(own, abs(x[i]));
  }
  shares[local] = own;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { shares[local] = max(shares[local], shares[local + half]); }
  }
  if (local == 0u) { let most = shares[0]; y[group.x] = ${result}; }
}`;
  const [y] = dispatch(backend, {
    label: "greatest magnitude",
    variant: [result],
    code,
    inputs: [x],
    outputs: [[groups]],
    workgroups: [groups, 1, 1],
  });
  return y;
}

/**
 * What a profile says of a kernel, on every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Time and work of one kernel while a profile was taken. */
export interface KernelProfile {
  /** Times it ran. */
  calls: number;
  /** Milliseconds, all calls together. */
  ms: number;
  /** Floating-point operations as the plain algorithm would need them; 0 where not counted. */
  flops: number;
  /** Bytes of inputs and outputs. */
  bytes: number;
}

/** Adds work to a kernel's entry. */
export function addWork(
  profile: Map<string, KernelProfile>,
  kernel: string,
  { calls = 0, ms = 0, flops = 0, bytes = 0 }: Partial<KernelProfile>,
): void {
  const entry = profile.get(kernel) ?? { calls: 0, ms: 0, flops: 0, bytes: 0 };
  profile.set(kernel, {
    calls: entry.calls + calls,
    ms: entry.ms + ms,
    flops: entry.flops + flops,
    bytes: entry.bytes + bytes,
  });
}

/** Bytes of the tensors among some inputs and outputs, four for each value. */
export function bytesOf(tensors: readonly (tf.TensorInfo | undefined)[]): number {
  return tensors.reduce(
    (sum, tensor) => sum + (tensor?.shape ? 4 * tf.util.sizeFromShape(tensor.shape) : 0),
    0,
  );
}

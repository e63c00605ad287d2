/**
 * The backend `simd`: tfjs on a CPU as fast as native code, in WebAssembly with SIMD and threads.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { SimdBackend } from "./backend.ts";
import { KERNELS } from "./kernels_wasm.ts";
import { convKernels } from "./dispatch/conv.ts";
import { depthwiseKernels } from "./dispatch/depthwise.ts";
import { matmulKernels } from "./dispatch/matmul.ts";
import { nearestKernels } from "./dispatch/nearest.ts";
import { normaliseKernels } from "./dispatch/normalise.ts";
import { pointwiseKernels } from "./dispatch/pointwise.ts";
import { BACKEND, registerKernels } from "./dispatch/register.ts";
import { similarityKernels } from "./dispatch/similarity.ts";
import { spatialKernels } from "./dispatch/spatial.ts";
import { SIMD_BYTES } from "./memory.ts";

export { SIMD_BYTES } from "./memory.ts";
export { startProfile, stopProfile } from "./dispatch/register.ts";

/** Options of {@link registerSimdBackend}. */
export interface SimdOptions {
  /** Threads that compute, the caller's included; all of the machine's cores by default. */
  threads?: number;
  /** Most memory for tensors, in bytes; 4 GB, the most there can be, by default. */
  maxBytes?: number;
}

/** Whether this machine has what the backend needs: relaxed SIMD and shared memory. */
export function simdSupported(): boolean {
  try {
    return WebAssembly.validate(binary()) && typeof SharedArrayBuffer === "function";
  } catch {
    return false;
  }
}

/**
 * Registers the backend with tfjs under the name `simd`; `tf.setBackend("simd")` then makes it the
 * one that computes. Later calls change nothing.
 */
export function registerSimdBackend(
  { threads = navigator.hardwareConcurrency, maxBytes = SIMD_BYTES }: SimdOptions = {},
): void {
  if (tf.findBackend(BACKEND)) return;
  const module = new WebAssembly.Module(binary());
  tf.registerBackend(BACKEND, () => new SimdBackend(module, { threads, maxBytes }));
  registerKernels({
    ...convKernels,
    ...depthwiseKernels,
    ...matmulKernels,
    ...nearestKernels,
    ...normaliseKernels,
    ...pointwiseKernels,
    ...similarityKernels,
    ...spatialKernels,
  });
}

/** Sets how many threads compute, from 1 to the number that was registered. */
export function setThreads(threads: number): void {
  (tf.findBackend(BACKEND) as SimdBackend).threads.setThreads(threads);
}

function binary(): Uint8Array<ArrayBuffer> {
  const bytes = atob(KERNELS.replaceAll("\n", ""));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

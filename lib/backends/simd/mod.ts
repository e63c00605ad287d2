/**
 * The backend `simd`: tfjs on a CPU as fast as native code, in WebAssembly with SIMD and threads.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { OpEntries } from "../entry.ts";
import { SimdBackend } from "./backend.ts";
import { KERNELS } from "./kernels_wasm.ts";
import { convEntries } from "./entries/conv.ts";
import { depthwiseEntries } from "./entries/depthwise.ts";
import { matmulEntries } from "./entries/matmul.ts";
import { nearestEntries } from "./entries/nearest.ts";
import { normaliseEntries } from "./entries/normalise.ts";
import { pointwiseEntries } from "./entries/pointwise.ts";
import { similarityEntries } from "./entries/similarity.ts";
import { spatialEntries } from "./entries/spatial.ts";
import { SIMD_BYTES } from "./memory.ts";
import { BACKEND, registerEntries } from "./register.ts";

export { SIMD_BYTES } from "./memory.ts";
export { startProfile, stopProfile } from "./register.ts";

/** Kernels of lib/ops that plain tfjs composes here. */
type Composed = "BatchNormEval";

const ENTRIES = {
  ...convEntries,
  ...depthwiseEntries,
  ...matmulEntries,
  ...nearestEntries,
  ...normaliseEntries,
  ...pointwiseEntries,
  ...similarityEntries,
  ...spatialEntries,
} satisfies OpEntries<SimdBackend, Composed>;

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
  registerEntries(ENTRIES);
}

/** Sets how many threads compute, from 1 to the number that was registered. */
export function setThreads(threads: number): void {
  (tf.findBackend(BACKEND) as SimdBackend).threads.setThreads(threads);
}

function binary(): Uint8Array<ArrayBuffer> {
  const bytes = atob(KERNELS.replaceAll("\n", ""));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

/**
 * The choice of where to compute: the one module of this folder that others import.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";

/** A place to compute. */
export type BackendName = "webgpu" | "wasm" | "cpu";

/** The backends that can compute on this machine, software adapters included. */
export async function availableBackends(): Promise<BackendName[]> {
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter ? ["wasm", "webgpu"] : ["wasm"];
}

/** Makes a backend the one that computes. */
export async function useBackend(name: BackendName): Promise<void> {
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  await tf.setBackend(name);
}

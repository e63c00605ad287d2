/**
 * The choice of where to compute: the one module of this folder that others import.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgpu";
import { registerWasmGradients } from "./wasm.ts";

/** A place to compute. */
export type BackendName = "webgpu" | "wasm" | "cpu";

/** What a user may ask for: `auto` takes a hardware GPU where there is one. */
export type BackendChoice = "auto" | BackendName;

/** Every choice, for help texts and checks. */
export const BACKEND_CHOICES: readonly BackendChoice[] = ["auto", "webgpu", "wasm", "cpu"];

registerWasmGradients();

/** The backends that compute on this machine, software WebGPU included, the plain `cpu` not. */
export async function availableBackends(): Promise<BackendName[]> {
  return await findAdapter() ? ["wasm", "webgpu"] : ["wasm"];
}

/**
 * Makes a backend the one that computes.
 *
 * @returns its name, and for WebGPU the adapter's.
 * @throws {Error} when WebGPU is asked for and no adapter is there.
 */
export async function useBackend(
  choice: BackendChoice,
): Promise<{ backend: BackendName; adapter?: string }> {
  const adapter = choice === "auto" || choice === "webgpu" ? await findAdapter() : undefined;
  if (choice === "webgpu" && !adapter) {
    throw new Error(
      "backend webgpu: expected a GPU adapter, found none; install the GPU's Vulkan driver or " +
        "choose --backend wasm",
    );
  }
  const backend = choice !== "auto" ? choice : adapter && !isSoftware(adapter) ? "webgpu" : "wasm";
  if (backend === tf.getBackend()) return { backend, adapter: adapter?.info.description };
  // Otherwise tfjs computes small WebGPU tensors in JavaScript.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  await tf.setBackend(backend);
  if (backend === "webgpu") failLoudly((tf.backend() as unknown as { device: GPUDevice }).device);
  return { backend, adapter: backend === "webgpu" ? adapter?.info.description : undefined };
}

async function findAdapter(): Promise<GPUAdapter | undefined> {
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? undefined;
}

/** Mesa's llvmpipe and Chromium's SwiftShader compute on the CPU, far slower than wasm. */
function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(info.description);
}

/** Deno is silent about GPU errors, and the operation returns zeros: end the run instead. */
function failLoudly(device: GPUDevice): void {
  device.addEventListener("uncapturederror", (event) => {
    throw new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
  });
}

/**
 * The choice of where to compute: the one module of this folder that others import.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-cpu";
import { registerSimdBackend, SIMD_BYTES, simdSupported } from "./simd/mod.ts";
import { findAdapter, isSoftware } from "./webgpu/device.ts";
import type { WebgpuBackend } from "./webgpu/backend.ts";
import { setMixedPrecision } from "./webgpu/half.ts";
import { registerWebgpu } from "./webgpu/mod.ts";

/** A place to compute. */
export type BackendName = "webgpu" | "simd" | "cpu";

/** What a user may ask for: `auto` takes a hardware GPU where there is one. */
export type BackendChoice = "auto" | BackendName;

/** Every choice, for help texts and checks. */
export const BACKEND_CHOICES: readonly BackendChoice[] = ["auto", "webgpu", "simd", "cpu"];

/** Numbers that convolutions compute with: float32, or on WebGPU halves with sums in float32. */
export type Precision = "float32" | "mixed";

/** Every precision, for help texts and checks. */
export const PRECISIONS: readonly Precision[] = ["float32", "mixed"];

/** The fastest CPU backend that this machine can run. */
const CPU_BACKEND: BackendName = simdSupported() ? "simd" : "cpu";

/** The backends to test on this machine: one of the CPU, and WebGPU, be it in software. */
export async function availableBackends(): Promise<BackendName[]> {
  return await findAdapter() ? [CPU_BACKEND, "webgpu"] : [CPU_BACKEND];
}

/**
 * Makes a backend the one that computes. `auto` is WebGPU on a hardware GPU, else `simd`, and `cpu`,
 * with a warning, where the machine lacks what `simd` needs.
 *
 * @param options.precision float32 by default.
 * @returns its name, and for WebGPU the adapter's, with whether that is one in software.
 * @throws {RangeError} for a name that is none of {@linkcode BACKEND_CHOICES}.
 * @throws {Error} when the machine cannot run the backend that was asked for.
 */
export async function useBackend(
  choice: BackendChoice,
  { precision = "float32" }: { precision?: Precision } = {},
): Promise<{ backend: BackendName; adapter?: string; software?: true }> {
  if (!BACKEND_CHOICES.includes(choice)) {
    throw new RangeError(
      `backend: expected one of ${BACKEND_CHOICES.join(", ")}, found "${choice}"`,
    );
  }
  const adapter = choice === "auto" || choice === "webgpu" ? await findAdapter() : undefined;
  if (choice === "auto") {
    const best = adapter && !isSoftware(adapter) ? "webgpu" : fallBack();
    return await useBackend(best, { precision });
  }
  expectMachineFor(choice, { adapter, precision });
  setMixedPrecision(precision === "mixed");
  if (choice === "simd") registerSimdBackend();
  if (choice === "webgpu") registerWebgpu();
  if (choice !== tf.getBackend()) await start(choice);
  const started = { backend: choice, adapter: adapter && nameOf(adapter) };
  return adapter && isSoftware(adapter) ? { ...started, software: true } : started;
}

function expectMachineFor(
  backend: BackendName,
  { adapter, precision }: { adapter?: GPUAdapter; precision: Precision },
): void {
  if (backend === "webgpu" && !adapter) {
    throw new Error(
      "backend webgpu: expected a GPU adapter, found none; install the GPU's Vulkan driver or " +
        "choose the backend simd",
    );
  }
  if (backend === "simd" && CPU_BACKEND !== "simd") {
    throw new Error(
      "backend simd: expected WebAssembly with relaxed SIMD and shared memory, found none; " +
        "choose the backend cpu, which is slow",
    );
  }
  if (precision === "mixed" && !(backend === "webgpu" && adapter?.features.has("shader-f16"))) {
    throw new Error(
      "precision mixed: expected the backend webgpu on a GPU with shader-f16, found " +
        `${backend === "webgpu" ? "one without" : backend}; choose the precision float32`,
    );
  }
}

async function start(backend: BackendName): Promise<void> {
  // Otherwise tfjs computes small WebGPU tensors in JavaScript.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  if (!await tf.setBackend(backend)) {
    throw new Error(`backend ${backend}: could not be started; choose another`);
  }
  // Otherwise tfjs's CPU backend advises Node's native one.
  if (backend === "cpu") Object.assign(tf.backend(), { firstUse: false });
}

/** An adapter's name; browsers tell no more than the vendor and the architecture. */
function nameOf({ info: { description, vendor, architecture } }: GPUAdapter): string {
  return description || `${vendor} ${architecture}`.trim();
}

/** The most bytes of tensors that a backend can hold; undefined where the machine decides. */
export function mostBytes(backend: BackendName): number | undefined {
  return backend === "simd" ? SIMD_BYTES : undefined;
}

/** The most bytes of one tensor on the backend in use; undefined where only memory limits it. */
export function mostTensorBytes(): number | undefined {
  if (tf.getBackend() !== "webgpu") return undefined;
  const { limits } = (tf.backend() as unknown as WebgpuBackend).device;
  return Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
}

/** The CPU backend, with a warning where it is the slow one. */
function fallBack(): BackendName {
  if (CPU_BACKEND === "cpu") {
    console.warn(
      "This machine's WebAssembly lacks relaxed SIMD or shared memory: computing in plain " +
        "JavaScript, about fifty times slower.",
    );
  }
  return CPU_BACKEND;
}

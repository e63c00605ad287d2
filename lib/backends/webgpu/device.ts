/**
 * The graphics adapter, and what goes wrong on it.
 *
 * @module
 */

/** The adapter of this machine that is fastest, if there is any. */
export async function findAdapter(): Promise<GPUAdapter | undefined> {
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? undefined;
}

/** Mesa's llvmpipe and Chromium's SwiftShader compute on the CPU, far slower than simd. */
export function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(info.description);
}

/**
 * Ends the program at an error of the device: Deno is silent about those, and operations return
 * zeros. What a run saved before stays.
 */
export function failLoudly(device: GPUDevice): void {
  device.addEventListener("uncapturederror", throwError);
  device.lost.then(throwLoss);
}

function throwError(event: Event): never {
  throw new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
}

function throwLoss({ reason, message }: GPUDeviceLostInfo): void {
  if (reason === "destroyed") return;
  throw new Error(
    `WebGPU: the GPU was lost (${message || "no reason given"}): another program may have reset ` +
      "it, or its driver failed; go on from the last checkpoint with --resume",
  );
}

import assert from "node:assert/strict";
import { failLoudly } from "../../lib/backends/webgpu/device.ts";

/** A device that errors are reported by, and that may be lost. */
function device(loss: Promise<object> = new Promise(() => {})): GPUDevice & EventTarget {
  return Object.assign(new EventTarget(), { lost: loss }) as unknown as GPUDevice & EventTarget;
}

/** What a body leaves uncaught. */
async function uncaught(body: () => void): Promise<string[]> {
  const messages: string[] = [];
  const listen = (event: Event) => {
    event.preventDefault();
    const { error, reason } = event as ErrorEvent & PromiseRejectionEvent;
    messages.push((error ?? reason).message);
  };
  const kinds = ["error", "unhandledrejection"];
  kinds.forEach((kind) => globalThis.addEventListener(kind, listen));
  try {
    body();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    kinds.forEach((kind) => globalThis.removeEventListener(kind, listen));
  }
  return messages;
}

Deno.test("failLoudly() makes errors of the device uncaught ones", async () => {
  const messages = await uncaught(() => {
    const faulty = device();
    failLoudly(faulty);
    const error = { message: "Conv2D: out of memory" };
    faulty.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }));
  });
  assert.deepEqual(messages, ["WebGPU: Conv2D: out of memory"]);
});

Deno.test("failLoudly() says what to do when the GPU is lost, unless it was let go", async () => {
  const lost = (reason: string) =>
    uncaught(() => failLoudly(device(Promise.resolve({ reason, message: "driver reset" }))));
  assert.deepEqual(await lost("destroyed"), []);
  const [message] = await lost("unknown");
  assert.match(message, /^WebGPU: the GPU was lost \(driver reset\): .* --resume$/);
});

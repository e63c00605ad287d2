import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  availableBackends,
  BACKEND_CHOICES,
  type BackendChoice,
  useBackend,
} from "../../lib/backends/select.ts";

const gpu = navigator.gpu as GPU | undefined;
const backends = await availableBackends();

/** Runs a body on a machine whose only adapter is this one. */
async function withAdapter(adapter: object | null, body: () => Promise<void>): Promise<void> {
  Object.defineProperty(navigator, "gpu", {
    value: { requestAdapter: () => Promise.resolve(adapter) },
    configurable: true,
  });
  try {
    await body();
  } finally {
    delete (navigator as { gpu?: GPU }).gpu;
    assert.equal(navigator.gpu, gpu);
  }
}

Deno.test("useBackend() makes every backend that is here the one that computes", async () => {
  for (const backend of [...backends, "cpu" as const]) {
    const { backend: name } = await useBackend(backend);
    assert.equal(name, backend);
    assert.equal(tf.getBackend(), backend);
    assert.deepEqual([...await tf.add([1, 2], [3, 4]).data()], [4, 6]);
  }
});

Deno.test("useBackend() takes the CPU for auto where there is no GPU, or only one in software", async () => {
  const software = [
    null,
    { info: { isFallbackAdapter: true, description: "" } },
    { info: { isFallbackAdapter: false, description: "llvmpipe (LLVM 15.0.6, 256 bits)" } },
    { info: { isFallbackAdapter: false, description: "SwiftShader Device (Subzero)" } },
  ];
  for (const adapter of software) {
    await withAdapter(adapter, async () => {
      assert.deepEqual(await useBackend("auto"), { backend: backends[0], adapter: undefined });
      assert.equal(tf.getBackend(), backends[0]);
    });
  }
});

Deno.test("useBackend() says what is missing where there is no GPU", async () => {
  await withAdapter(null, async () => {
    await assert.rejects(useBackend("webgpu"), {
      message: "backend webgpu: expected a GPU adapter, found none; install the GPU's Vulkan " +
        "driver or choose the backend simd",
    });
    assert.deepEqual(await availableBackends(), backends.slice(0, 1));
  });
});

Deno.test("useBackend() refuses a backend that does not exist", async () => {
  await assert.rejects(useBackend("cuda" as BackendChoice), {
    name: "RangeError",
    message: `backend: expected one of ${BACKEND_CHOICES.join(", ")}, found "cuda"`,
  });
});

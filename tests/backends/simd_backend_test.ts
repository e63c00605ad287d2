import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { SimdBackend } from "../../lib/backends/simd/backend.ts";
import { calls, compileKernels, embed } from "../../lib/backends/simd/build.ts";
import { createMemory } from "../../lib/backends/simd/memory.ts";
import { setThreads, simdSupported } from "../../lib/backends/simd/mod.ts";
import { unet } from "../../lib/backbones/unet.ts";
import { adamState, adamStep, valueAndGradients } from "../../lib/training/optimiser.ts";
import { noise } from "./oracle.ts";

const folder = new URL("../../lib/backends/simd/", import.meta.url);
const backend = tf.backend() as SimdBackend;

/** Some training steps of a small U-Net: the losses and the sum of the weights after each. */
function train(steps: number, after: () => void = () => {}): number[] {
  const network = unet({ widths: [8, 12, 16], features: 5, seed: 1 });
  const state = { weights: network.weights, adam: adamState(network.weights) };
  const x = noise([3, 12, 20, 1]) as tf.Tensor4D;
  const seen: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { value, gradients } = valueAndGradients(
      network.weights,
      () => tf.mean(tf.square(tf.sub(network.forward(x, { training: true }), 0.5))) as tf.Scalar,
    );
    adamStep(state, gradients, { learningRate: () => 1e-2 });
    const sums = Object.values(network.weights).map((weight) => tf.tidy(() => tf.sum(weight)));
    seen.push(...[value, ...sums].map((tensor) => tensor.dataSync()[0]));
    tf.dispose([value, gradients, sums]);
    after();
  }
  tf.dispose([x, network.weights, state.adam.m, state.adam.v]);
  return seen;
}

Deno.test("simdSupported() is true where this test runs", () => assert.ok(simdSupported()));

Deno.test("training gives the same numbers for any number of threads, and twice", () => {
  const two = train(3);
  assert.ok(two.every(Number.isFinite));
  assert.deepEqual(train(3), two);
  setThreads(1);
  try {
    assert.deepEqual(train(3), two);
  } finally {
    setThreads(2);
  }
});

Deno.test("training never reads memory that was given back", () => {
  const expected = train(2);
  backend.shared.poison = true;
  try {
    assert.deepEqual(train(2), expected);
  } finally {
    backend.shared.poison = false;
  }
});

Deno.test("training keeps memory and tensors flat", () => {
  const seen: string[] = [];
  train(
    30,
    () => seen.push(`${backend.shared.size()} ${backend.shared.used()} ${tf.memory().numTensors}`),
  );
  assert.equal(new Set(seen.slice(2)).size, 1);
});

Deno.test("dataSync() gives a copy that outlives its tensor", () => {
  backend.shared.poison = true;
  try {
    const tensor = tf.tidy(() => tf.add(tf.ones([100]), 1));
    const values = tensor.dataSync();
    tensor.dispose();
    assert.deepEqual([...values.slice(0, 3)], [2, 2, 2]);
  } finally {
    backend.shared.poison = false;
  }
});

Deno.test("parts that tfjs cuts out of a tensor outlive it", () => {
  backend.shared.poison = true;
  try {
    const cut: Record<string, (x: tf.Tensor2D) => tf.Tensor> = {
      unstack: (x) => tf.unstack(x)[1],
      split: (x) => tf.split(x, 2)[1],
      slice: (x) => tf.slice(x, [1, 0], [1, 100]),
      stridedSlice: (x) => tf.stridedSlice(x, [1, 0], [2, 100], [1, 1]),
    };
    for (const [name, part] of Object.entries(cut)) {
      const x = tf.tidy(() => tf.add(tf.ones([2, 100]), 1)) as tf.Tensor2D;
      const values = part(x);
      x.dispose();
      assert.deepEqual([...values.dataSync().slice(0, 3)], [2, 2, 2], name);
      values.dispose();
    }
  } finally {
    backend.shared.poison = false;
  }
});

Deno.test("createMemory() uses again what is given back, neighbours joined", () => {
  const memory = createMemory(2 ** 27);
  const blocks = [1000, 2000, 3000].map((bytes) => memory.allocate(bytes, "a test"));
  assert.ok(blocks.every((pointer) => pointer % 64 === 0));
  const { length } = new Set(blocks).values().toArray();
  assert.equal(length, 3);
  blocks.forEach((pointer) => memory.release(pointer));
  assert.equal(memory.used(), 0);
  assert.equal(memory.allocate(6000, "a test"), blocks[0]);
});

Deno.test("createMemory() says what there was no memory for, and what to reduce", () => {
  const memory = createMemory(2 ** 21);
  assert.throws(() => memory.allocate(2 ** 22, "a tensor [1024,1024] of float32"), {
    name: "RangeError",
    message: "simd backend: no memory for a tensor [1024,1024] of float32 (4.0 MB): 0.0 MB of " +
      "2.0 MB in use; reduce the batch size, the image size or the widths of the network, or " +
      "raise maxBytes (at most 4096 MB)",
  });
  assert.ok(memory.allocate(2 ** 20, "a smaller one") > 0);
});

Deno.test("kernels.wasm, kernels_wasm.ts and kernel_calls.ts are what kernels/ builds", async () => {
  const built = await compileKernels();
  assert.deepEqual(new Uint8Array(readFileSync(new URL("kernels.wasm", folder))), built);
  assert.equal(readFileSync(new URL("kernels_wasm.ts", folder), "utf8"), embed(built));
  assert.equal(readFileSync(new URL("kernel_calls.ts", folder), "utf8"), calls(built));
});

Deno.test("a process that used the backend ends by itself, and needs no permission", async () => {
  const script = `
    import * as tf from "@tensorflow/tfjs";
    import { registerSimdBackend } from "${new URL("mod.ts", folder)}";
    registerSimdBackend({ threads: 2 });
    await tf.setBackend("simd");
    console.log(tf.sum(tf.matMul(tf.ones([300, 300]), tf.ones([300, 300]))).dataSync()[0]);`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--ext=ts", "-"],
    cwd: new URL("../..", import.meta.url),
    signal: AbortSignal.timeout(20000),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Response(script).body!.pipeTo(process.stdin);
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  assert.equal(text.decode(stderr), "");
  assert.equal(text.decode(stdout), "27000000\n");
  assert.equal(code, 0);
});

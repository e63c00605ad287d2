/** Memory of many steps on WebGPU. */
import assert from "node:assert/strict";
import { BACKENDS } from "../support/backends.ts";

Deno.test({
  name: "300 steps on webgpu leave the memory of the GPU and of the process as they were",
  ignore: !BACKENDS.includes("webgpu"),
  // In a process of its own, as what watches over tests takes memory for each step.
  fn: async () => {
    const program = new URL("many_steps.ts", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-env=XDG_RUNTIME_DIR", program],
    });
    const { stdout } = await command.output();
    const samples: { gpu: number; tensors: number; process: number }[] = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    const [first, second, , last] = samples;
    assert.ok(samples.length === 4 && first.gpu > 0);
    for (const { gpu, tensors } of samples) {
      assert.deepEqual([gpu, tensors], [first.gpu, first.tensors]);
    }
    // JavaScript's heap and the driver's caches have grown up by the second sample.
    const growth = last.process - second.process;
    assert.ok(growth < 32 * 2 ** 20, `${growth} bytes more`);
  },
});

/** Takes memory of the device until there is none left, and prints what went wrong then. */
import { expectSound, guarded, watchDevice } from "../../lib/backends/webgpu/device.ts";

const adapter = (await navigator.gpu.requestAdapter())!;
const { maxBufferSize } = adapter.limits;
const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize } });
watchDevice(device);
try {
  for (let taken = 0; taken < 1000; taken++) {
    guarded(device, "Conv2D", () => {
      const usage = GPUBufferUsage.STORAGE;
      return device.createBuffer({ size: maxBufferSize - maxBufferSize % 4, usage });
    });
    await new Promise((resolve) => setTimeout(resolve));
    expectSound(device);
  }
} catch (error) {
  console.log((error as Error).message);
}
Deno.exit();

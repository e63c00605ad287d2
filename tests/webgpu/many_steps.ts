/** Takes 400 steps on WebGPU and prints what memory is in use after every hundred, as JSON. */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "../../lib/backends/select.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { TINY, tinySlices } from "../training/tiny.ts";

const samples: { gpu: number; tensors: number; process: number }[] = [];
await useBackend("webgpu");
await pretrain(tinySlices(4), TINY, {
  steps: 400,
  onSteps: (records) => {
    if (records[records.length - 1].step % 100 !== 0) return;
    const { numTensors, numBytesInGPU } = tf.memory() as tf.MemoryInfo & { numBytesInGPU: number };
    samples.push({ gpu: numBytesInGPU, tensors: numTensors, process: Deno.memoryUsage().rss });
  },
});
console.log(JSON.stringify(samples));

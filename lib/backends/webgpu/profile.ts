/**
 * How long each shader takes on the device, by its timestamps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addWork, bytesOf, type KernelProfile } from "../profile.ts";
import type { WebgpuBackend } from "./backend.ts";

/** Timestamps of a query set, WebGPU's most. */
const QUERIES = 4096;

/** A profile that is being taken. */
interface Recording {
  backend: WebgpuBackend;
  /** Names of the passes, in their order. */
  passes: string[];
  sets: GPUQuerySet[];
  work: Map<string, KernelProfile>;
  /** The kernel that runs: the name of passes that have none of their own. */
  kernel: string;
  stop: () => void;
}

let recording: Recording | undefined;

/**
 * Starts to time every shader by itself; all waits for the one before, so that a step takes longer.
 *
 * @throws {Error} if the adapter has no timestamps.
 */
export function startWebgpuProfile(): void {
  const backend = tf.backend() as unknown as WebgpuBackend;
  const { device } = backend;
  if (!device.features.has("timestamp-query")) {
    throw new Error("WebGPU: expected an adapter with timestamp-query for a profile, found none");
  }
  submit(backend);
  const batch = tf.env().getNumber(SUBMIT);
  const createEncoder = device.createCommandEncoder;
  const current: Recording = {
    backend,
    passes: [],
    sets: [],
    work: new Map(),
    kernel: "",
    stop: () => {
      submit(backend);
      tf.env().set(SUBMIT, batch);
      device.createCommandEncoder = createEncoder;
    },
  };
  recording = current;
  // A pass for each dispatch, with a timestamp at either end.
  tf.env().set(SUBMIT, 1);
  device.createCommandEncoder = (...options) => {
    const encoder = createEncoder.apply(device, options);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => begin({ ...pass, timestampWrites: stamps(current, pass) });
    return encoder;
  };
}

/** Ends the profile and gives it by shader; names of tfjs's own kernels end in "(tfjs)". */
export async function stopWebgpuProfile(): Promise<Map<string, KernelProfile>> {
  if (!recording) return new Map();
  const { backend, passes, sets, work, stop } = recording;
  stop();
  recording = undefined;
  const written = (set: number) => Math.min(QUERIES, 2 * passes.length - set * QUERIES);
  const times = await Promise.all(sets.map((set, i) => readTimes(backend.device, set, written(i))));
  passes.forEach((kernel, i) => {
    const [start, end] = [2 * i, 2 * i + 1].map((at) =>
      times[Math.floor(at / QUERIES)][at % QUERIES]
    );
    addWork(work, kernel, { calls: 1, ms: Number(end - start) / 1e6 });
  });
  sets.forEach((set) => set.destroy());
  return work;
}

/** Dispatches between two submissions: the setting of tfjs, for ours too. */
export const SUBMIT = "WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE";

/** Notes the work of a shader of ours while a profile is taken. */
export function profileWork(kernel: string, work: { flops?: number; bytes: number }): void {
  if (recording) addWork(recording.work, kernel, work);
}

/** Runs a kernel of tfjs, under its name and with its work while a profile is taken. */
export function profiled(
  name: string,
  call: Parameters<tf.KernelFunc>[0],
  run: tf.KernelFunc,
): ReturnType<tf.KernelFunc> {
  if (!recording) return run(call);
  const kernel = `${name} (tfjs)`;
  const passes = recording.passes.length;
  recording.kernel = kernel;
  const result = run(call);
  if (recording.passes.length > passes) {
    profileWork(kernel, { bytes: bytesOf([...Object.values(call.inputs), result].flat()) });
  }
  return result;
}

/** Sends what is encoded to the device. */
function submit(backend: WebgpuBackend): void {
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

function stamps(
  { backend, passes, sets, kernel }: Recording,
  pass?: GPUComputePassDescriptor,
): GPUComputePassTimestampWrites {
  const first = 2 * passes.length;
  if (first % QUERIES === 0) {
    sets.push(backend.device.createQuerySet({ type: "timestamp", count: QUERIES }));
  }
  passes.push(pass?.label ?? kernel);
  return {
    querySet: sets[sets.length - 1],
    beginningOfPassWriteIndex: first % QUERIES,
    endOfPassWriteIndex: first % QUERIES + 1,
  };
}

/** A set's first timestamps, in nanoseconds: for those never written, NVIDIA's driver waits for ever. */
async function readTimes(
  device: GPUDevice,
  set: GPUQuerySet,
  count: number,
): Promise<BigUint64Array> {
  const size = 8 * count;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const readable = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(set, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  const times = new BigUint64Array(readable.getMappedRange().slice(0));
  resolved.destroy();
  readable.destroy();
  return times;
}

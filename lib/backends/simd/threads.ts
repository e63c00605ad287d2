/**
 * The threads: workers that sleep until there is a kernel to run, then take units of its work in
 * turn, as does the thread that asked. Which thread does a unit never changes what it computes.
 *
 * @module
 */
import type { Exports, KernelName } from "./kernel_calls.ts";

/** Where in the first bytes of the memory the threads agree, in 32-bit words. */
const JOB = 0; // number of the job · 256 + workers that take part
const PENDING = 1; // workers that are not done
const NEXT = 2; // the next unit to take
const UNITS = 3;
const KERNEL = 4;
const ARGUMENTS = 5; // how many
const SCRATCH = 6; // address
const SCRATCH_BYTES = 7; // per thread
const READY = 8; // workers that have started
const ASLEEP = 9; // workers that have to be woken
const WORDS = 10;
/** Where the arguments lie, in bytes. */
const ARGUMENTS_AT = 64;

/**
 * How often a thread looks before it sleeps, about 50 µs: waking one costs about as much, and the
 * kernels of a step follow each other faster.
 */
const LOOKS = 20_000;

/** A kernel of kernels/. */
type Kernel = (unit: number, scratch: number, ...rest: number[]) => void;

/** One call of a kernel. */
export interface Job {
  /** Units of work. */
  units: number;
  /** Arguments after unit and scratch, in the order of the kernel's parameters. */
  args: readonly number[];
  /** Address of scratch space, `scratchBytes` for each thread. */
  scratch?: number;
  /** Bytes of scratch space of one thread. */
  scratchBytes?: number;
}

/** Threads that run kernels. */
export interface Threads {
  /** Runs all units of a kernel; returns when they are done. */
  run(kernel: KernelName, job: Job): void;
  /** The functions of the compiled kernels. */
  exports: Exports;
  /** Sets how many threads take part, from 1 to the number that was started. */
  setThreads(threads: number): void;
  /** How many threads may take part. */
  threads(): number;
}

/** What a worker starts from. */
interface WorkerData {
  kernelModule: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** What a worker does with its {@linkcode WorkerData}. As text: a file would need a permission to read it. */
const WORKER = `
function work({ kernelModule, memory }) {
  const instance = new WebAssembly.Instance(kernelModule, { env: { memory, abort() {} } });
  const kernels = Object.values(instance.exports).filter((value) => typeof value === "function");
  const words = new Int32Array(memory.buffer, 0, ${WORDS});
  const numbers = new Float64Array(memory.buffer, ${ARGUMENTS_AT}, 64);
  let job = Atomics.load(words, ${JOB});
  const rank = Atomics.add(words, ${READY}, 1);
  for (;;) {
    for (let i = 0; i < ${LOOKS} && Atomics.load(words, ${JOB}) === job; i++);
    Atomics.add(words, ${ASLEEP}, 1);
    Atomics.wait(words, ${JOB}, job);
    Atomics.sub(words, ${ASLEEP}, 1);
    job = Atomics.load(words, ${JOB});
    if (rank >= (job & 255)) continue;
    const kernel = kernels[words[${KERNEL}]];
    const rest = numbers.slice(0, words[${ARGUMENTS}]);
    const scratch = words[${SCRATCH}] + (rank + 1) * words[${SCRATCH_BYTES}];
    for (let unit; (unit = Atomics.add(words, ${NEXT}, 1)) < words[${UNITS}];) {
      kernel(unit, scratch, ...rest);
    }
    if (Atomics.sub(words, ${PENDING}, 1) === 1) Atomics.notify(words, ${PENDING});
  }
}`;

/**
 * Starts a worker that never keeps the process alive: Node's kind, which Deno has too and which can
 * let the process end, or a browser's.
 */
function startWorker(data: WorkerData): void {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node) {
    const code = `${WORKER}\nwork(require("node:worker_threads").workerData);`;
    new node.Worker(code, { eval: true, workerData: data }).unref();
    return;
  }
  const code = `${WORKER}\nonmessage = ({ data }) => work(data);`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  new Worker(url).postMessage(data);
}

/** Starts the workers. They never keep the process alive. */
export function startThreads(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  threads: number,
): Threads {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  const functions = Object.entries(exports).filter(([, value]) => typeof value === "function");
  const kernels = new Map(functions.map(([name, run], index) => [name, { run, index }]));
  const words = new Int32Array(memory.buffer, 0, WORDS);
  const numbers = new Float64Array(memory.buffer, ARGUMENTS_AT, 64);
  for (let i = 1; i < threads; i++) {
    startWorker({ kernelModule: module, memory });
  }
  let helpers = threads - 1;
  return {
    exports: exports as Exports,
    threads: () => helpers + 1,
    setThreads: (count) => {
      helpers = Math.max(1, Math.min(count, threads)) - 1;
    },
    run(name, job) {
      const { units, args, scratch = 0 } = job;
      const found = kernels.get(name)!;
      const kernel = found.run as Kernel;
      const workers = Math.min(helpers, units - 1, Atomics.load(words, READY));
      if (workers < 1) {
        for (let unit = 0; unit < units; unit++) kernel(unit, scratch, ...args);
        return;
      }
      numbers.set(args);
      handOver(words, { kernel: found.index, workers, ...job });
      for (let unit; (unit = Atomics.add(words, NEXT, 1)) < units;) kernel(unit, scratch, ...args);
      awaitWorkers(words);
    },
  };
}

/** Hands a job, whose arguments lie in place, to workers, and wakes those that sleep. */
function handOver(
  words: Int32Array,
  { kernel, workers, units, args, scratch = 0, scratchBytes = 0 }:
    & Job
    & Record<"kernel" | "workers", number>,
): void {
  words[UNITS] = units;
  words[KERNEL] = kernel;
  words[ARGUMENTS] = args.length;
  words[SCRATCH] = scratch;
  words[SCRATCH_BYTES] = scratchBytes;
  Atomics.store(words, NEXT, 0);
  Atomics.store(words, PENDING, workers);
  const number = ((words[JOB] >> 8) + 1) & 0x7fffff;
  Atomics.store(words, JOB, number * 256 + workers);
  if (Atomics.load(words, ASLEEP) > 0) Atomics.notify(words, JOB);
}

/** Waits until all workers are done. */
function awaitWorkers(words: Int32Array): void {
  for (let i = 0; i < LOOKS && Atomics.load(words, PENDING) > 0; i++);
  for (let left; (left = Atomics.load(words, PENDING)) > 0;) Atomics.wait(words, PENDING, left);
}

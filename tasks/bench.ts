/** `deno task bench`: how long a pretraining step takes, and which kernels take how much of it. */
import type { KernelProfile } from "../lib/backends/profile.ts";
import { registerSimdBackend, startProfile, stopProfile } from "../lib/backends/simd/mod.ts";
import {
  registerWebgpu,
  startWebgpuProfile,
  stopWebgpuProfile,
} from "../lib/backends/webgpu/mod.ts";
import { median } from "../lib/math/descriptive.ts";
import { BENCH_ORDERS, BENCH_SIZES, benchStep } from "./support/bench/bench_step.ts";
import { type Ceilings, measureCeilings } from "./support/bench/ceilings.ts";
import { main, oneOf } from "./support/command/command.ts";
import { BACKEND_OPTION, startBackend } from "./support/command/options.ts";

/** Steps before the measured ones: kernels are compiled and memory is taken. */
const WARM_UP = 4;

await main({
  name: "bench",
  summary: "Times a pretraining step (two views of a batch, gradients, Adam) and its kernels.",
  options: {
    config: { value: "SIZE", help: `${Object.keys(BENCH_SIZES).join(", ")}`, default: "S" },
    order: { value: "ORDER", help: BENCH_ORDERS.join(" or "), default: "project-all" },
    steps: { value: "N", help: "measured steps", default: "9" },
    batch: { value: "N", help: "slices of a step; the size's own if not given" },
    threads: { value: "N", help: "threads of the simd backend; all cores if not given" },
    ...BACKEND_OPTION,
    "tfjs-kernels": { value: "", help: "on webgpu, tfjs's own kernels, to compare with" },
  },
  examples: [
    ["", "a small step where it computes best"],
    ["--config M --backend simd --json", "for a program"],
  ],
  run: async (values, _, voice) => {
    const config = oneOf(values.text("config"), "config", Object.keys(BENCH_SIZES));
    const order = oneOf(values.text("order"), "order", BENCH_ORDERS);
    const steps = values.count("steps", 1)!;
    const threads = values.count("threads", 1) ?? navigator.hardwareConcurrency;
    const size = { ...BENCH_SIZES[config] };
    size.batch = values.count("batch", 1) ?? size.batch;
    registerSimdBackend({ threads });
    registerWebgpu(values.given("tfjs-kernels") ? "tfjs" : "ours");
    const { backend } = await startBackend(values, voice);
    const step = benchStep(size, order);
    const warmUp = await timed(step);
    for (let i = 1; i < WARM_UP; i++) await step();
    const times: StepTime[] = [];
    for (let i = 0; i < steps; i++) times.push(await timed(step));
    const ms = median(times.map(({ total }) => total));
    const profiled = await profile(backend, step);
    const result = {
      backend,
      config,
      order,
      threads: backend === "simd" ? threads : null,
      steps,
      ms_step_median: round(ms),
      ms_first_step: round(warmUp.total),
      ms_javascript: round(median(times.map(({ encoded }) => encoded))),
      slices_per_second: round(1000 * size.batch / ms),
      ...backend === "webgpu" && { ceilings: await measureCeilings() },
      kernels: describe(profiled, ms),
    };
    return { text: format(result), json: result };
  },
});

/** A kernel's share of a step. */
interface KernelLine {
  kernel: string;
  calls: number;
  ms: number;
  share: number;
  gflops_per_second?: number;
  gb_per_second?: number;
}

/** Milliseconds of a step. */
interface StepTime {
  /** Until JavaScript waits for the loss; on a GPU, what it takes to fill the queue. */
  encoded: number;
  /** Until the loss is there. */
  total: number;
}

async function timed(step: () => Promise<unknown>): Promise<StepTime> {
  const start = performance.now();
  const done = step();
  const encoded = performance.now() - start;
  await done;
  return { encoded, total: performance.now() - start };
}

/** One more step, with the kernels timed. */
async function profile(
  backend: string,
  step: () => Promise<unknown>,
): Promise<Map<string, KernelProfile>> {
  if (backend === "webgpu") {
    startWebgpuProfile();
    await step();
    return await stopWebgpuProfile();
  }
  startProfile();
  await step();
  return stopProfile();
}

/** The kernels, the longest first; plain `cpu` counts none. */
function describe(profile: Map<string, KernelProfile>, step: number): KernelLine[] {
  return [...profile].sort(([, a], [, b]) => b.ms - a.ms).map(([kernel, entry]) => ({
    kernel,
    calls: entry.calls,
    ms: round(entry.ms),
    share: round(entry.ms / step),
    ...entry.flops
      ? { gflops_per_second: round(entry.flops / entry.ms / 1e6) }
      : { gb_per_second: round(entry.bytes / entry.ms / 1e6) },
  }));
}

function format(
  { backend, config, order, threads, kernels, ...result }: {
    backend: string;
    config: string;
    order: string;
    threads: number | null;
    ms_step_median: number;
    ms_first_step: number;
    ms_javascript: number;
    slices_per_second: number;
    ceilings?: Ceilings;
    kernels: KernelLine[];
  },
): string {
  const where = threads ? `${backend}, ${threads} threads` : backend;
  const lines = kernels.filter(({ share }) => share >= 0.002).map((line) => {
    const rate = line.gflops_per_second
      ? `${line.gflops_per_second.toFixed(0)} GFLOP/s`
      : `${line.gb_per_second?.toFixed(0)} GB/s`;
    return `${line.kernel.padEnd(28)}${String(line.calls).padStart(5)} ×` +
      `${line.ms.toFixed(1).padStart(8)} ms${(100 * line.share).toFixed(1).padStart(7)} %  ${rate}`;
  });
  return [
    `${config}, ${order}, ${where}: ${result.ms_step_median} ms a step, ` +
    `${result.slices_per_second} slices/s; ${result.ms_javascript} ms of it until JavaScript ` +
    `waits; first step ${result.ms_first_step} ms`,
    ...result.ceilings
      ? [
        `a large product ${result.ceilings.gflops_per_second.toFixed(0)} GFLOP/s, a large copy ` +
        `${result.ceilings.gb_per_second.toFixed(1)} GB/s`,
      ]
      : [],
    ...lines,
  ].join("\n");
}

/** Three significant digits are what a measurement holds. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

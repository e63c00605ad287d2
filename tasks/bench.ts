/** `deno task bench`: how long a pretraining step takes, and which kernels take how much of it. */
import {
  type KernelProfile,
  registerSimdBackend,
  startProfile,
  stopProfile,
} from "../lib/backends/simd/mod.ts";
import { BENCH_ORDERS, BENCH_SIZES, benchStep } from "./support/bench_step.ts";
import { main, oneOf } from "./support/command.ts";
import { BACKEND_OPTION, startBackend } from "./support/options.ts";

/** Steps before the measured ones: kernels are compiled and memory is taken. */
const WARM_UP = 4;

await main({
  name: "bench",
  summary: "Times a pretraining step (two views of a batch, gradients, Adam) and its kernels.",
  options: {
    config: { value: "SIZE", help: `${Object.keys(BENCH_SIZES).join(", ")}`, default: "S" },
    order: { value: "ORDER", help: BENCH_ORDERS.join(" or "), default: "project-all" },
    steps: { value: "N", help: "measured steps", default: "9" },
    threads: { value: "N", help: "threads of the simd backend; all cores if not given" },
    ...BACKEND_OPTION,
    json: { value: "", help: "print one line of JSON" },
  },
  examples: [
    ["", "a small step where it computes best"],
    ["--config M --backend simd --json", "for a program"],
  ],
  run: async (values) => {
    const config = oneOf(values.text("config"), "config", Object.keys(BENCH_SIZES));
    const order = oneOf(values.text("order"), "order", BENCH_ORDERS);
    const steps = values.count("steps", 1)!;
    const threads = values.count("threads", 1) ?? navigator.hardwareConcurrency;
    registerSimdBackend({ threads });
    const { backend } = await startBackend(values);
    const step = benchStep(BENCH_SIZES[config], order);
    for (let i = 0; i < WARM_UP; i++) await step();
    const times: number[] = [];
    for (let i = 0; i < steps; i++) times.push(await timed(step));
    const median = times.toSorted((a, b) => a - b)[steps >> 1];
    startProfile();
    const profiled = await timed(step);
    const kernels = describe(stopProfile(), profiled);
    const result = {
      ...{ backend, config, order, threads: backend === "simd" ? threads : null, steps },
      ms_step_median: round(median),
      slices_per_second: round(1000 * BENCH_SIZES[config].batch / median),
      kernels,
    };
    console.log(values.given("json") ? JSON.stringify(result) : format(result));
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

/** Milliseconds that something takes. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** The kernels, the longest first; only the simd backend counts them. */
function describe(profile: Map<string, KernelProfile>, step: number): KernelLine[] {
  return [...profile].sort(([, a], [, b]) => b.ms - a.ms).map(([kernel, entry]) => ({
    ...{ kernel, calls: entry.calls, ms: round(entry.ms), share: round(entry.ms / step) },
    ...entry.flops
      ? { gflops_per_second: round(entry.flops / entry.ms / 1e6) }
      : { gb_per_second: round(entry.bytes / entry.ms / 1e6) },
  }));
}

function format(
  { backend, config, order, threads, ms_step_median, slices_per_second, kernels }: {
    backend: string;
    config: string;
    order: string;
    threads: number | null;
    ms_step_median: number;
    slices_per_second: number;
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
    `${config}, ${order}, ${where}: ${ms_step_median} ms a step, ${slices_per_second} slices/s`,
    ...lines,
  ].join("\n");
}

/** Three significant digits are what a measurement holds. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

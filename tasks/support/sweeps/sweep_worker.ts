/** A worker of `sweep --jobs`: runs the stages that it is told to, one after the other. */
import { registerSimdBackend } from "../../../lib/backends/simd/mod.ts";
import { runSweepStage } from "../../../lib/experiments/sweep/sweep.ts";
import { helperPort } from "../command/confine.ts";
import { computeOn } from "../command/options.ts";
import type { Answer, JobSettings, Order } from "./sweep_jobs.ts";

const port = await helperPort();
const answer = (text: Answer) => port.postMessage(text);
const interruption = new AbortController();
let settings: JobSettings | undefined;

port.onmessage = async ({ data }: MessageEvent<Order>) => {
  if ("begin" in data) settings = data.begin;
  if ("stop" in data) interruption.abort();
  if ("run" in data && settings) await run(settings, data.run);
};

async function run(
  { dataset, plan, options, backend, threads }: JobSettings,
  stage: number,
): Promise<void> {
  const { signal } = interruption;
  try {
    registerSimdBackend({ threads });
    const environment = await computeOn(backend);
    await runSweepStage(dataset, plan, {
      ...options,
      stage,
      environment,
      signal,
      onProgress: (progress) => answer({ progress }),
      onWarning: (warning) => answer({ warning }),
    });
    answer({ done: stage });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return answer({ stopped: true });
    const { message, stack } = error as Error;
    answer({ failed: { message, stack } });
  }
}

/**
 * Memory of whole runs, as the system counts it. `deno task test:load -- 290000` takes as many steps
 * as a day's work has in it; less by default.
 */
import assert from "node:assert/strict";
import { writePhantomCohort } from "../../lib/data/phantom/cohort.ts";
import { withFolder } from "../support/datasets.ts";
import { outcome, startTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

const STEPS = Number(Deno.args[0] ?? 15_000);

/** Runs a task to its end, and samples the memory (MB) that its process has. */
async function memoryOf(task: string, args: readonly string[]): Promise<number[]> {
  const process = startTask(task, args);
  const samples: number[] = [];
  const timer = setInterval(async () => {
    // Deno itself lets only who may do everything read there.
    const cat = new Deno.Command("cat", { args: [`/proc/${process.pid}/status`], stderr: "null" });
    const status = new TextDecoder().decode((await cat.output()).stdout);
    const resident = status.match(/^VmRSS:\s+(\d+) kB/m)?.[1];
    if (resident) samples.push(Number(resident) / 1024);
  }, 250);
  const { code, stderr } = await outcome(process);
  clearInterval(timer);
  assert.equal(code, 0, stderr);
  return samples;
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test({
  name: "pretrain takes no more memory for a cohort four times as large",
  ...onLinux,
  fn: () =>
    withFolder(async (dir) => {
      const peaks: number[] = [];
      for (const patients of [40, 160]) {
        const data = `${dir}/phantom-${patients}`;
        await writePhantomCohort(data, { patients });
        // 256 kB a slice: 140 MB of slices, then 560 MB. In memory they would add 420 MB at least.
        const grid = ["--set", "grid.size=256", "--set", "grid.spacing=0.6"];
        const run = ["--data", data, "--out", `${dir}/out-${patients}`, "--steps", "2"];
        peaks.push(Math.max(...await memoryOf("pretrain", [...run, ...TINY, ...grid])));
      }
      console.log(`at most ${peaks.map(Math.round).join(" and ")} MB`);
      // When garbage is collected differs between runs by 100 MB.
      assert.ok(peaks[1] < peaks[0] + 200, `${peaks}`);
      assert.ok(peaks[1] < 1200, `${peaks}`);
    }),
});

Deno.test({
  name: `pretrain takes no more memory as it takes ${STEPS} steps, with every log`,
  ...onLinux,
  fn: () =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const samples = await memoryOf("pretrain", [
        ...["--data", data, "--out", `${dir}/out`, "--steps", `${STEPS}`, "--save-every", "1"],
        ...["--log", "csv,tensorboard", "--probe", "2", ...TINY],
        ...["--set", "grid.size=8", "--set", "pretraining.batch=2", "--set", "loss.pixels=16"],
        ...["--set", "pretraining.qualityEvery=500"],
      ]);
      const mean = (part: number[]) => part.reduce((a, b) => a + b) / part.length;
      const third = Math.floor(samples.length / 3);
      const [middle, end] = [mean(samples.slice(third, 2 * third)), mean(samples.slice(2 * third))];
      console.log(
        `${Math.round(middle)} MB in the middle third, ${Math.round(end)} MB in the last`,
      );
      // A leak of 4 kB a step would add this much over a third of 15,000 steps.
      assert.ok(end < middle + 20, `${middle} MB, then ${end} MB`);
    }),
});

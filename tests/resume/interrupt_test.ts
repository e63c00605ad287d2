/**
 * Tasks in a terminal, where one Ctrl-C reaches a task twice: from the terminal, and handed on by
 * `deno task`. All is saved, whenever it comes; two presses end a task at once.
 *
 * `deno task test:resume` presses a few times in each kind of run, `deno task test:resume -- 30`
 * thirty times.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { random } from "../../lib/math/random.ts";
import { readCheckpoint } from "../../lib/runs/checkpoint.ts";
import { checkpointPath } from "../../lib/runs/kept_checkpoints.ts";
import { withFolder } from "../support/datasets.ts";
import { inTerminal, withTerminal } from "../support/pseudo_terminal.ts";
import { TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

/** Times that each kind of run is interrupted. */
const PRESSES = Number(Deno.args[0] ?? 3);

/** Seconds from the start, in which a task has begun and none of these ends. */
const [EARLIEST, LATEST] = [0.6, 6];

const seed = Date.now();
const moments = random(seed, "presses");

/** Steps without end, of a second's thousandth each. */
const ENDLESS = [
  ...TINY,
  ...["--set", "pretraining.epochs=100000", "--set", "adaptation.iterations=100000"],
];

const SWEEP = ["--presets", "pix2rep-small", "--strategies", "scratch,finetune", "--patients", "1"];

const KINDS: Record<string, string[]> = {
  pretrain: ENDLESS,
  finetune: ["--strategy", "scratch", ...ENDLESS],
  sweep: [...SWEEP, ...ENDLESS],
  "sweep --jobs 2": [...SWEEP, ...ENDLESS, "--jobs", "2"],
  demo: [],
};

for (const [kind, args] of Object.entries(KINDS)) {
  Deno.test({
    ...withTerminal(`${kind} saves at each of ${PRESSES} single Ctrl-C, and says so`),
    fn: () =>
      withFolder(async (dir) => {
        await writeCohort(`${dir}/cohort`);
        const [task] = kind.split(" ");
        let saved = 0;
        for (let i = 0; i < PRESSES; i++) {
          const out = `${dir}/run-${i}`;
          const moment = moments.uniform(EARLIEST, LATEST);
          const run = ["--data", `${dir}/cohort`, "--out", out, ...args];
          const { code, output } = await inTerminal(task, run, [[moment, "press Ctrl-C"]]);
          const what = `seed ${seed}, after ${moment} s: ${output}`;
          assert.equal(code, 130, what);
          assert.match(output, /stopping; press Ctrl-C again to stop at once/, what);
          assert.match(output, new RegExp(`${task}: stopped; .*\r\n$`), what);
          const runs = runFolders(out);
          for (const folder of runs) await expectSaved(folder, what);
          saved += runs.length;
        }
        console.log(`${PRESSES} presses, ${saved} runs saved, seed ${seed}`);
      }),
  });
}

Deno.test({
  ...withTerminal("two Ctrl-C end a task at once if more than a second apart, else it saves"),
  fn: () =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      // A step of JavaScript alone takes half a minute of any machine, so that at once is not soon.
      const slow = "--backend cpu --set grid.size=64 --set backbone.widths=[32,64]".split(" ");
      const presses = (apart: number, settings: string[]) => {
        const args = ["--data", `${dir}/cohort`, "--out", `${dir}/${apart}`, ...settings];
        return inTerminal("pretrain", args, [[4, "press Ctrl-C"], [4 + apart, "press Ctrl-C"]]);
      };
      const apart = await presses(1.2, slow);
      assert.equal(apart.code, 130, apart.output);
      assert.match(apart.output, /stopping; press/);
      assert.doesNotMatch(apart.output, /stopped;/);
      assert.ok(apart.seconds < 0.5, `ended ${apart.seconds} s after the second press`);
      const together = await presses(0.4, ENDLESS);
      assert.equal(together.code, 130, together.output);
      assert.match(together.output, /pretrain: stopped; /);
    }),
});

Deno.test({
  ...withTerminal("a run whose terminal is closed is saved"),
  fn: () =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const [data, out] = [`${dir}/cohort`, `${dir}/run`];
      const run = ["--data", data, "--out", out, ...ENDLESS];
      await inTerminal("pretrain", run, [[5, "close"]]);
      await ended(out);
      await expectSaved(out, "closed");
    }),
});

/** Makes sure that a run that was begun is done, or interrupted with its last step saved. */
async function expectSaved(folder: string, what: string): Promise<void> {
  const { status } = JSON.parse(await Deno.readTextFile(`${folder}/run.json`));
  if (status === "done") return;
  assert.equal(status, "interrupted", `${folder}; ${what}`);
  const { metadata } = await readCheckpoint(checkpointPath(folder));
  const steps = (await Deno.readTextFile(`${folder}/metrics.jsonl`)).trimEnd().split("\n");
  assert.equal(Number(metadata.step), JSON.parse(steps.at(-1) || '{"step":0}').step, what);
}

/** Folders of the runs that were begun in a folder. */
function runFolders(dir: string): string[] {
  if (existsSync(`${dir}/run.json`)) return [dir];
  if (!existsSync(dir)) return [];
  return [...Deno.readDirSync(dir)]
    .flatMap(({ name, isDirectory }) => isDirectory ? runFolders(`${dir}/${name}`) : []);
}

/** Waits until nobody writes to a folder any more. */
async function ended(out: string): Promise<void> {
  for (let i = 0; existsSync(`${out}/.lock`); i++) {
    assert.ok(i < 300, "it goes on without its terminal");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

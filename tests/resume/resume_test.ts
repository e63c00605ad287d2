/**
 * Runs killed with SIGKILL at random moments end with the weights of uninterrupted ones, bit for bit.
 *
 * `deno task test:resume` kills each kind of run a few times, `deno task test:resume -- 30` thirty
 * times.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { random } from "../../lib/math/random.ts";
import { hasCheckpoint } from "../../lib/runs/kept_checkpoints.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, startTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

/** Times that each kind of run is killed. */
const KILLS = Number(Deno.args[0] ?? 4);

/** Longest life, in ms: a start takes most of a second, the rest is steps and checkpoints. */
const LONGEST = 1800;

const seed = Date.now();
const moments = random(seed, "kills");

/** A kind of run that is to be killed. */
interface Killed {
  task: string;
  /** Arguments of a run that begins. */
  begin: string[];
  /** Whether it goes on by itself, or by `--resume` where it has a checkpoint. */
  continues: boolean;
  /** What has to be equal in the end, in its folder. */
  equal: string[];
}

/** Settings of a long run of small steps, with a checkpoint after every few. */
const LONG = [
  ...TINY,
  ...["--set", "pretraining.qualityEvery=30", "--set", "adaptation.iterations=600"],
  ...["--save-every", "0"],
];

const run = (...names: string[]) => ["checkpoint/model.safetensors", "metrics.jsonl", ...names];

const KINDS: Record<string, Killed> = {
  pretrain: {
    task: "pretrain",
    begin: ["--steps", "600", "--probe", "2", ...LONG],
    continues: false,
    equal: run("quality.jsonl", "checkpoint/best.safetensors"),
  },
  finetune: {
    task: "finetune",
    begin: ["--strategy", "scratch", "--patients", "2", ...LONG],
    continues: false,
    equal: run("split.json"),
  },
  "mean-teacher": {
    task: "finetune",
    begin: ["--strategy", "mean-teacher", "--patients", "2", ...LONG],
    continues: false,
    equal: run(),
  },
  sweep: {
    task: "sweep",
    begin: [
      ...["--presets", "pix2rep-small", "--strategies", "scratch,probe,finetune"],
      ...["--patients", "1,2", "--seeds", "0", ...LONG, "--set", "pretraining.epochs=40"],
      ...["--set", "adaptation.iterations=60", "--set", "adaptation.probe.iterations=60"],
    ],
    continues: true,
    equal: ["result.json", "config.json"],
  },
};

for (const [name, kind] of Object.entries(KINDS)) {
  Deno.test(`${name} killed ${KILLS} times ends as if nothing had happened`, () =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const whole = `${dir}/whole`;
      await expectDone(kind.task, "--data", data, "--out", whole, ...kind.begin);
      let [kills, rounds] = [0, 0];
      while (kills < KILLS) {
        const out = `${dir}/killed-${rounds++}`;
        kills += await killUntilDone(kind, { data, out, most: KILLS - kills });
        for (const file of kind.equal) {
          const read = (folder: string) => Deno.readFileSync(`${folder}/${file}`);
          assert.deepEqual(read(out), read(whole), `${file}; seed ${seed}`);
        }
        assert.deepEqual(temporaryFiles(out), [], "files of killed writes are left");
      }
      console.log(`${kills} kills in ${rounds} runs, seed ${seed}`);
    }));
}

/** Starts a run again and again, kills it `most` times after a random time, and lets it end. */
async function killUntilDone(
  { task, begin, continues }: Killed,
  { data, out, most }: { data: string; out: string; most: number },
): Promise<number> {
  for (let kills = 0;; kills++) {
    const resumes = !continues && hasCheckpoint(out);
    const args = ["--data", data, "--out", out, ...(resumes ? ["--resume"] : begin)];
    const process = startTask(task, resumes ? [...args, "--save-every", "0"] : args);
    const kill = () => process.kill("SIGKILL");
    const timer = kills < most ? setTimeout(kill, moments.uniform(200, LONGEST)) : undefined;
    const { code, stderr } = await outcome(process);
    clearTimeout(timer);
    if (code === 0) return kills;
    assert.equal(code, 128 + 9, `seed ${seed}: ${stderr}`);
  }
}

/** Names of what was being written when it was killed, below a folder. */
function temporaryFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return temporaryFiles(`${dir}/${name}`);
    return name.endsWith(".tmp") ? [`${dir}/${name}`] : [];
  });
}

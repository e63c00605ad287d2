/** A sweep on a real Slurm gives what one process gives, whatever happens to its jobs. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";
import { until } from "../support/until.ts";
import { type Cluster, MISSING, startCluster } from "./slurm.ts";

/** A run as `submit --json` tells of it. */
interface Status {
  id: number;
  folder: string;
  state: string;
  why?: string;
  job?: string;
}

const name = "a sweep by Slurm gives the result of one process, to the last digit";

Deno.test({
  name: MISSING.length ? `${name} (skipped: no ${MISSING.join(", ")})` : name,
  ignore: MISSING.length > 0,
  fn: (t) =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const daemons = `${dir}/slurm`;
      Deno.mkdirSync(daemons);
      const cluster = await startCluster(daemons);
      const step = (name: string, body: typeof undisturbed) =>
        t.step(name, async () => {
          try {
            await body(cluster, { dir, data });
          } catch (error) {
            console.log(await cluster.queue());
            console.log(Deno.readTextFileSync(`${daemons}/slurmctld.log`).slice(-4000));
            throw error;
          }
        });
      try {
        await step("left alone", undisturbed);
        await step("with kills, a requeue, a warning and a node that goes down", disturbed);
      } finally {
        await cluster.stop();
      }
    }),
});

/** Options of a sweep: two runs from scratch, a pretraining, two from it. */
function planOf(data: string, settings: readonly string[]): string[] {
  return [
    ...["--data", data, "--presets", "pix2rep-small", "--patients", "1", "--seeds", "0,3"],
    ...["--strategies", "scratch,finetune", "--backend", "simd", ...TINY],
    ...settings.flatMap((setting) => ["--set", setting]),
  ];
}

/** Submits, and returns where each run was before. */
async function submit(args: readonly string[]): Promise<{ runs: Status[]; submitted: string[] }> {
  return JSON.parse(await expectDone("submit", "--to", "slurm", ...args, "--json"));
}

const states = (runs: readonly Status[]) => runs.map(({ state }) => state);

async function undisturbed(
  cluster: Cluster,
  { dir, data }: { dir: string; data: string },
): Promise<void> {
  const plan = planOf(data, ["pretraining.epochs=1"]);
  const [whole, out] = [`${dir}/whole`, `${dir}/my sweep, 100%`];
  const first = await submit([...plan, "--out", out, "--max-parallel", "2", "--slurm", "--time=5"]);
  assert.deepEqual(states(first.runs), Array(5).fill("new"));
  assert.equal(first.submitted.length, 2);
  const again = await submit([...plan, "--out", out]);
  assert.deepEqual(again.submitted, [], "what is in the queue is not submitted again");
  assert.ok(states(again.runs).every((state) => /^(done|running|waiting)$/.test(state)));
  await expectDone("sweep", ...plan, "--out", whole);
  await until("the sweep", async () => (await cluster.queue()).length === 0);
  const result = () => Deno.readTextFileSync(`${out}/result.json`);
  assert.equal(result(), Deno.readTextFileSync(`${whole}/result.json`), "by the last run");
  assert.ok(existsSync(`${out}/report.html`));
  assert.match(
    Deno.readTextFileSync(`${out}/runs/none-scratch-1-patients-seed-3/slurm.log`),
    /^submit: job \d+_1 runs number 1\n[^]*run 1 is done: From scratch, 1 patient, seed 3\n/,
  );
  Deno.removeSync(`${out}/result.json`);
  assert.match(
    await expectDone("submit", "--to", "slurm", ...plan, "--out", out),
    /From scratch +\d[^]*report\.html/,
  );
  assert.equal(result(), Deno.readTextFileSync(`${whole}/result.json`), "by the same command");
  const done = await expectDone("submit", "--to", "slurm", ...plan, "--out", out);
  assert.match(done, /^\n?4 runs, all done: .*result\.json\n$/);
}

async function disturbed(
  cluster: Cluster,
  { dir, data }: { dir: string; data: string },
): Promise<void> {
  const plan = planOf(data, ["pretraining.epochs=15", "adaptation.iterations=200"]);
  const [whole, out] = [`${dir}/whole-2`, `${dir}/disturbed`];
  const args = [...plan, "--out", out];
  const folders = ["none-scratch-1-patients-seed-0", "none-scratch-1-patients-seed-3"];
  const begun = (folder: string) => existsSync(`${out}/${folder}/metrics.jsonl`);
  const row = `${out}/runs/${folders[1]}/row.json`;

  const { submitted: [job] } = await submit(args);
  await until("two runs' steps", () => folders.every((folder) => begun(`runs/${folder}`)));
  // Killed without a word, as where memory is short.
  for (const line of (await cluster.run("ps", "-eo", "pid=,args=")).split("\n")) {
    if (line.includes(`--out=${out} --run=0`)) Deno.kill(Number.parseInt(line), "SIGKILL");
  }
  // Warned as before its time is over: it saves, and goes back into the queue by itself.
  await cluster.run("scancel", "--signal=TERM", "--batch", `${job}_1`);
  await until(
    "a warned run in the queue",
    async () => (await cluster.queue()).includes(`${job}_1 PENDING`),
  );
  assert.match(log(out, `runs/${folders[1]}`), /sweep: stopped/);
  await until("the pretraining", () => begun("pretraining/pix2rep"));
  // Taken away by Slurm, as for a job of higher priority.
  await cluster.run("scontrol", "requeue", `${job}_2`);
  await until(
    "a requeued run in the queue",
    async () => (await cluster.queue()).includes(`${job}_2 PENDING`),
  );
  assert.equal(status(out, "pretraining/pix2rep"), "interrupted");

  const { runs, submitted } = await submit(args);
  assert.equal(runs[0].state, "failed");
  assert.match(runs[0].why!, /^killed, or its node went down/);
  assert.equal(submitted.length, 1, "the killed one alone");
  await until("a run that goes on", () =>
    existsSync(row) || status(out, `runs/${folders[1]}`) ===
      "running");
  await cluster.run("scontrol", "update", "nodename=node", "state=down", "reason=test");
  await until(
    "no job that runs",
    async () => (await cluster.queue()).every((job) => job.endsWith("PENDING")),
  );
  await cluster.run("scontrol", "update", "nodename=node", "state=resume");
  await until("a finished run", () => existsSync(row), { seconds: 120 });
  const finished = statSync(row).mtimeMs;
  await expectDone("sweep", ...plan, "--out", whole);
  await until("the sweep", async () => (await cluster.queue()).length === 0, { seconds: 120 });
  // The same command as often as it takes: here, for what an unlucky moment has made fail.
  for (let left = true; left;) {
    left = (await submit(args)).submitted?.length > 0;
    await until("the rest", async () => (await cluster.queue()).length === 0, { seconds: 120 });
  }
  const read = (folder: string) => Deno.readTextFileSync(`${folder}/result.json`);
  assert.equal(read(out), read(whole));
  assert.equal(statSync(row).mtimeMs, finished, "a finished run was run again");
  const steps = (folder: string) =>
    Deno.readTextFileSync(`${folder}/pretraining/pix2rep/metrics.jsonl`);
  assert.equal(steps(out), steps(whole));
  assert.equal((await runTask("submit", "--to", "slurm", ...args)).code, 0);
}

function log(out: string, folder: string): string {
  return Deno.readTextFileSync(`${out}/${folder}/slurm.log`);
}

function status(out: string, folder: string): string {
  return JSON.parse(Deno.readTextFileSync(`${out}/${folder}/run.json`)).status;
}

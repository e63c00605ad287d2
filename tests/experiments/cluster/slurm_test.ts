import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  jobArrays,
  jobEnd,
  jobLog,
  jobNames,
  jobScript,
  parseQueue,
  ranges,
  sbatchArguments,
} from "../../../lib/experiments/cluster/slurm.ts";
import { withFolder } from "../../support/datasets.ts";
import { until } from "../../support/until.ts";

Deno.test("jobArrays() puts stages with the same needs together, the needed ones first", () => {
  const stages = [[0], [1], [2], [3, 2], [4, 2], [5], [6, 5], [999, 5], [1000, 5], [2003]]
    .map(([id, ...after]) => ({ id, after }));
  assert.deepEqual(jobArrays(stages), [
    { base: 0, indices: [0, 1, 2, 5], after: [] },
    { base: 2000, indices: [3], after: [] },
    { base: 0, indices: [3, 4], after: [2] },
    { base: 0, indices: [6, 999], after: [5] },
    { base: 1000, indices: [0], after: [5] },
  ]);
});

Deno.test("ranges() names every number once, in the shortest way", () => {
  assert.equal(ranges([0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
  assert.equal(ranges([]), "");
});

Deno.test("sbatchArguments() names the jobs by their folder, and lets the user have the last word", () => {
  const array = { base: 1000, indices: [3, 4, 5], after: [2] };
  const [parsable, name, ...args] = sbatchArguments(array, {
    ...{ out: "/x/my sweep 5%", afterok: ["7_2"], afterany: ["7", "8"], maxParallel: 4 },
    words: ["--gres=gpu:1", "--signal=USR1"],
  });
  assert.equal(parsable, "--parsable");
  assert.match(name, /^--job-name=my_sweep_5_-[0-9a-f]{8}-1000$/);
  assert.deepEqual(args, [
    "--array=3-5%4",
    "--output=/x/my sweep 5%%/slurm/1000-%a.log",
    "--open-mode=append",
    "--requeue",
    "--signal=B:TERM@60",
    "--dependency=afterok:7_2,afterany:7:8",
    "--kill-on-invalid-dep=yes",
    "--gres=gpu:1",
    "--signal=USR1",
  ]);
  const free = sbatchArguments(array, { out: "/x", afterok: [], afterany: [], words: [] });
  assert.deepEqual(free.at(-1), "--signal=B:TERM@60");
  assert.ok(free.includes("--array=3-5"));
  assert.equal(jobLog("/x", 1004), "/x/slurm/1000-4.log");
});

Deno.test("parseQueue() finds a sweep's own jobs by their stages' numbers", () => {
  const [first, second] = jobNames("/x/sweep", 1200);
  const [other] = jobNames("/y/sweep", 1);
  const queue = parseQueue(
    [
      `12_0|${first}|RUNNING|None`,
      `12_999|${first}|PENDING|Dependency`,
      `13_7|${second}|COMPLETING|None`,
      `14_1|${other}|RUNNING|None`,
      `15_1|something|RUNNING|None`,
      "",
    ].join("\n"),
    "/x/sweep",
  );
  assert.deepEqual([...queue], [
    [0, { job: "12_0", running: true, reason: "None" }],
    [999, { job: "12_999", running: false, reason: "Dependency" }],
    [1007, { job: "13_7", running: true, reason: "None" }],
  ]);
});

Deno.test("jobEnd() says how the last attempt ended", () => {
  const begin = "submit: job 5_1 runs number 1\n";
  const stopped = "stopping; press Ctrl-C again to stop at once\nsweep: stopped; go on\n";
  const cancelled = (why: string) =>
    `slurmstepd-n1: error: *** JOB 4 ON n1 CANCELLED AT 2026-11-27T03:20:29${why} ***\n`;
  const cases: [log: string, end: ReturnType<typeof jobEnd>][] = [
    ["", undefined],
    [`${begin}12 %  1/5\nsweep: a.nii: no such file\n`, {
      state: "failed",
      why: "a.nii: no such file",
    }],
    [begin + cancelled("") + stopped, { state: "stopped", why: "told to" }],
    [begin + cancelled(" DUE TO TIME LIMIT") + stopped, { state: "stopped", why: "time limit" }],
    [begin + cancelled(" DUE TO PREEMPTION"), { state: "stopped", why: "preemption" }],
    [begin, { state: "failed", why: "killed, or its node went down" }],
    [`${begin}Killed\n`, {
      state: "failed",
      why: "killed, or its node went down; it said last: Killed",
    }],
    [`${begin}sweep: out of luck\n${begin}${stopped}`, { state: "stopped", why: "told to" }],
  ];
  for (const [log, end] of cases) assert.deepEqual(jobEnd(log), end, log);
});

Deno.test("jobScript() passes a warning on, waits, and requeues what still runs by its queue", () =>
  withFolder(async (dir) => {
    const bin = `${dir}/bin`;
    Deno.mkdirSync(bin);
    const program = (name: string, text: string) => {
      Deno.writeTextFileSync(`${bin}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    program("squeue", "echo $STATE");
    program("scontrol", `echo "$@" >> ${dir}/requeued`);
    program("sleep", "exit 0");
    program(
      "run it",
      `trap 'echo saved; exit 130' TERM
      echo "$@"; touch ${dir}/up; while :; do /bin/sleep 0.05; done`,
    );
    const script = jobScript({ base: 2000 }, [`${dir}/gone/run it`, "task", "a b", "it's"]);
    Deno.writeTextFileSync(`${dir}/script`, script);
    const attempt = async (state: string, restarts: number) => {
      const child = new Deno.Command("sh", {
        args: [`${dir}/script`],
        env: {
          ...{ PATH: `${bin}:${Deno.env.get("PATH")}`, STATE: state },
          ...{ SLURM_ARRAY_JOB_ID: "9", SLURM_ARRAY_TASK_ID: "4" },
          SLURM_RESTART_COUNT: `${restarts}`,
        },
        stdout: "piped",
      }).spawn();
      let ended = false;
      child.status.then(() => ended = true);
      await until("the program", () => ended || existsSync(`${dir}/up`));
      assert.ok(!ended, "the script ended before it ran its program");
      child.kill("SIGTERM");
      const { code, stdout } = await child.output();
      Deno.removeSync(`${dir}/up`);
      return { code, said: new TextDecoder().decode(stdout).split("\n") };
    };
    const { code, said } = await attempt("COMPLETING", 0);
    assert.equal(code, 130);
    assert.deepEqual(said, [
      "submit: job 9_4 runs number 2004",
      "task a b it's --run=2004",
      "saved",
      "",
    ]);
    await attempt("RUNNING", 100);
    await assert.rejects(Deno.stat(`${dir}/requeued`), Deno.errors.NotFound);
    await attempt("RUNNING", 99);
    assert.equal(Deno.readTextFileSync(`${dir}/requeued`), "requeue 9_4\n");
  }));

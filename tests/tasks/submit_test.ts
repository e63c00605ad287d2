/** `submit` without a cluster: what it refuses, and what it would do. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";
import { expectFailures } from "../refusals/failures.ts";

Deno.test("submit says what is wrong before it asks a cluster, and writes nothing", () =>
  withFolder(async (dir) => {
    const cases: [args: string[], says: RegExp, code?: 1 | 2][] = [
      [[], /expected --to CLUSTER/],
      [["--to", "pbs"], /--to: expected one of slurm, kubernetes, found "pbs"/],
      [["--to", "kubernetes"], /--to kubernetes: expected --dry-run; kubectl apply/],
      [["--to", "slurm", "--max-parallel", "0"], /--max-parallel: expected a whole number from 1/],
      [["--to", "slurm", "--slurm", '--comment="x'], /--slurm: expected quotes in pairs, found/],
      ...["--job-name=mine", "-J mine", "-a0-3", "--array 7", "--clusters=far"].map((
        words,
      ): [string[], RegExp] => [
        ["--to", "slurm", "--slurm", `--gres=gpu:1 ${words}`],
        /--slurm: expected no name, array or clusters, .* found "-/,
      ]),
      [
        ["--to", "kubernetes", "--dry-run", "--resources", "cpu"],
        /--resources: expected name=quantity, found "cpu"/,
      ],
      [["--to", "slurm", "--data", `${dir}/none`], /none: /, 1],
    ];
    await expectFailures(
      dir,
      cases.map(([args, says, code = 2]) => ({
        name: args.join(" "),
        run: ["submit", ...args],
        says,
        code,
      })),
    );
  }));

Deno.test("submit --dry-run shows what it would submit, and writes nothing", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/a sweep`];
    await writeCohort(data);
    const plan = [
      ...["--data", data, "--presets", "pix2rep-small", "--patients", "1", "--seeds", "0,3"],
      ...["--strategies", "scratch,finetune", "--out", out, ...TINY],
    ];

    // Here is no queue to ask, which is warned of: no configuration of Slurm, or no Slurm.
    const jobs = ["--max-parallel", "2", "--slurm", '--gres=gpu:1 --comment="two words"'];
    const { code, stdout, stderr } = await runTask(
      "submit",
      ...["--to", "slurm", "--dry-run", ...jobs, ...plan],
    );
    assert.match(stderr, /^warning: .*squeue/);
    assert.equal(code, 0);
    assert.match(stdout, /^5 runs: 5 not begun\nsbatch --parsable /);
    const lines = stdout.split("\n").filter((line) => line.startsWith("sbatch "));
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, / --gres=gpu:1 '--comment=two words' <<'END'$/);
    assert.match(lines[0], / --array=0-2%2 /);
    assert.match(lines[1], / --array=3-4%2 .* --dependency=afterok:JOB1_2,afterany:JOB1 /);
    assert.match(stdout, /'task' '--quiet' 'sweep' .*'--out=[^\n]*\/a sweep' --run="\$run" &\n/);
    assert.match(stdout, /'--set=backbone.widths=\[4,8\]'/);

    const pods = await runTask("submit", "--to", "kubernetes", "--dry-run", "-q", ...plan);
    assert.equal(pods.code, 0);
    const outside = pods.stderr.match(/--\w+: expected a path in this folder/g);
    assert.deepEqual(outside?.map((line) => line.split(":")[0]), ["--data", "--out"]);
    const { kind, items } = JSON.parse(pods.stdout);
    assert.equal(kind, "List");
    assert.deepEqual(items.map((job: { spec: { completions: number } }) => job.spec.completions), [
      3,
      2,
    ]);
    assert.ok(!existsSync(out));
  }));

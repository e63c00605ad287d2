/** No test patient's mask has part in any choice: where it is no mask at all, nothing changes. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { spoilTestMasks, TESTING, TRAINING, writeCohort } from "../tasks/cohort.ts";

Deno.test("sweep --tune chooses without the masks of test patients, which its runs need", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const sweep = (out: string, tries = 2) => [
      ...["--data", data, "--presets", "pix2rep-small", "--strategies", "scratch,finetune"],
      ...["--patients", "1,2", "--seeds", "0,1", "--set", "pretraining.epochs=1", ...TINY],
      ...["--tune", `${tries}`, "--out", `${dir}/${out}`],
    ];
    const listed = await expectDone("sweep", ...sweep("spoilt"), "--dry-run");
    const searched = /a search of 2 tries for each strategy: 8 runs, 8 left to do, measured on 4 /;
    assert.match(listed, searched);

    await spoilTestMasks(data);
    const spoilt = await runTask("sweep", ...sweep("spoilt"));
    assert.equal(spoilt.code, 1);
    assert.match(spoilt.stderr, /^sweep: .*_gt\.nii\.gz: .*\n$/m);
    const chosen = readFileSync(`${dir}/spoilt/tuning.json`, "utf8");
    assert.ok(TESTING.every((id) => !chosen.includes(id)));

    await writeCohort(data);
    await expectDone("sweep", ...sweep("whole"));
    assert.equal(readFileSync(`${dir}/whole/tuning.json`, "utf8"), chosen);
    const done = await expectDone("sweep", ...sweep("spoilt"), "--jobs", "2");
    assert.match(done, /tuning\.json +every try of the search/);
    const result = readFileSync(`${dir}/whole/result.json`, "utf8");
    assert.equal(readFileSync(`${dir}/spoilt/result.json`, "utf8"), result);
    const { searches } = JSON.parse(chosen);
    const { config: { tuned } } = JSON.parse(result);
    assert.deepEqual(
      tuned.map(({ set }: { set: string[] }) => set),
      searches.map(({ tries, chosen }: { tries: { set: string[] }[]; chosen: number }) =>
        tries[chosen].set
      ),
    );
    // assert.match would print megabytes.
    assert.ok(readFileSync(`${dir}/whole/report.html`, "utf8").includes("Search for settings"));

    const again = await expectDone("sweep", ...sweep("whole"), "--dry-run");
    assert.match(again, /\n8 runs, 0 left to do, from 1 pretraining: pix2rep\n.* 8 runs, 0 left /);
    const other = await runTask("sweep", ...sweep("whole", 3));
    assert.match(other.stderr, /holds a sweep of another plan or dataset/);
    const timed = await runTask("sweep", ...sweep("timed"), "--minutes", "1");
    assert.deepEqual([timed.code, timed.stderr.split("\n")[0]], [
      2,
      "sweep: --tune: expected no --minutes, found it",
    ]);
  }));

Deno.test("finetune is watched without the masks of test patients", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const [watched, ...pool] = TRAINING;
    const split = {
      ...{ schema: "pix2rep.split/1", dataset: "cohort", seed: 0, test: TESTING, pool },
      ...{ validation: [watched], subsets: { 2: pool.slice(0, 2) } },
    };
    writeFileSync(`${dir}/split.json`, JSON.stringify(split));
    const finetune = async (out: string) => {
      const options = ["--data", data, "--strategy", "scratch", "--split", `${dir}/split.json`];
      const rest = ["--patients", "2", "--preset", "pix2rep-small", ...TINY, "--out"];
      await expectDone("finetune", ...options, ...rest, `${dir}/${out}`);
      const files = ["validation.jsonl", "checkpoint/model.safetensors"];
      return files.map((name) => readFileSync(`${dir}/${out}/${name}`, "base64"));
    };
    const whole = await finetune("whole");
    await spoilTestMasks(data);
    assert.deepEqual(await finetune("spoilt"), whole);
  }));

/** The runs of a sweep are runs like any other: what follows on one finds all that it needs there. */
import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { expectDone, TINY } from "../support/run_task.ts";
import { TESTING, TRAINING, writeCohort } from "./cohort.ts";

Deno.test("what follows on a run of a sweep has its patients, and their pseudonyms", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/sweep`];
    await writeCohort(data);
    await expectDone("sweep", "--data", data, "--out", out, "--pseudonyms", ...[
      ...["--presets", "pix2rep-small", "--strategies", "probe", "--patients", "2", "--seeds", "1"],
      ...[...TINY, "--set", "pretraining.epochs=1"],
    ]);
    const read = (path: string) => Deno.readTextFileSync(`${out}/${path}`);
    const [pretraining, run] = ["pretraining/pix2rep", "runs/pix2rep-probe-2-patients-seed-1"];
    for (const folder of [pretraining, run]) {
      assert.equal(read(`${folder}/split.json`), read("splits/seed-1.json"));
      assert.equal(JSON.parse(read(`${folder}/run.json`)).pseudonyms, true);
    }
    assert.equal(JSON.parse(read(`${run}/run.json`)).patients, 2);

    const from = ["--data", data, "--pretrained", `${out}/${pretraining}`];
    const followed = await expectDone("finetune", ...from, "--out", `${out}/finetune`);
    const tested = await expectDone("evaluate", "--data", data, "--model", `${out}/${run}`, ...[
      ...["--out", `${out}/evaluation`, "--json"],
    ]);
    assert.equal(read("evaluation/metrics.csv"), read(`${run}/metrics.csv`));
    const told = [followed, tested, read("finetune/split.json"), read("evaluation/metrics.csv")];
    for (const text of told) {
      assert.equal([...TRAINING, ...TESTING].find((id) => text.includes(id)), undefined);
    }
  }));

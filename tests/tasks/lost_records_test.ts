import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";

/** Steps from one measurement of the features to the next. */
const EVERY = 2;

Deno.test("--resume tells of records that were emptied, removed, cut short or garbled", (t) =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/run`];
    await writeCohort(data);
    const every = ["--set", `pretraining.qualityEvery=${EVERY}`];
    let steps = 3 * EVERY;
    const begin = ["--data", data, "--out", out, "--steps", `${steps}`];
    await expectDone("pretrain", ...begin, ...TINY, ...every);
    const [metrics, quality] = [`${out}/metrics.jsonl`, `${out}/quality.jsonl`];
    const lines = Deno.readTextFileSync(metrics).split("\n");
    const resume = () => {
      steps += EVERY;
      return runTask("pretrain", "--data", data, "--out", out, "--resume", "--steps", `${steps}`);
    };
    const tells = async (found: number, name = "metrics", all = steps) => {
      const { code, stderr } = await resume();
      assert.equal(code, 0, stderr);
      const what = `${out}/${name}.jsonl: expected ${all} records up to step ${steps - EVERY}, ` +
        `found ${found}; the run goes on`;
      assert.ok(stderr.startsWith(`warning: ${what}`), stderr);
    };

    await t.step("not of what is whole", async () => assert.equal((await resume()).stderr, ""));
    await t.step("emptied", () => {
      Deno.writeTextFileSync(metrics, "");
      return tells(0);
    });
    await t.step("removed", () => {
      Deno.removeSync(metrics);
      return tells(0);
    });
    await t.step("cut short", () => {
      Deno.writeTextFileSync(metrics, lines.slice(0, 5).join("\n") + "\n");
      return tells(5);
    });
    await t.step("garbled, in a single line", () => {
      Deno.writeTextFileSync(metrics, "\u0000 garbage");
      return tells(0);
    });
    await t.step("of the features' measurements too", () => {
      const whole = Array.from({ length: steps }, (_, i) => lines[0].replace("1", `${i + 1}`));
      Deno.writeTextFileSync(metrics, whole.join("\n") + "\n");
      Deno.removeSync(quality);
      return tells(0, "quality", steps / EVERY);
    });
    await t.step("garbled, and refuses to drop what follows", async () => {
      const garbled = `${lines[0]}\ngarbage\n${lines[1]}\n`;
      Deno.writeTextFileSync(metrics, garbled);
      const { code, stderr } = await resume();
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^pretrain: .*metrics\.jsonl:2: expected JSON, .*; repair .* away .*\n$/,
      );
      assert.equal(Deno.readTextFileSync(metrics), garbled);
    });
  }));

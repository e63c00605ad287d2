import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { imagePath, writeCohort } from "./cohort.ts";

const MIDL2024 = ["--protocol", "midl2024"];
const WARNING = /Protocol midl2024: scans are cropped about their reference masks/;

Deno.test("--protocol midl2024 warns in all that comes of it, and predicts nothing", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const read = (path: string) => Deno.readTextFile(`${dir}/${path}`);
    const step = (task: string, ...args: string[]) => runTask(task, "--data", data, ...args);

    await t.step("pretrain, finetune and evaluate", async () => {
      const [pretrained, run] = [`${dir}/pretrained`, `${dir}/run`];
      const short = ["--steps", "2", "--out", pretrained];
      for (
        const { code, stderr } of [
          await step("pretrain", ...MIDL2024, ...short, ...TINY),
          await step("finetune", "--pretrained", pretrained, "--out", run),
          await step("evaluate", "--model", run),
        ]
      ) {
        assert.equal(code, 0, stderr);
        assert.match(stderr, WARNING);
      }
      assert.equal(JSON.parse(await read("run/config.json")).data.protocol, "midl2024");
      const { warnings } = JSON.parse(await read("run/evaluation/summary.json"));
      assert.match(warnings[0], WARNING);
      const [header, ...lines] = (await read("run/evaluation/metrics.csv")).trimEnd().split("\r\n");
      assert.match(header, /,protocol$/);
      assert.ok(lines.length > 0 && lines.every((line) => line.endsWith(",midl2024")), lines[0]);
    });

    await t.step("pictures and export", async () => {
      for (
        const { code, stderr } of [
          await step("pictures", "--pretrained", `${dir}/pretrained`, "--out", `${dir}/pictures`),
          await runTask("export", "--model", `${dir}/run`, "--out", `${dir}/run.safetensors`),
        ]
      ) {
        assert.equal(code, 0, stderr);
        assert.match(stderr, WARNING);
      }
    });

    await t.step("predict refuses", async () => {
      const input = imagePath(data, "patient007");
      const args = ["--model", `${dir}/run`, "--input", input, "--out", `${dir}/masks`];
      const { code, stderr } = await runTask("predict", ...args);
      assert.equal(code, 1);
      assert.match(stderr, /data\.protocol=midl2024, which crops .* new scans have none/);
      await assert.rejects(Deno.stat(`${dir}/masks`));
    });

    await t.step("sweep", async () => {
      const out = `${dir}/sweep`;
      const few = ["--strategies", "scratch", "--patients", "1", "--seeds", "0"];
      await expectDone("sweep", "--data", data, "--out", out, ...MIDL2024, ...few, ...TINY);
      assert.match(JSON.parse(await read("sweep/result.json")).warnings[0], WARNING);
      assert.match(await read("sweep/report.html"), /<p class="warning">Protocol midl2024/);
    });

    await t.step("a protocol of another name", async () => {
      const { code, stderr } = await step("pretrain", "--protocol", "midl", "--out", `${dir}/no`);
      assert.equal(code, 2);
      assert.match(stderr, /--protocol: expected .*whole-scans, midl2024/);
    });
  }));

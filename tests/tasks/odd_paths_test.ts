import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { runTask } from "../support/run_task.ts";

Deno.test({
  name: "a pipe in the place of a dataset, a scan, a model or --out is refused, not waited for",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const pipe = `${dir}/pipe`;
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const expected = `${pipe}: expected a folder, found`;
      const tries: [task: string, args: string[], message: string][] = [
        ["check-data", ["--data", pipe], `${expected} a pipe or device`],
        ["pretrain", ["--out", pipe], `${expected} something else; choose another --out`],
        ["pretrain", ["--data", pipe, "--out", `${dir}/out`], `${expected} a pipe or device`],
        ["predict", ["--model", pipe, "--input", pipe], `${pipe}/config.json: no such file`],
      ];
      for (const [task, args, message] of tries) {
        const { code, stderr } = await runTask(task, ...args);
        assert.equal(code, 1, stderr);
        assert.ok(stderr.startsWith(`${task}: ${message}`), stderr);
        assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      }
    }),
});

Deno.test("an --out that cannot be made is refused in one line", () =>
  withFolder(async (dir) => {
    const [file, below] = [`${dir}/file`, `${dir}/file/below`];
    Deno.writeTextFileSync(file, "");
    const tries: [task: string, args: string[], path: string][] = [
      ["pretrain", ["--out", below], below],
      ["evaluate", ["--model", "none", "--out", below], below],
      ["export", ["--model", "none", "--format", "onnx", "--out", below], `${file}/.below-drafts`],
    ];
    for (const [task, args, path] of tries) {
      const { code, stderr } = await runTask(task, ...args);
      assert.deepEqual([code, stderr], [
        1,
        `${task}: ${path}: expected a place to write to, found a file in the place of a folder ` +
        "(ENOTDIR); choose another\n",
      ]);
    }
  }));

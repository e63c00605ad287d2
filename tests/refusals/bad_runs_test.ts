import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { imagePath, TESTING, writeCohort, writeVolume } from "../tasks/cohort.ts";
import { expectFailures } from "./failures.ts";

Deno.test("runs and scans that cannot be used end a task in one line, nothing changed", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const [pretrained, model] = [`${dir}/pretrained`, `${dir}/model`];
    await expectDone("pretrain", "--data", data, "--out", pretrained, "--steps", "1", ...TINY);
    await expectDone("finetune", "--data", data, "--out", model, "--pretrained", pretrained);
    const changed = async (run: string, name: string, change: (dir: string) => void) => {
      const copy = `${dir}/${name}`;
      await cp(run, copy, { recursive: true });
      change(copy);
      return copy;
    };
    const widen = (run: string) => {
      const path = `${run}/config.json`;
      const config = JSON.parse(Deno.readTextFileSync(path));
      config.backbone.widths = [4, 12];
      Deno.writeTextFileSync(path, JSON.stringify(config));
    };
    const file = (run: string) => `${run}/checkpoint/model.safetensors`;
    const wider = await changed(pretrained, "wider", widen);
    const widerModel = await changed(model, "wider-model", widen);
    const flipped = await changed(model, "flipped", (run) => {
      const bytes = Deno.readFileSync(file(run));
      bytes[bytes.length - 10] ^= 4;
      Deno.writeFileSync(file(run), bytes);
    });
    const cut = await changed(model, "cut", (run) => Deno.truncateSync(file(run), 2000));
    const bare = await changed(model, "bare", (run) => Deno.removeSync(file(run)));
    const misspelt = await changed(model, "misspelt", (run) => {
      const path = `${run}/config.json`;
      Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"grid"', '"gird"'));
    });
    const cine = `${dir}/cine.nii.gz`;
    await writeVolume(cine, new Int16Array(18 * 14 * 3 * 2), [18, 14, 3, 2]);
    const text = `${dir}/note.nii.gz`;
    Deno.writeTextFileSync(text, "not an image");
    const mixed = `${dir}/mixed`;
    Deno.mkdirSync(mixed);
    Deno.copyFileSync(imagePath(data, TESTING[0]), `${mixed}/a.nii.gz`);
    Deno.copyFileSync(text, `${mixed}/b.nii.gz`);
    const taken = `${dir}/taken`;
    Deno.writeTextFileSync(taken, "a file");
    const evaluate = (run: string) => ["evaluate", "--data", data, "--model", run];
    const predict = (run: string, input: string) => ["predict", "--model", run, "--input", input];
    const finetune = (run: string) => ["finetune", "--data", data, "--pretrained", run];
    const resume = ["pretrain", "--data", data, "--resume"];
    const architecture =
      /another architecture.*[1-9]\d* have another shape[^]*\n {2}backbone\.\S+ +\[.*\] +\[/;
    await expectFailures(dir, [
      {
        name: "no run",
        run: evaluate(`${dir}/none`),
        says: /none\/config.json: no such file; expected the folder of a run/,
      },
      {
        name: "pretraining, evaluated",
        run: evaluate(pretrained),
        says: /pretrained: expected an adapted model, found a pretraining/,
      },
      { name: "checkpoint of another architecture", run: evaluate(widerModel), says: architecture },
      { name: "pretraining of another architecture", run: finetune(wider), says: architecture },
      {
        name: "changed architecture",
        run: [...finetune(pretrained), "--set", "backbone.widths=[4,12]"],
        says: architecture,
      },
      {
        name: "other architecture, resumed",
        run: [...resume, "--steps", "2"],
        out: wider,
        says: architecture,
      },
      {
        name: "flipped bit",
        run: evaluate(flipped),
        says: /model.safetensors: the checksum does not match/,
      },
      {
        name: "truncated checkpoint",
        run: predict(cut, cine),
        says: /model.safetensors: not a complete safetensors file/,
      },
      {
        name: "no checkpoint",
        run: evaluate(bare),
        says: /bare: expected a checkpoint, found none/,
      },
      {
        name: "misspelt configuration",
        run: evaluate(misspelt),
        says: /misspelt\/config.json: grid: Invalid key: Expected "grid"/,
      },
      {
        name: "folder that holds a run",
        run: ["pretrain", "--data", data, ...TINY],
        out: pretrained,
        says: /pretrained: expected an empty or new folder .*choose another folder/,
      },
      {
        name: "sweep over a run",
        run: ["sweep", "--data", data, ...TINY],
        out: model,
        says: /model: .*choose another folder/,
      },
      {
        name: "demo over a run",
        run: ["demo", "--data", data],
        out: bare,
        says: /bare: expected an earlier demo or a new folder/,
      },
      {
        name: "nothing to resume",
        run: resume,
        says: /config.json: no such file; expected the folder of a run/,
      },
      {
        name: "adapted model, resumed",
        run: resume,
        out: model,
        says: /model: expected a run of pretrain, found weak-to-strong/,
      },
      {
        name: "no manifest",
        run: [...evaluate(model), "--split", `${dir}/none.json`],
        says: /none.json: no such file/,
      },
      {
        name: "4D input",
        run: predict(model, cine),
        code: 2,
        says: /cine.nii.gz: expected a 3D scan, found 2 time points; --frame 0 to 1 takes one/,
      },
      {
        name: "no input",
        run: predict(model, `${dir}/none.nii.gz`),
        says: /none.nii.gz: no such file or folder/,
      },
      {
        name: "input that is no image",
        run: predict(model, text),
        says: /note.nii.gz: expected a NIfTI header/,
      },
      {
        name: "one bad scan among others",
        run: predict(model, mixed),
        says: /b.nii.gz: expected a NIfTI header/,
      },
    ]);
    for (const task of [["pretrain", "--data", data], ["demo", "--data", data]]) {
      const { code, stderr } = await runTask(task[0], ...task.slice(1), "--out", taken);
      assert.deepEqual([code, Deno.readTextFileSync(taken)], [1, "a file"]);
      assert.match(stderr, /^[^\n]*taken[^\n]*\n$/);
    }
  }));

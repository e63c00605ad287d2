import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { decodeModelFile } from "../../lib/export/model_file.ts";
import { readCheckpoint } from "../../lib/runs/checkpoint.ts";
import { checkpointPath } from "../../lib/runs/kept_checkpoints.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { prefixed } from "../../lib/training/weights/weight_tensors.ts";
import { onnxMetadata } from "../support/onnxruntime.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { imagePath, TESTING, writeCohort } from "../tasks/cohort.ts";
import { expectFailures } from "../refusals/failures.ts";

const STRUCTURES = ["RV", "MYO", "LV"].map((name, i) => ({ label: i + 1, name }));

Deno.test("models leave as files, and come in again", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const [pretrained, model, inContext] = ["pretrained", "model", "in-context"]
      .map((name) => `${dir}/${name}`);
    await expectDone("pretrain", "--data", data, "--out", pretrained, "--steps", "2", ...TINY);
    const adapt = (out: string, ...args: string[]) =>
      runTask("finetune", "--data", data, "--out", out, ...args);
    for (const [out, strategy] of [[model, "mean-teacher"], [inContext, "in-context"]]) {
      const { code, stderr } = await adapt(out, "--pretrained", pretrained, "--strategy", strategy);
      assert.equal(code, 0, stderr);
    }
    const files = `${dir}/files`;
    const write = (run: string, name: string) =>
      expectDone("export", "--model", run, "--out", `${files}/${name}`);
    const scan = imagePath(data, TESTING[0]);

    await t.step("export writes one file of a model, whole, and says what it is", async () => {
      const told = await write(model, "heart.safetensors");
      assert.match(
        told,
        /^logits of background, RV, MYO, LV, from slices of 16 × 16 pixels of 2 mm/m,
      );
      assert.match(
        told,
        /Written to .*files:\n {2}heart\.safetensors +logits of unet, 1756 weights\n/,
      );
      const next = await write(pretrained, "backbone.safetensors");
      assert.match(
        next,
        /^4 features of a pixel, [^]*deno task finetune --pretrained .*files\/backbone/m,
      );
      await write(inContext, "in-context.safetensors");
      await write(model, "heart.onnx");
      const json = ["--format", "onnx", "--out", `${files}/backbone.onnx`, "--json"];
      const { output, structures, bytes } = JSON.parse(
        await expectDone("export", "--model", pretrained, ...json),
      );
      assert.deepEqual([output, structures], ["features", []]);
      assert.equal(bytes, Deno.statSync(`${files}/backbone.onnx`).size);
      const left = [...Deno.readDirSync(files)].map(({ name }) => name).sort();
      const heart = ["heart.onnx", "heart.safetensors"];
      const names = ["backbone.onnx", "backbone.safetensors", ...heart, "in-context.safetensors"];
      assert.deepEqual(left, names);
    });

    await t.step("both formats say the same, and hold a Mean Teacher's teacher", async () => {
      const bytes = Deno.readFileSync(`${files}/heart.safetensors`);
      const { tensors, config, structures } = decodeModelFile(bytes, "heart");
      assert.deepEqual(structures, STRUCTURES);
      assert.deepEqual(config, JSON.parse(Deno.readTextFileSync(`${model}/config.json`)));
      const checkpoint = await readCheckpoint(checkpointPath(model));
      for (const [name, { values }] of Object.entries(tensors)) {
        assert.deepEqual(values, checkpoint.tensors[`teacher.${name}`].values, name);
      }
      const { crc32c: _, ...said } = decodeSafetensors(bytes, "heart").metadata;
      assert.deepEqual(onnxMetadata(Deno.readFileSync(`${files}/heart.onnx`)), said);
    });

    await t.step("predict and evaluate take a file as they take its run", async () => {
      for (const [run, file] of [[model, "heart"], [inContext, "in-context"]]) {
        const masks = await Promise.all(
          [run, `${files}/${file}.safetensors`].map(async (from, i) => {
            const out = `${dir}/masks-${file}-${i}`;
            await expectDone("predict", "--model", from, "--input", scan, "--out", out);
            return Deno.readFileSync(`${out}/${TESTING[0]}_frame01_mask.nii.gz`);
          }),
        );
        assert.deepEqual(masks[1], masks[0], file);
      }
      const split = ["--split", `${model}/split.json`, "--out", `${dir}/evaluation`, "--json"];
      const file = ["--model", `${files}/heart.safetensors`, ...split];
      const { student: _, ...ofRun } = JSON.parse(
        await expectDone("evaluate", "--data", data, "--model", model, "--json"),
      );
      assert.deepEqual(JSON.parse(await expectDone("evaluate", "--data", data, ...file)), ofRun);
    });

    await t.step(
      "finetune starts from a file as from its run, and tells what matches",
      async () => {
        const [ofRun, ofFile] = [`${dir}/of-run`, `${dir}/of-file`];
        assert.equal((await adapt(ofRun, "--pretrained", pretrained)).code, 0);
        const { code, stdout, stderr } = await adapt(
          ...[ofFile, "--pretrained", `${files}/backbone.safetensors`] as const,
        );
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^of its weights 32 match, 0 have another shape, 0 are missing$/m);
        const read = (run: string) => Deno.readFileSync(checkpointPath(run));
        assert.deepEqual(read(ofFile), read(ofRun));
        await expectDone(
          "pictures",
          ...[
            "--data",
            data,
            "--pretrained",
            `${files}/backbone.safetensors`,
            "--out",
            `${dir}/png`,
          ],
        );
      },
    );

    const { tensors } = decodeSafetensors(
      Deno.readFileSync(`${files}/heart.safetensors`),
      "heart",
    );
    const plain = `${files}/plain.safetensors`;
    Deno.writeFileSync(plain, encodeSafetensors({ tensors, metadata: { format: "pt" } }));
    const { "backbone.down.0.0.weight": _, ...others } = tensors;
    const part = `${files}/part.safetensors`;
    const more = {
      "backbone.down.0.0.bias": tensors["backbone.down.0.1.bias"],
      "backbone.down.0.1.bias": tensors["head.0.bias"],
      "encoder.x": { shape: [1, 2], values: new Float32Array(2) },
    };
    more["backbone.down.0.1.bias"] = {
      shape: [1, 4],
      values: more["backbone.down.0.1.bias"].values,
    };
    Deno.writeFileSync(part, encodeSafetensors({ tensors: { ...others, ...more }, metadata: {} }));

    await t.step("finetune takes another program's weights, with sizes from --set", async () => {
      const out = `${dir}/of-plain`;
      const from = ["--pretrained", plain, "--strategy", "probe", "--preset", "pix2rep-bt-small"];
      const { code, stdout, stderr } = await adapt(out, ...from, ...TINY.filter(isNotPixels));
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^of its weights 32 match, 0 have another shape, 0 are missing$/m);
      const adapted = await readCheckpoint(checkpointPath(out));
      const name = "backbone.up.0.3.weight";
      assert.deepEqual(adapted.tensors[name], tensors[name]);
      assert.equal(JSON.parse(Deno.readTextFileSync(`${out}/config.json`)).preset, from.at(-1));
    });

    await t.step("finetune takes the weights of a network wrapped in DataParallel", async () => {
      const wrapped = `${files}/wrapped.safetensors`;
      const all = prefixed("module.", tensors);
      Deno.writeFileSync(wrapped, encodeSafetensors({ tensors: all, metadata: {} }));
      const { code, stdout, stderr } = await adapt(
        ...[`${dir}/of-wrapped`, "--pretrained", wrapped, "--strategy", "probe", ...TINY] as const,
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^of its weights 32 match, 0 have another shape, 0 are missing$/m);
    });

    const table = new RegExp(
      "of its weights 30 match, 1 have another shape, 1 are missing; 2 unexpected\n" +
        " {2}weight +expected +found\n" +
        " {2}backbone.down.0.1.bias +\\[4\\] +\\[1,4\\]\n" +
        " {2}backbone.down.0.0.weight +\\[4,1,3,3\\] +none\n" +
        " {2}backbone.down.0.0.bias +none +\\[4\\]\n {2}encoder.x +none +\\[1,2\\]\n",
    );
    await t.step("what fits in part is taken with --partial alone", async () => {
      const { code, stdout, stderr } = await adapt(
        ...[`${dir}/part`, "--pretrained", part, "--partial", ...TINY] as const,
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, table);
    });

    const half = `${dir}/half`;
    await cp(model, half, { recursive: true });
    setStatus(half, "interrupted");
    const early = `${dir}/early`;
    await cp(pretrained, early, { recursive: true });
    setStatus(early, "running");
    const damaged = `${files}/damaged.safetensors`;
    const bytes = Deno.readFileSync(`${files}/heart.safetensors`);
    bytes[bytes.length - 3] ^= 8;
    Deno.writeFileSync(damaged, bytes);
    const exporting = (
      run: string,
      format = "onnx",
    ) => ["export", "--model", run, "--format", format];
    const tuning = (file: string) => ["finetune", "--data", data, "--pretrained", file];

    await t.step("what cannot be used is refused in one line, nothing changed", () =>
      expectFailures(dir, [
        {
          name: "half-trained model",
          run: exporting(half),
          says:
            /half: expected a model whose training is done, found it interrupted; .* finetune --res/,
        },
        {
          name: "half-trained backbone",
          run: exporting(early, "safetensors"),
          says:
            /early: expected a model whose training is done, found it running; .* pretrain --resume/,
        },
        {
          name: "in-context model as ONNX",
          run: exporting(inContext),
          says: /in-context: expected a network for ONNX, found an in-context model/,
        },
        { name: "no run", run: exporting(`${dir}/none`), says: /none\/config.json: no such file/ },
        {
          name: "folder in the place of a file",
          run: exporting(model),
          out: files,
          says: /files: expected a new file, found something there; choose another --out/,
        },
        {
          name: "damaged file",
          run: ["predict", "--model", damaged, "--input", scan],
          says: /damaged.safetensors: the checksum does not match: the file is damaged/,
        },
        {
          name: "damaged file to start from",
          run: tuning(damaged),
          says: /checksum does not match/,
        },
        {
          name: "backbone to segment with",
          run: ["predict", "--model", `${files}/backbone.safetensors`, "--input", scan],
          says: /backbone.safetensors: expected an adapted model, found a pretraining/,
        },
        {
          name: "another program's weights to segment with",
          run: ["predict", "--model", plain, "--input", scan],
          says:
            /expected a model of format pix2rep.model\/1, found pt; export a trained run to get one/,
        },
        {
          name: "another program's weights to look at",
          run: ["pictures", "--data", data, "--pretrained", plain],
          says: /plain.safetensors: expected weights with their configuration/,
        },
        {
          name: "checkpoint of a run",
          run: tuning(checkpointPath(model)),
          says: /expected a model of format pix2rep.model\/1, found pix2rep.checkpoint\/1/,
        },
        {
          name: "ONNX to start from",
          run: tuning(`${files}/heart.onnx`),
          says: /safetensors file/,
        },
        { name: "weights that fit in part", run: [...tuning(part), ...TINY], says: table },
        {
          name: "preset of a file that has a configuration",
          run: [...tuning(`${files}/backbone.safetensors`), "--preset", "pix2rep"],
          says: /--pretrained has a configuration of its own: leave out --preset/,
          code: 2,
        },
        {
          name: "best of a file",
          run: [...tuning(plain), "--best"],
          says: /--best: expected --pretrained RUN, a folder, found the file/,
          code: 2,
        },
        {
          name: "evaluation of a file without patients",
          run: ["evaluate", "--data", data, "--model", `${files}/heart.safetensors`],
          says: /expected --split FILE, a manifest with the patients to test on/,
          code: 2,
        },
      ]));

    await t.step(
      "an existing file, and one there is no room for, are never half-written",
      async () => {
        const before = Deno.readFileSync(`${files}/heart.onnx`);
        const again = await runTask(
          ...exporting(model) as [string],
          "--out",
          `${files}/heart.onnx`,
        );
        assert.equal(again.code, 1);
        assert.match(again.stderr, /^export: .*heart\.onnx: expected a new file/);
        assert.deepEqual(Deno.readFileSync(`${files}/heart.onnx`), before);
        const [task, ...args] = [...exporting(model), "--out", `${dir}/full.onnx`];
        const { code, stderr } = await outcome(startTask(task, args, { fileBlocks: 4 }));
        assert.equal(code, 1);
        assert.match(stderr, /^export: .*full\.onnx: expected room to write it, found none .*\n$/);
        const left = [...Deno.readDirSync(dir)].map(({ name }) =>
          name
        );
        assert.deepEqual(left.filter((name) => /full|drafts/.test(name)), []);
      },
    );
  }));

/** The loss of another preset has no such number. */
function isNotPixels(word: string, i: number, all: readonly string[]): boolean {
  return ![word, all[i + 1]].some((one) => one?.startsWith("loss.pixels"));
}

function setStatus(run: string, status: string): void {
  const path = `${run}/run.json`;
  const info = JSON.parse(Deno.readTextFileSync(path));
  Deno.writeTextFileSync(path, JSON.stringify({ ...info, status }));
}

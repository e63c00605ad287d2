import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { imagePath, TESTING, TRAINING, writeCohort } from "./cohort.ts";

/** What a scanner may leave in the fields of a NIfTI header that hold free text. */
const IDENTITY = "DOE^JANE 1970-01-01";

/** Free-text fields of NIfTI-1: where they start, and how long they are. */
const FIELDS = {
  data_type: [4, 10],
  db_name: [14, 18],
  descrip: [148, 80],
  aux_file: [228, 24],
  intent_name: [328, 16],
} as const;

/** Writes an identity into the header of every image of a cohort. */
function identify(data: string): void {
  for (const id of [...TRAINING, ...TESTING]) {
    const path = imagePath(data, id);
    const bytes = Uint8Array.from(gunzipSync(Deno.readFileSync(path)));
    for (const [start, length] of Object.values(FIELDS)) {
      bytes.set(new TextEncoder().encode(IDENTITY).subarray(0, length - 1), start);
    }
    Deno.writeFileSync(path, bytes);
  }
}

/** Every file below a folder as text, gzipped ones inflated. */
function contents(dir: string): { path: string; text: string }[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    if (isDirectory) return contents(path);
    const bytes = Deno.readFileSync(path);
    const text = new TextDecoder("latin1").decode(name.endsWith(".gz") ? gunzipSync(bytes) : bytes);
    return [{ path, text: `${name}\n${text}` }];
  });
}

/** Runs every task that writes, with what it prints, into a folder. */
async function runAll(data: string, out: string, args: readonly string[]): Promise<string> {
  const log = ["--log", "csv,tensorboard"];
  const quality = ["--set", "pretraining.qualityEvery=2"];
  const runs: [string, string[]][] = [
    ["pretrain", [
      ...["--out", `${out}/pretrained`, "--steps", "3", "--probe", "2"],
      ...[...TINY, ...quality, ...log, ...args],
    ]],
    ["finetune", ["--pretrained", `${out}/pretrained`, "--out", `${out}/model`, ...log]],
    ["export", ["--model", `${out}/model`, "--format", "onnx", "--out", `${out}/model.onnx`]],
    ["export", [
      ...["--model", `${out}/pretrained`, "--format", "safetensors"],
      ...["--out", `${out}/backbone.safetensors`],
    ]],
    ["evaluate", ["--model", `${out}/model`, "--out", `${out}/evaluation`]],
    ["sweep", [
      ...[
        "--out",
        `${out}/sweep`,
        "--presets",
        "pix2rep-small",
        "--strategies",
        "scratch,finetune",
      ],
      ...["--patients", "1", "--seeds", "0,1", ...TINY, "--set", "pretraining.epochs=1", ...args],
    ]],
  ];
  const printed: string[] = [];
  for (const [task, own] of runs) {
    const ofData = task === "export" ? [] : ["--data", data];
    const { code, stdout, stderr } = await runTask(task, ...ofData, ...own);
    assert.equal(code, 0, stderr);
    printed.push(stdout.replaceAll(out, ""), stderr);
  }
  return printed.join("\n").replaceAll(data, "");
}

Deno.test("nothing that is written holds a path of the machine or free text of a header", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/telltale-place/cohort`, `${dir}/telltale-place/out`];
    await writeCohort(data);
    identify(data);
    await runAll(data, out, []);
    await expectDone(
      "predict",
      "--model",
      `${out}/model`,
      "--input",
      data,
      "--out",
      `${out}/masks`,
    );
    const files = contents(out);
    assert.ok(files.length > 30, `${files.length} files`);
    for (const { path, text } of files) {
      for (const telltale of ["telltale-place", dir, "DOE^", "JANE", "1970-01-01"]) {
        assert.ok(!text.includes(telltale), `${path} holds ${telltale}`);
      }
    }
    assert.ok(files.some(({ text }) => text.includes(TRAINING[0])), "ids are there unless hidden");
  }));

Deno.test("with --pseudonyms, nothing that is written or printed names a patient", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/out`];
    await writeCohort(data);
    const printed = await runAll(data, out, ["--pseudonyms"]);
    const files = contents(out);
    for (const { path, text } of [...files, { path: "the terminal", text: printed }]) {
      const id = [...TRAINING, ...TESTING].find((id) => text.includes(id));
      assert.equal(id, undefined, `${path} names ${id}`);
    }
    const split = JSON.parse(Deno.readTextFileSync(`${out}/model/split.json`));
    assert.deepEqual(split.test, ["P007", "P008"]);
    assert.match(Deno.readTextFileSync(`${out}/evaluation/metrics.csv`), /^P007,/m);

    const json = await expectDone(
      ...["evaluate", "--data", data, "--model", `${out}/model`, "--json"] as const,
    );
    assert.equal(JSON.parse(json).patients, 2, "the run tells that it has pseudonyms");
  }));

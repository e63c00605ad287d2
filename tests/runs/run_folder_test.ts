import assert from "node:assert/strict";
import { checkpointPath, keepCheckpoint } from "../../lib/runs/kept_checkpoints.ts";
import {
  expectNoRun,
  openRun,
  readQuality,
  readSteps,
  reopenRun,
  type RunInfo,
  startRun,
  writeRunInfo,
} from "../../lib/runs/run_folder.ts";
import { withFolder } from "../support/datasets.ts";
import { TINY } from "../training/tiny.ts";

const info: RunInfo = {
  schema: "pix2rep.run/1",
  kind: "finetune",
  status: "done",
  dataset: "phantom",
  structures: [{ label: 1, name: "RV" }],
  regions: [{ name: "heart", labels: [1] }],
  steps: 20,
  backend: "simd",
  deno: "2.9.6",
  seconds: 4,
};
const tensors = { "head.0.bias": { shape: [2], values: Float32Array.of(1, 2) } };

/** Writes a whole run. */
async function writeRun(dir: string): Promise<void> {
  await startRun(dir, { config: TINY, info });
  await keepCheckpoint(dir, { tensors, metadata: { step: "20" } });
}

Deno.test("openRun() reads back what was written", () =>
  withFolder(async (dir) => {
    await writeRun(dir);
    const run = await openRun(dir);
    assert.deepEqual(run.config, TINY);
    assert.deepEqual(run.info, info);
    assert.deepEqual(run.checkpoint.tensors, tensors);
    assert.equal(run.checkpoint.metadata.step, "20");
  }));

Deno.test("openRun() says in one line what is wrong with a folder", () =>
  withFolder(async (dir) => {
    const damages: [RegExp, (run: string) => Promise<void>][] = [
      [/config\.json: no such file; expected the folder of a run$/, (run) =>
        Deno.remove(run, {
          recursive: true,
        })],
      [/config\.json: /, (run) => Deno.writeTextFile(`${run}/config.json`, "{")],
      [
        /config\.json: seed: /,
        (run) => Deno.writeTextFile(`${run}/config.json`, JSON.stringify({ ...TINY, seed: -1 })),
      ],
      [/run\.json: no such file/, (run) => Deno.remove(`${run}/run.json`)],
      [
        /run\.json: /,
        (run) => Deno.writeTextFile(`${run}/run.json`, JSON.stringify({ ...info, status: "lost" })),
      ],
      [
        /expected a checkpoint, found none: the run was stopped before its first$/,
        (run) => Deno.remove(checkpointPath(run)),
      ],
      [
        /model\.safetensors: not a complete safetensors file/,
        (run) => Deno.truncate(checkpointPath(run), 20),
      ],
    ];
    for (const [i, [message, damage]] of damages.entries()) {
      const run = `${dir}/${i}`;
      await writeRun(run);
      await damage(run);
      await assert.rejects(openRun(run), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(run) && !error.message.includes("\n"), error.message);
        return true;
      });
    }
  }));

Deno.test("reopenRun() removes a damaged checkpoint, but nothing of a run of another kind", () =>
  withFolder(async (dir) => {
    await writeRun(dir);
    await keepCheckpoint(dir, { tensors, metadata: { step: "20" } });
    const path = checkpointPath(dir);
    await Deno.truncate(path, 20);
    await assert.rejects(reopenRun(dir, ["pretrain"]), {
      name: "TypeError",
      message: `${dir}: expected a run of pretrain, found finetune`,
    });
    assert.equal(Deno.statSync(path).size, 20);
    const { damage, info: { status } } = await reopenRun(dir, ["scratch", "finetune"]);
    assert.match(damage!, /not a complete safetensors file/);
    assert.equal(status, "interrupted");
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    assert.equal((await openRun(dir)).checkpoint.metadata.step, "20");
  }));

Deno.test("expectNoRun() takes new and empty folders, and runs left without a checkpoint", () =>
  withFolder(async (dir) => {
    await expectNoRun(dir);
    await expectNoRun(`${dir}/new`);
    await writeRun(dir);
    await writeRunInfo(dir, { ...info, status: "interrupted" });
    await Deno.remove(checkpointPath(dir));
    await expectNoRun(dir);
  }));

Deno.test("expectNoRun() refuses what would be overwritten", () =>
  withFolder(async (dir) => {
    const notes = `${dir}/notes.txt`;
    await Deno.writeTextFile(notes, "");
    const full = "expected an empty or new folder for this run, found";
    await assert.rejects(expectNoRun(dir), {
      message: `${dir}: ${full} 1 entries; choose another folder`,
    });
    await assert.rejects(expectNoRun(notes), {
      message: `${notes}: expected a folder for this run, found a file; choose another folder`,
    });
    const run = `${dir}/run`;
    await writeRun(run);
    await writeRunInfo(run, { ...info, status: "interrupted" });
    await assert.rejects(expectNoRun(run), {
      message: `${run}: ${full} 3 entries; choose another folder`,
    });
  }));

Deno.test("readSteps() and readQuality() find nothing where there is no run", () =>
  withFolder(async (dir) => {
    assert.deepEqual([await readSteps(dir), await readQuality(dir)], [[], []]);
  }));

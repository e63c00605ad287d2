import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { lockDrafts, lockFolder } from "../../tasks/support/command/lock.ts";
import { writeCohort } from "./cohort.ts";

Deno.test("a second process is refused while a first writes, and not once that was killed", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/run`];
    await writeCohort(data);
    const run = ["--data", data, "--out", out, "--steps", "5000", "--save-every", "0", ...TINY];
    const first = startTask("pretrain", run);
    const ended = outcome(first);
    while (!existsSync(`${out}/checkpoint/model.safetensors`)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const resume = ["--data", data, "--out", out, "--resume", "--steps", "1"];
    for (const [task, args] of [["pretrain", run], ["pretrain", resume]] as const) {
      const { code, stderr } = await runTask(task, ...args);
      assert.equal(code, 1);
      assert.equal(
        stderr,
        `${task}: ${out}: another process is writing to it; wait for it or choose another --out\n`,
      );
    }
    first.kill("SIGKILL");
    assert.equal((await ended).code, 137);
    assert.ok(existsSync(`${out}/.lock`), "the killed one had no time to tidy up");
    const info = JSON.parse(Deno.readTextFileSync(`${out}/run.json`));
    Deno.writeTextFileSync(`${out}/run.json`, JSON.stringify({ ...info, steps: 1 }));
    await expectDone("pretrain", "--data", data, "--out", out, "--resume");
    assert.ok(!existsSync(`${out}/.lock`));
  }));

Deno.test("lockFolder() makes the folder and removes it again where nothing was written", () =>
  withFolder(async (dir) => {
    const out = `${dir}/new/run`;
    const unlock = await lockFolder(out);
    await assert.rejects(lockFolder(out), { message: /another process is writing to it/ });
    unlock();
    assert.ok(!existsSync(`${dir}/new`));
    const again = await lockFolder(out);
    Deno.writeTextFileSync(`${out}/result`, "");
    again();
    assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name), ["result"]);
  }));

Deno.test("lockDrafts() removes the folder with what was left in it, and keeps others out", () =>
  withFolder(async (dir) => {
    const drafts = `${dir}/.model.onnx-drafts`;
    Deno.mkdirSync(drafts);
    Deno.writeTextFileSync(`${drafts}/half-written`, "by one that was killed");
    const unlock = await lockDrafts(drafts);
    await assert.rejects(lockDrafts(drafts), { message: /another process is writing to it/ });
    unlock();
    assert.ok(!existsSync(drafts));
  }));

Deno.test("lockFolder() lets those in who share it, and keeps out who does not", () =>
  withFolder(async (dir) => {
    const out = `${dir}/sweep`;
    const [first, second] = [
      await lockFolder(out, { shared: true }),
      await lockFolder(out, { shared: true }),
    ];
    first();
    await assert.rejects(lockFolder(out), { message: /another process is writing to it/ });
    const third = await lockFolder(out, { shared: true });
    second();
    third();
    assert.ok(!existsSync(`${out}/.lock`), "the last one takes the file away");
    const alone = await lockFolder(out);
    await assert.rejects(lockFolder(out, { shared: true }), /another process is writing to it/);
    const later = lockFolder(out, { shared: true });
    setTimeout(alone, 150);
    (await later)();
  }));

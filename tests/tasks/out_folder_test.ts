import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { lockFolder } from "../../tasks/support/command/lock.ts";
import { expectOwnFolder } from "../../tasks/support/command/out_folder.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";

const names = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

const posix = (name: string) => ({ name, ignore: Deno.build.os === "windows" });

Deno.test({
  ...posix("pretrain and evaluate write to an --out that is a link, or lies below one"),
  fn: () =>
    withFolder(async (dir) => {
      const [data, disk] = [`${dir}/cohort`, `${dir}/disk`];
      await writeCohort(data);
      Deno.mkdirSync(disk);
      Deno.symlinkSync("disk", `${dir}/runs`);
      const run = (out: string) => ["--data", data, "--out", out, ...TINY];
      await expectDone("pretrain", ...run(`${dir}/runs`), "--steps", "2");
      assert.ok(existsSync(`${disk}/checkpoint/model.safetensors`));
      await expectDone("finetune", ...run(`${dir}/runs/a/b`), "--pretrained", `${dir}/runs`);
      await expectDone("evaluate", "--data", data, "--model", `${dir}/runs/a/b`);
      assert.ok(existsSync(`${disk}/a/b/evaluation/metrics.csv`));
      assert.ok(!existsSync(`${disk}/a/b/.lock`));
    }),
});

Deno.test({
  ...posix("a link that leads out of --out is refused, and nothing is made or changed"),
  fn: () =>
    withFolder(async (dir) => {
      const [data, out, outside] = [`${dir}/cohort`, `${dir}/run`, `${dir}/outside`];
      await writeCohort(data);
      await expectDone("pretrain", "--data", data, "--out", out, "--steps", "2", ...TINY);
      Deno.renameSync(`${out}/checkpoint`, outside);
      Deno.symlinkSync("../outside", `${out}/checkpoint`);
      const before = Deno.readFileSync(`${outside}/model.safetensors`);
      const resume = ["--data", data, "--out", out, "--resume", "--steps", "9"];
      const { code, stderr } = await runTask("pretrain", ...resume);
      assert.deepEqual([code, stderr], [
        1,
        `pretrain: ${out}/checkpoint: expected a folder below ${out}, found a link that leads out ` +
        "of it, or nowhere; remove it, or choose another --out\n",
      ]);
      assert.ok(!existsSync(`${out}/.lock`));
      assert.deepEqual(Deno.readFileSync(`${outside}/model.safetensors`), before);
      assert.deepEqual(names(outside), ["model.safetensors"]);
    }),
});

Deno.test({
  ...posix("expectOwnFolder() refuses links to nothing, files, and links out of it alone"),
  fn: () =>
    withFolder((dir) => {
      const out = `${dir}/out`;
      Deno.mkdirSync(`${out}/inside/deep`, { recursive: true });
      Deno.mkdirSync(`${dir}/outside`);
      Deno.writeTextFileSync(`${dir}/file`, "");
      Deno.symlinkSync("inside", `${out}/another`);
      Deno.symlinkSync("../file", `${out}/read-only`);
      expectOwnFolder(out);
      expectOwnFolder(`${dir}/new/one`);
      const refused = (link: string, to: string, message: RegExp, folder = out, within = out) => {
        Deno.symlinkSync(to, link);
        assert.throws(() => expectOwnFolder(folder, { within }), { message });
        Deno.removeSync(link);
      };
      refused(
        `${out}/inside/deep/x`,
        `${dir}/outside`,
        /deep\/x: .* leads out of it/,
      );
      refused(`${out}/inside/x`, "nowhere", /inside\/x: .* leads out of it/);
      refused(`${out}/runs`, "../outside", /runs\/a: .*leads out of it/, `${out}/runs/a`);
      refused(
        `${dir}/link`,
        "gone",
        /link: .*found a link to gone, where/,
        `${dir}/link`,
        `${dir}/link`,
      );
      assert.throws(() => expectOwnFolder(`${dir}/file`), {
        message: /file: expected a folder, found something else/,
      });
      return Promise.resolve();
    }),
});

Deno.test({
  ...posix("lockFolder() refuses a .lock that is no file"),
  fn: () =>
    withFolder(async (dir) => {
      Deno.symlinkSync("/none/at/all", `${dir}/.lock`);
      await assert.rejects(lockFolder(dir), { message: /\.lock: expected a (file|folder)/ });
      Deno.removeSync(`${dir}/.lock`);
      Deno.mkdirSync(`${dir}/.lock`);
      await assert.rejects(lockFolder(dir), { message: /\.lock: expected a file, found/ });
    }),
});

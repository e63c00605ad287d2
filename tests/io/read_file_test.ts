import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { readTextIfAny } from "../../lib/io/folders.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readBytes } from "../../lib/io/read_file.ts";
import { withFolder, writeAcdcPatient } from "../support/datasets.ts";
import { WORDINGS } from "../support/wordings.ts";

const read = (path: string) => readBytes(path, { maxBytes: 100 });

Deno.test("readBytes() refuses what is no regular file, and does not wait for it", () =>
  withFolder(async (dir) => {
    await mkdir(`${dir}/folder.nii`);
    await assert.rejects(read(`${dir}/folder.nii`), /TypeError: .*found a folder/);
    Deno.symlinkSync("loop.nii", `${dir}/loop.nii`);
    await assert.rejects(read(`${dir}/loop.nii`), /loop\.nii: a link that leads back to itself/);
    await assert.rejects(read("/dev/zero"), /TypeError: .*found a pipe or device/);
    await assert.rejects(read(`${dir}/${"x".repeat(5000)}`), (error: Error) => {
      assert.match(error.message, /the name is too long for a file$/);
      return error.message.length < 1200;
    });
    await assert.rejects(read(`${dir}/a\0b`), /a\\u0000b: no name of a file/);
    await writeAcdcPatient(`${dir}/acdc`, "patient001");
    Deno.removeSync(`${dir}/acdc/patient001/Info.cfg`);
    await new Deno.Command("mkfifo", { args: [`${dir}/acdc/patient001/Info.cfg`] }).output();
    await assert.rejects(openDataset(`${dir}/acdc`), /Info\.cfg: .*found a pipe or device/);
    await assert.rejects(
      openDataset(`${dir}/acdc/patient001/Info.cfg`),
      /TypeError: .*Info\.cfg: expected a folder, found a pipe or device/,
    );
  }));

Deno.test("readBytes() says that a file may not be read", () =>
  withFolder(async (dir) => {
    Deno.writeTextFileSync(`${dir}/secret`, "x", { mode: 0o000 });
    const allowed = await Deno.readTextFile(`${dir}/secret`).then(() => true, () => false);
    if (allowed) return; // The superuser may read everything.
    await assert.rejects(read(`${dir}/secret`), /^Error: [^\n]*secret: no permission to read it$/);
  }));

Deno.test("readBytes() reads no more than a file held, and what is left of one that shrinks", () =>
  withFolder(async (dir) => {
    const path = `${dir}/a`;
    Deno.writeFileSync(path, new Uint8Array(101));
    await assert.rejects(read(path), /RangeError: .*at most 100 bytes, found 101/);
    Deno.writeFileSync(path, new Uint8Array(100));
    for (const size of [7, 1000]) {
      Deno.truncateSync(path, 100);
      const reading = read(path);
      Deno.truncateSync(path, size);
      const { length } = await reading.catch(({ message }) => {
        // It grew before it was looked at.
        assert.match(message, /found 1000/);
        return { length: 100 };
      });
      assert.ok(length === 100 || length === 7, `${length}`);
    }
  }));

Deno.test("readTextIfAny() finds nothing where there is nothing, and refuses a folder", () =>
  withFolder(async (dir) => {
    assert.equal(await readTextIfAny(`${dir}/none`), undefined);
    await assert.rejects(readTextIfAny(dir), new RegExp(WORDINGS.folderFound));
  }));

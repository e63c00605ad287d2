import assert from "node:assert/strict";
import { type FileHandle, open } from "node:fs/promises";
import { makeFolder, removeTemporaryFiles, writeFileAtomically } from "../../lib/io/write_file.ts";
import { withFolder } from "../support/datasets.ts";

const names = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

Deno.test("writeFileAtomically() puts the old content where it is asked to", () =>
  withFolder(async (dir) => {
    const [path, previous] = [`${dir}/a`, `${dir}/b`];
    for (const text of ["one", "two", "three"]) await writeFileAtomically(path, text, { previous });
    assert.equal(Deno.readTextFileSync(path), "three");
    assert.equal(Deno.readTextFileSync(previous), "two");
    assert.deepEqual(names(dir), ["a", "b"]);
  }));

Deno.test({
  name: "writeFileAtomically() flushes the file before it has its name, and the folder after",
  // Windows opens no folders.
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const path = `${dir}/a`;
      await writeFileAtomically(path, "old");
      const any = await open(path);
      const prototype: FileHandle = Object.getPrototypeOf(any);
      await any.close();
      const { sync } = prototype;
      const flushed: string[] = [];
      prototype.sync = async function () {
        const file = await this.stat();
        const size = file.isDirectory() ? "" : ` of ${file.size} bytes`;
        flushed.push(
          `a ${size ? "file" : "folder"}${size} while it is ${Deno.readTextFileSync(path)}`,
        );
        await sync.call(this);
      };
      try {
        await writeFileAtomically(path, "newer");
      } finally {
        prototype.sync = sync;
      }
      assert.deepEqual(flushed, [
        "a file of 5 bytes while it is old",
        "a folder while it is newer",
      ]);
    }),
});

Deno.test("removeTemporaryFiles() removes what a killed write left, and nothing else", () =>
  withFolder(async (dir) => {
    const left = `.${crypto.randomUUID()}.tmp`;
    const others = [".hidden.tmp", "model.safetensors", "notes.tmp"];
    for (const name of [left, ...others]) Deno.writeTextFileSync(`${dir}/${name}`, "");
    await removeTemporaryFiles(dir);
    assert.deepEqual(names(dir), others);
  }));

Deno.test({
  name: "writeFileAtomically() tells of a full disk in one line, and keeps the old content",
  // A limit on files stands for the full disk: with its signal ignored, writes fail as there.
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const path = `${dir}/file`;
      Deno.writeTextFileSync(path, "old");
      const module = new URL("../../lib/io/write_file.ts", import.meta.url);
      const script = `
        const { writeFileAtomically } = await import("${module}");
        try { await writeFileAtomically("${path}", "x".repeat(1e6)); }
        catch (error) { console.log(error.message); }`;
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `trap '' XFSZ; ulimit -f 64; exec "$0" eval '${script}'`, Deno.execPath()],
      }).output();
      assert.equal(
        new TextDecoder().decode(stdout),
        `${path}: expected room to write it, found none (EFBIG: the disk, a quota or a limit is ` +
          "full); free some, then go on\n",
      );
      assert.equal(Deno.readTextFileSync(path), "old");
      assert.deepEqual(names(dir), ["file"]);
    }),
});

Deno.test({
  name: "writeFileAtomically() and makeFolder() say in one line why nothing can be written",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      Deno.writeTextFileSync(`${dir}/file`, "");
      Deno.mkdirSync(`${dir}/folder/full`, { recursive: true });
      const refused = (made: Promise<unknown>, path: string, found: string) => {
        const message = `${path}: expected a place to write to, found ${found}; choose another`;
        return assert.rejects(made, { message });
      };
      const write = (path: string, found: string) =>
        refused(writeFileAtomically(path, "x"), path, found);
      await write(`${dir}/none/x`, "no such folder (ENOENT)");
      await write(`${dir}/file/x`, "a file in the place of a folder (ENOTDIR)");
      await write(`${dir}/folder`, "a folder in its place (EISDIR)");
      await write(`${dir}/${"x".repeat(256)}`, "a name that is too long (ENAMETOOLONG)");
      const make = (path: string, found: string) => refused(makeFolder(path), path, found);
      await make(`${dir}/file`, "something else there (EEXIST)");
      await make(`${dir}/file/x`, "a file in the place of a folder (ENOTDIR)");
      assert.deepEqual(names(dir), ["file", "folder"], "nothing is left");
    }),
});

Deno.test("writeFileAtomically() writes names as long as the disk takes them", () =>
  withFolder(async (dir) => {
    const path = `${dir}/${"x".repeat(255)}`;
    await writeFileAtomically(path, "whole");
    assert.equal(Deno.readTextFileSync(path), "whole");
  }));

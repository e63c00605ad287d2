import assert from "node:assert/strict";
import { removeTemporaryFiles, writeFileAtomically } from "../../lib/data/write_file.ts";
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
      const module = new URL("../../lib/data/write_file.ts", import.meta.url);
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

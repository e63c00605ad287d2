import assert from "node:assert/strict";
import { accessOf } from "../../tasks/support/command/access.ts";
import { withFolder } from "../support/datasets.ts";

const readBy = (input: string) =>
  accessOf("predict", ["--model", "m", "--input", input]).read.filter((path) => path !== "m");

Deno.test("accessOf() opens both files of a scan in two parts, and none elsewhere", () =>
  withFolder(async (dir) => {
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    };
    const out = "runs/predict";
    assert.deepEqual(readBy("a.hdr"), ["a.hdr", "a.img", out]);
    assert.deepEqual(readBy("a.IMG.gz"), ["a.HDR.gz", "a.IMG.gz", out]);
    const meta = await file("a.mhd", "NDims = 3\r\nElementDataFile = sub/a.raw\r\n");
    assert.deepEqual(readBy(meta), [meta, `${dir}/sub/a.raw`, out]);
    const nrrd = await file("a.NHDR", "NRRD0004\ntype: short\ndata file: ./a.raw.gz\n");
    assert.deepEqual(readBy(nrrd), [nrrd, `${dir}/a.raw.gz`, out]);
    for (
      const text of [
        "ElementDataFile = ../a.raw\n",
        "ElementDataFile = LOCAL\n",
        "data file:= a.raw\n",
        "NRRD0004\n\ndata file: a.raw\n",
        "",
      ]
    ) {
      const header = await file("b.mhd", text);
      assert.deepEqual(readBy(header), [header, out], text);
    }
    assert.deepEqual(readBy(`${dir}/none.mhd`), [`${dir}/none.mhd`, out]);
  }));

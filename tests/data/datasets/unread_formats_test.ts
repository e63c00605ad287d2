import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, withFolder, writeTiny } from "../../support/datasets.ts";

Deno.test("openDataset() lists masks of a format that is not read", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/images`);
    await Deno.mkdir(`${dir}/labels`);
    await writeTiny(`${dir}/images/a.nii.gz`, tinyImage());
    for (const name of ["a.jpg", "a.npy", "notes.txt"]) {
      await Deno.writeTextFile(`${dir}/labels/${name}`, "");
    }
    assert.deepEqual(
      (await openDataset(dir)).unused,
      ["a.jpg", "a.npy"].map((name) => ({
        path: `${dir}/labels/${name}`,
        why: "its format is not read; convert it to NIfTI or PNG",
      })),
    );
  }));

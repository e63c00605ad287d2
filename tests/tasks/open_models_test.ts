import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { modelPaths } from "../../tasks/support/models/open_models.ts";

Deno.test("modelPaths() takes RUN/folds for the models of its folds, in their order", () =>
  withFolder(async (dir) => {
    for (const name of ["a/folds/2", "a/folds/1", "a/folds/10", "b/folds", "c/folds"]) {
      await Deno.mkdir(`${dir}/${name}`, { recursive: true });
    }
    await Deno.writeTextFile(`${dir}/a/folds/pretrained.safetensors`, "");
    await Deno.writeTextFile(`${dir}/c/folds/run.json`, "{}");
    assert.deepEqual(await modelPaths([`${dir}/a`, `${dir}/a/folds/`, "model.safetensors"]), [
      `${dir}/a`,
      ...["1", "2", "10"].map((fold) => `${dir}/a/folds/${fold}`),
      "model.safetensors",
    ]);
    assert.deepEqual(await modelPaths([`${dir}/c/folds`]), [`${dir}/c/folds`]);
    const none = /b\/folds: expected the folds of finetune --folds, found none/;
    await assert.rejects(modelPaths([`${dir}/b/folds`]), none);
  }));

import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../lib/data/datasets/splits.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { imagePath, TRAINING, writeCohort } from "../tasks/cohort.ts";
import { writeConstantModel } from "../tasks/constant_model.ts";
import { expectFailures } from "../refusals/failures.ts";

const config: Config = { ...TINY, grid: { size: 20, spacing: 1.5, axis: "auto" } };

/** Two models that do not go with the others. */
const ODD = {
  learnt: /learnt\/split\.json: expected the test patients of .*a\/split\.json, found others/,
  stored: /stored: expected a model that agrees with .* in the order of voxels, RAS.* found as st/,
};

Deno.test(
  "predict and evaluate take several models, and the mean of their probabilities",
  onCpu(() =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      const dataset = await openDataset(data);
      // Alone, the one finds RV everywhere, the others LV; sure as it is, RV wins against one of them.
      const coarse: Config = { ...config, grid: { size: 12, spacing: 3, axis: "auto" } };
      await writeConstantModel(`${dir}/a`, dataset, { config, logits: [0, 3, 0, 0] });
      await writeConstantModel(`${dir}/b`, dataset, { config: coarse, logits: [0, 0, 0, 2] });
      await writeConstantModel(`${dir}/c`, dataset, { config, logits: [0, 0, 0, 2] });
      const scan = imagePath(data, TRAINING[0]);
      const backend = ["--backend", "simd"];
      const models = (names: string) => [...names].flatMap((name) => ["--model", `${dir}/${name}`]);
      const labelsBy = async (names: string) => {
        const out = `${dir}/masks-${names}`;
        const run = [...models(names), "--input", scan, "--out", out, ...backend];
        await expectDone("predict", ...run);
        const [file] = [...Deno.readDirSync(out)].filter(({ isFile }) => isFile);
        return [...new Set((await readVolume(`${out}/${file.name}`)).voxels)];
      };
      assert.deepEqual(await labelsBy("a"), [1]);
      assert.deepEqual(await labelsBy("b"), [3]);
      assert.deepEqual(await labelsBy("ab"), [1]);
      assert.deepEqual(await labelsBy("bac"), [3]);

      const diceOf = async (names: string) => {
        const run = ["--data", data, "--out", `${dir}/measured-${names}`, "--json", ...backend];
        const { structures } = JSON.parse(await expectDone("evaluate", ...models(names), ...run));
        return [structures.RV.dice, structures.LV.dice];
      };
      const [alone, together] = [await diceOf("a"), await diceOf("ab")];
      assert.deepEqual(together, alone);
      assert.ok(alone[0] > 0 && alone[1] === 0, `${alone}`);
      assert.deepEqual(await diceOf("bac"), await diceOf("c"));

      const split = splitPatients({
        ...dataset,
        patients: dataset.patients.map((one) => ({ ...one, part: "training" as const })),
      }, { sizes: [1], testFraction: 0.5 });
      const model = { config, logits: [0, 1, 0, 0] };
      await writeConstantModel(`${dir}/learnt`, dataset, { ...model, split });
      await writeConstantModel(`${dir}/stored`, { ...dataset, order: undefined }, model);
      const two = { ...dataset, structures: dataset.structures.slice(0, 2) };
      await writeConstantModel(`${dir}/two`, two, { config, logits: [0, 1, 0] });
      const with_ = (name: string) => ["--model", `${dir}/a`, "--model", `${dir}/${name}`];
      const predict = (name: string) => ["predict", ...with_(name), "--input", scan, ...backend];
      await expectFailures(dir, [
        {
          name: "test patients of one are known to the other",
          run: ["evaluate", "--data", data, ...with_("learnt"), ...backend],
          says: ODD.learnt,
        },
        { name: "another order", run: predict("stored"), says: ODD.stored },
        {
          name: "other structures",
          run: predict("two"),
          says: /two: expected a model that agrees with .* in structures, RV.*LV.* found RV/,
        },
      ]);
    })
  ),
);

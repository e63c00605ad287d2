import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { withFolder } from "../support/datasets.ts";
import { expectDone, TINY } from "../support/run_task.ts";
import { writeTwoChannels } from "../support/two_channels.ts";
import { expectFailures } from "../refusals/failures.ts";

Deno.test("predict takes channels by what the names of files say", () =>
  withFolder(async (dir) => {
    const [data, model, out] = [`${dir}/data`, `${dir}/model`, `${dir}/masks`];
    await writeTwoChannels(data, { patients: 3 });
    const strategy = ["--strategy", "scratch", "--patients", "1"];
    await expectDone("finetune", "--data", data, "--out", model, ...strategy, ...TINY);
    const file = (channel: number) => `${data}/imagesTr/case_1_000${channel}.nii.gz`;
    const asked = (...inputs: string[]) => [
      ...["--model", model, ...inputs.flatMap((input) => ["--input", input])],
    ];
    const predict = (...inputs: string[]) => ["predict", ...asked(...inputs)];
    await mkdir(`${dir}/named`);
    const named = [`${dir}/named/a_t1.nii.gz`, `${dir}/named/a_t2.nii.gz`] as const;
    for (const i of [0, 1]) await Deno.copyFile(file(i), named[i]);
    await expectFailures(dir, [
      {
        name: "numbers the other way round",
        run: predict(file(1), file(0)),
        says: /case_1_0001\.nii\.gz: expected the channel T1 in this place, .* order, T1, T2/,
        code: 2,
      },
      {
        name: "names the other way round",
        run: predict(named[1], named[0]),
        says: /a_t2\.nii\.gz: expected the channel T1 in this place/,
        code: 2,
      },
      {
        name: "one file of two",
        run: predict(file(1)),
        says: /expected the 2 channels T1, T2; found 1; name each file with --input/,
      },
      {
        name: "a time point of a 3D scan",
        run: [...predict(file(0), file(1)), "--frame", "2"],
        says: /expected time point 2, found a 3D scan; leave --frame out/,
        code: 2,
      },
    ]);
    // A dataset's folder tells the names, imagesTr alone the numbers: the same channels.
    for (const [i, input] of [data, `${data}/imagesTr`].entries()) {
      await expectDone("predict", ...asked(input), "--out", `${out}${i}`);
    }
    const masks = [0, 1].map((i) => Deno.readFileSync(`${out}${i}/case_1.nii.gz`));
    assert.deepEqual(masks[0], masks[1]);
  }));

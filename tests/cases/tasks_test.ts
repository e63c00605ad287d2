/** Odd datasets as people bring them to the tasks, and what these print. */
import assert from "node:assert/strict";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { mapped, ring, save, SHAPE, writeCohort } from "./cohort.ts";

/** Settings by which a network learns rings in seconds. */
const RINGS = [
  ...["grid.size=40", "backbone.widths=[8,16,16]", "backbone.features=8"],
  ...["adaptation.iterations=60", "adaptation.batch=3", "adaptation.scratch.learningRate=0.01"],
].flatMap((set) => ["--set", set]);

const SCRATCH = ["--strategy", "scratch", "--preset", "pix2rep-demo", ...RINGS];

/** A split that tests on some patients and learns from others. */
async function writeSplit(path: string, test: string[], taught: string[]): Promise<void> {
  const subsets = { [taught.length]: taught };
  const split = { schema: "pix2rep.split/1", dataset: "d", seed: 0, test, pool: taught, subsets };
  await Deno.writeTextFile(path, JSON.stringify(split));
}

Deno.test("a model of 0, 17 and 1005 meets scans that lack a structure, a cine and lost sizes", (t) =>
  withFolder(async (dir) => {
    const [data, model] = [`${dir}/data`, `${dir}/model`];
    const values = (mask: Volume) => mapped(mask, (label) => [0, 17, 1005][label]);
    await writeCohort(data, { patients: 4, mask: values });
    await writeSplit(`${dir}/split.json`, ["c0", "c2"], ["c1", "c3"]);
    await expectDone(
      "finetune",
      ...["--data", data, "--split", `${dir}/split.json`, "--patients", "2", "--out", model],
      ...SCRATCH,
    );

    await t.step("evaluate says that no test scan has it, and what it left out", async () => {
      const lacking = `${dir}/lacking`;
      const thin = ({ geometry, ...volume }: Volume): Volume => ({
        ...volume,
        geometry: { ...geometry, pixdim: geometry.pixdim.with(3, 0) },
      });
      await writeCohort(lacking, {
        patients: 2,
        image: thin,
        mask: (mask) => thin(mapped(mask, (label) => label && 17)),
      });
      await writeSplit(`${dir}/lacking.json`, ["c0", "c1"], []);
      const { code, stdout, stderr } = await runTask(
        "evaluate",
        ...["--data", lacking, "--model", model, "--split", `${dir}/lacking.json`],
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /warning: no test scan has label 1005: where it is found/);
      assert.match(
        stderr,
        /warning: The voxel size pixdim\[3\] is 0; 8 is used\. \(.*c0\.nii\.gz and 1 more/,
      );
      assert.match(stdout, /label 17 +0\.\d{3} /);
    });

    await t.step("predict asks which time point of a cine, and takes one or each", async () => {
      const frames = [0, 2, 4].map((seed) => ring(seed).image);
      const voxels = Float32Array.from(frames.flatMap(({ voxels }) => [...voxels]));
      await save(`${dir}/cine.nii.gz`, { ...frames[0], voxels, shape: [...SHAPE, 3] });
      await save(`${dir}/third.nii.gz`, frames[2]);
      const predict = (input: string, ...args: string[]) =>
        runTask("predict", "--model", model, "--input", `${dir}/${input}`, "--out", dir, ...args);
      const asked = await predict("cine.nii.gz");
      assert.equal(asked.code, 2);
      assert.match(asked.stderr, /^predict: .*found 3 time points; --frame 0 to 2 takes one/);
      assert.equal((await predict("cine.nii.gz", "--frame", "3")).code, 2);
      for (
        const args of [["third.nii.gz"], ["cine.nii.gz", "--frame", "2"], [
          "cine.nii.gz",
          "--frame",
          "all",
        ]]
      ) {
        const { code, stderr } = await predict(args[0], ...args.slice(1));
        assert.equal(code, 0, stderr);
      }
      const [alone, one, all] = await Promise.all(
        ["third_mask", "cine_frame2_mask", "cine_mask"].map((name) =>
          readVolume(`${dir}/${name}.nii.gz`)
        ),
      );
      assert.deepEqual([...new Set(alone.voxels)].sort(), [0, 1005, 17]);
      assert.deepEqual([one.shape, one.voxels], [alone.shape, alone.voxels]);
      assert.deepEqual(all.shape, [...SHAPE, 3]);
      assert.deepEqual(all.voxels.subarray(2 * alone.voxels.length), alone.voxels);
    });
  }));

Deno.test("finetune warns of an empty mask and of a lacking structure, and draws others", () =>
  withFolder(async (dir) => {
    const data = `${dir}/data`;
    await writeCohort(data, {
      mask: (mask, patient) =>
        mapped(mask, (label) => patient === 2 || patient === 1 && label === 2 ? 0 : label),
    });
    const dry = ["--data", data, "--out", `${dir}/out`, "--dry-run", "--json", ...SCRATCH];
    for (
      const [patient, says] of [
        ["c2", /no structure is outlined in the masks of c2: the model will find nothing/],
        ["c1", /no labelled scan has label 2: the model will not find it/],
      ] as const
    ) {
      await writeSplit(`${dir}/split.json`, ["c0"], [patient]);
      const { code, stderr } = await runTask("finetune", ...dry, "--split", `${dir}/split.json`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, says);
    }
    for (const seed of ["0", "1", "2"]) {
      const { stdout } = await runTask("finetune", ...dry, "--seed", seed);
      assert.ok(!JSON.parse(stdout).patients.includes("c2"), stdout);
    }
  }));

Deno.test("scans without a mask are pretrained on, and so are those of whom some have one", () =>
  withFolder(async (dir) => {
    for (const [name, labelled] of [["none", 0], ["one", 1]] as const) {
      await writeCohort(`${dir}/${name}`, {
        patients: 3,
        mask: (mask, patient) => patient < labelled ? mask : undefined,
      });
      const out = `${dir}/${name}-out`;
      const printed = await expectDone(
        "pretrain",
        ...["--data", `${dir}/${name}`, "--out", out, "--steps", "2", ...TINY],
      );
      assert.match(printed, /18 slices of 3 patients/);
    }
  }));

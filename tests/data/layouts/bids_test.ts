import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../support/datasets.ts";

const MASKS = "derivatives/manual";

/** Two subjects, one with two sessions, with some masks. */
async function writeBids(dir: string): Promise<void> {
  for (
    const image of [
      "sub-02/anat/sub-02_acq-a_run-1_T1w",
      "sub-02/anat/sub-02_acq-b_T1w",
      "sub-01/ses-pre/anat/sub-01_ses-pre_T2w",
      "sub-01/ses-post/anat/sub-01_ses-post_T2w",
    ]
  ) {
    await writeTiny(`${dir}/${image}.nii.gz`, tinyImage());
  }
  await writeTiny(`${dir}/sub-03/func/sub-03_task-rest_bold.nii.gz`, tinyImage());
  for (
    const mask of [
      "sub-02/anat/sub-02_acq-a_run-1_seg-tissue_dseg",
      "sub-01/ses-pre/anat/sub-01_ses-pre_space-orig_dseg",
      "sub-01/ses-post/anat/sub-01_ses-post_space-MNI305_dseg",
    ]
  ) {
    await writeTiny(`${dir}/${MASKS}/${mask}.nii.gz`, tinyMask(2));
  }
}

Deno.test("openDataset() recognises BIDS and pairs masks by their entities", () =>
  withFolder(async (dir) => {
    await writeBids(dir);
    const { layout, structures, patients } = await openDataset(dir);
    assert.equal(layout, "bids");
    assert.deepEqual(structures, [{ label: 1, name: "label 1" }, { label: 2, name: "label 2" }]);
    const image = (path: string) => `${dir}/${path}.nii.gz`;
    assert.deepEqual(patients, [
      {
        id: "sub-01",
        group: "",
        part: "training",
        scans: [
          // The mask on another grid is not this image's.
          { image: image("sub-01/ses-post/anat/sub-01_ses-post_T2w") },
          {
            image: image("sub-01/ses-pre/anat/sub-01_ses-pre_T2w"),
            mask: image(`${MASKS}/sub-01/ses-pre/anat/sub-01_ses-pre_space-orig_dseg`),
          },
        ],
      },
      {
        id: "sub-02",
        group: "",
        part: "training",
        scans: [
          {
            image: image("sub-02/anat/sub-02_acq-a_run-1_T1w"),
            mask: image(`${MASKS}/sub-02/anat/sub-02_acq-a_run-1_seg-tissue_dseg`),
          },
          { image: image("sub-02/anat/sub-02_acq-b_T1w") },
        ],
      },
    ]);
  }));

Deno.test("openDataset() reads BIDS's groups and names of labels", () =>
  withFolder(async (dir) => {
    await writeBids(dir);
    await Deno.writeTextFile(
      `${dir}/participants.tsv`,
      "participant_id\tage\tgroup\nsub-02\t50\tcontrol\nsub-01\t51\tn/a\n",
    );
    const table = `${dir}/${MASKS}/dseg.tsv`;
    await Deno.writeTextFile(
      table,
      "index\tname\tcolor\n2\tWhite matter\t#fff\n1\tGrey matter\t#888\n",
    );
    const { structures, patients } = await openDataset(dir);
    assert.deepEqual(structures, [
      { label: 1, name: "Grey matter" },
      { label: 2, name: "White matter" },
    ]);
    assert.deepEqual(patients.map(({ group }) => group), ["", "control"]);

    const sidecar = `${dir}/${MASKS}/sub-02/anat/sub-02_acq-a_run-1_seg-tissue_dseg.tsv`;
    await Deno.writeTextFile(sidecar, "index\tname\n1\tCortex\n");
    await assert.rejects(openDataset(dir), /one name for label 1, found Grey matter and Cortex/);
    await Deno.writeTextFile(sidecar, "index\tname\n100\tCortex\n");
    await assert.rejects(openDataset(dir), /without gaps, found 0, 1, 2, 100; renumber them/);
    await Deno.writeTextFile(sidecar, "label\n1\n");
    await assert.rejects(openDataset(dir), /SyntaxError: .*expected the columns index and name/);
  }));

Deno.test("openDataset() tells which of several BIDS images a mask outlines, or refuses", () =>
  withFolder(async (dir) => {
    const anat = `${dir}/sub-01/anat/sub-01`;
    const mask = `${dir}/${MASKS}/sub-01/anat/sub-01_dseg.nii.gz`;
    await writeTiny(`${anat}_FLAIR.nii.gz`, tinyImage());
    await writeTiny(`${anat}_T2w.nii.gz`, tinyImage());
    await writeTiny(mask, tinyMask(1));
    await assert.rejects(openDataset(dir), /RangeError: .*_dseg.*FLAIR.* and .*T2w.*acq-/);
    await writeTiny(`${anat}_T1w.nii.gz`, tinyImage());
    const [{ scans }] = (await openDataset(dir)).patients;
    assert.deepEqual(scans.map((scan) => scan.mask), [undefined, mask, undefined]);
    await writeTiny(`${dir}/derivatives/other/deep/sub-01/anat/sub-01_dseg.nii.gz`, tinyMask(1));
    await assert.rejects(
      openDataset(dir),
      /sub-01_T1w.*expected one mask, found .* and .*keep one/,
    );
  }));

Deno.test("openDataset() takes BIDS without masks, and refuses it without images", () =>
  withFolder(async (dir) => {
    await writeTiny(`${dir}/sub-01/anat/sub-01_T1w.nii.gz`, tinyImage());
    await writeTiny(`${dir}/sub-01/anat/sub-01_mod-T1w_defacemask.nii.gz`, tinyMask(1));
    const { structures, patients } = await openDataset(dir);
    assert.deepEqual(structures, []);
    assert.deepEqual(patients[0].scans, [{ image: `${dir}/sub-01/anat/sub-01_T1w.nii.gz` }]);
    await Deno.remove(`${dir}/sub-01/anat/sub-01_T1w.nii.gz`);
    await assert.rejects(openDataset(dir, { layout: "bids" }), /found no sub-\*\/anat folders/);
  }));

import assert from "node:assert/strict";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../../support/datasets.ts";
import { WORDINGS } from "../../../support/wordings.ts";

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
    assert.deepEqual((await openDataset(dir)).structures.at(-1), {
      label: 3,
      name: "Cortex",
      values: [100],
    });
    await Deno.writeTextFile(sidecar, "label\n1\n");
    await assert.rejects(openDataset(dir), /SyntaxError: .*expected the columns index and name/);
  }));

Deno.test("openDataset() joins BIDS images that differ in their suffix alone, as channels", () =>
  withFolder(async (dir) => {
    const anat = `${dir}/sub-01/anat/sub-01`;
    const mask = `${dir}/${MASKS}/sub-01/anat/sub-01_dseg.nii.gz`;
    for (const suffix of ["FLAIR", "T1w"]) {
      await writeTiny(`${anat}_${suffix}.nii.gz`, tinyImage());
      await writeTiny(`${dir}/sub-02/anat/sub-02_${suffix}.nii.gz`, tinyImage());
    }
    await writeTiny(mask, tinyMask(1));
    const { channels, patients } = await openDataset(dir);
    assert.deepEqual(channels, ["FLAIR", "T1w"]);
    assert.deepEqual(patients[0].scans, [{
      image: `${anat}_FLAIR.nii.gz`,
      channels: [{ path: `${anat}_FLAIR.nii.gz` }, { path: `${anat}_T1w.nii.gz` }],
      mask,
    }]);
    // Another acquisition is another scan, which lacks a channel.
    await writeTiny(`${dir}/sub-02/anat/sub-02_acq-fast_FLAIR.nii.gz`, tinyImage());
    await assert.rejects(openDataset(dir), /the channel T1w of every scan, found none of sub-02;/);
    const chosen = await openDataset(dir, { data: { channels: ["T1w"] } });
    assert.deepEqual(chosen.patients.map(({ scans }) => scans.length), [1, 1]);
    assert.match(chosen.unused?.[0].path ?? "", /acq-fast/);

    await writeTiny(`${dir}/derivatives/other/deep/sub-01/anat/sub-01_dseg.nii.gz`, tinyMask(1));
    await assert.rejects(
      openDataset(dir),
      /sub-01_FLAIR.*expected one mask, found .* and .*keep one/,
    );
  }));

Deno.test("openDataset() reads BIDS masks of one thing where there is no dseg", () =>
  withFolder(async (dir) => {
    const write = (name: string, voxels: Uint8Array) =>
      writeTiny(`${dir}/${MASKS}/sub-01/anat/sub-01_${name}.nii.gz`, voxels);
    for (const id of ["sub-01", "sub-02"]) {
      await writeTiny(`${dir}/${id}/anat/${id}_T1w.nii.gz`, tinyImage());
    }
    await write("label-lesion_mask", tinyMask(1).map((label) => 255 * label));
    await write("desc-brain_mask", tinyMask(1));
    await write("space-MNI152_label-lesion_mask", tinyMask(1));
    await write("label-GM_probseg", tinyMask(1));
    await write("acq-x_label-lesion_mask", tinyMask(1));
    const masks = async () => {
      const { patients, structures, unused = [] } = await openDataset(dir);
      const [{ mask = "" }] = patients[0].scans;
      return {
        structures,
        mask: mask.split("sub-01_").at(-1),
        unused: unused.map(({ path, why }) => [path.split("sub-01_").at(-1), why]),
      };
    };
    const passedOver = [
      ["acq-x_label-lesion_mask.nii.gz", "a mask, but no image has its entities"],
      ["desc-brain_mask.nii.gz", "a mask of the head or the brain, no structure"],
      ["label-GM_probseg.nii.gz", "probabilities, no labels"],
      ["space-MNI152_label-lesion_mask.nii.gz", "a mask on another grid than the images'"],
    ];
    assert.deepEqual(await masks(), {
      structures: [{ label: 1, name: "lesion", values: [255] }],
      mask: "label-lesion_mask.nii.gz",
      unused: passedOver,
    });
    await write("dseg", tinyMask(2));
    const { structures, mask, unused } = await masks();
    assert.deepEqual(structures.map(({ name }) => name), ["label 1", "label 2"]);
    assert.equal(mask, "dseg.nii.gz");
    assert.deepEqual(
      unused.find(([path]) => path === "label-lesion_mask.nii.gz")?.[1],
      "masks are taken of the kind dseg",
    );
  }));

Deno.test("openDataset() follows links to BIDS subjects, and tells where they lead out", () =>
  withFolder(async (dir) => {
    for (const id of ["sub-01", "sub-02", "sub-03"]) {
      await writeTiny(`${dir}/data/sourcedata/${id}/anat/${id}_T1w.nii.gz`, tinyImage());
      Deno.symlinkSync(`sourcedata/${id}`, `${dir}/data/${id}`);
    }
    Deno.renameSync(`${dir}/data/sourcedata/sub-03`, `${dir}/elsewhere`);
    Deno.symlinkSync(`${dir}/elsewhere`, `${dir}/data/sourcedata/sub-03`);
    // A link that leads in circles is walked once.
    Deno.mkdirSync(`${dir}/data/derivatives`);
    Deno.symlinkSync(`..`, `${dir}/data/derivatives/all`);
    const { patients, unused = [] } = await openDataset(`${dir}/data`);
    assert.deepEqual(patients.map(({ id }) => id), ["sub-01", "sub-02"]);
    const [{ path, why }] = unused;
    assert.match(path, /data\/(sourcedata\/)?sub-03$/);
    assert.match(why, new RegExp(`${WORDINGS.leadsOut} to .*elsewhere; copy`));
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

/** Folders and names as people have them: each is read as the plain folder of the same scans. */
import assert from "node:assert/strict";
import { relative } from "node:path";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { filesOfPatient } from "../../lib/data/datasets/unused.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu } from "../training/tiny.ts";
import { caseConfig, expectRings, mapped, openCase, ring, save, TESTED } from "./cohort.ts";
import { WORDINGS } from "../support/wordings.ts";

/** Writes the files of one patient. */
type Write = (dir: string, seed: number, files: { image: Volume; mask: Volume }) => Promise<void>;

/** A way to name an image and its mask, with "*" for the patient's number. */
function named(image: string, mask: string): Write {
  return async (dir, seed, volumes) => {
    await save(`${dir}/${image.replaceAll("*", `${seed}`)}`, volumes.image);
    await save(`${dir}/${mask.replaceAll("*", `${seed}`)}`, volumes.mask);
  };
}

const BIDS = "sub-0*/anat/sub-0*";
const DERIVED = `derivatives/manual/${BIDS}`;

/** How files lie, and the ids of the patients then. */
const arrangements: { what: string; write: Write; ids: string[] }[] = [
  {
    what: "endings in capitals",
    write: named("images/A*.NII.GZ", "labels/A*.NII"),
    ids: ["A0", "A2"],
  },
  {
    what: "an ending in capitals of the image alone",
    write: named("c*.NII", "c*_seg.nii.gz"),
    ids: ["c0", "c2"],
  },
  {
    what: "KiTS's folder for each patient",
    write: named("case_0000*/imaging.nii.gz", "case_0000*/segmentation.nii.gz"),
    ids: ["case_00000", "case_00002"],
  },
  {
    what: "a folder for each patient in one named training",
    write: named("training/P*/scan.nii.gz", "training/P*/label.nii.gz"),
    ids: ["P0", "P2"],
  },
  {
    what: "names of volume and segmentation",
    write: named("volume-*.nii", "segmentation-*.nii"),
    ids: ["volume-0", "volume-2"],
  },
  {
    what: "BIDS's dseg",
    write: named(`${BIDS}_T1w.nii.gz`, `${DERIVED}_dseg.nii.gz`),
    ids: ["sub-00", "sub-02"],
  },
  {
    what: "BIDS's mask of one label",
    write: named(`${BIDS}_T1w.nii.gz`, `${DERIVED}_label-lesion_mask.nii.gz`),
    ids: ["sub-00", "sub-02"],
  },
  {
    what: "BIDS's roi in a session",
    write: named(
      "sub-0*/ses-1/anat/sub-0*_ses-1_FLAIR.nii.gz",
      "derivatives/r/sub-0*/ses-1/anat/sub-0*_ses-1_desc-tumour_roi.nii.gz",
    ),
    ids: ["sub-00", "sub-02"],
  },
];

for (const { what, write, ids } of arrangements) {
  Deno.test(
    `files are found and used, all of them: ${what}`,
    onCpu(() =>
      withFolder(async (dir) => {
        for (const seed of TESTED) await write(dir, seed, ring(seed));
        const dataset = await expectRings(dir);
        assert.deepEqual(dataset.patients.map(({ id }) => id), ids);
        assert.equal(dataset.unused, undefined);
      })
    ),
  );
}

/** All files that a dataset uses as images. */
function imagesOf({ patients, root }: Dataset): string[] {
  return patients.flatMap(({ scans }) => scans.map(({ image }) => relative(root, image)));
}

Deno.test(
  "of two masks beside a scan one kind is taken, the other listed, and none is a patient",
  onCpu(() =>
    withFolder(async (dir) => {
      for (const seed of TESTED) {
        const { image, mask } = ring(seed);
        await save(`${dir}/p${seed}.nii.gz`, image);
        await save(`${dir}/p${seed}_seg.nii.gz`, mask);
        await save(`${dir}/p${seed}_lesion.nii.gz`, mapped(mask, (label) => Number(label === 2)));
        await save(`${dir}/p${seed}_liver.nii.gz`, mapped(mask, (label) => Number(label === 1)));
      }
      const dataset = await expectRings(dir);
      assert.deepEqual(imagesOf(dataset), ["p0.nii.gz", "p2.nii.gz"]);
      const used = dataset.patients.flatMap(filesOfPatient);
      const listed = (dataset.unused ?? []).map(({ path }) => path);
      assert.equal(new Set([...used, ...listed]).size, 8);
      assert.equal(listed.length, 4);
    })
  ),
);

Deno.test("of a mask of the brain and one of a lesion, the lesion's is taken", () =>
  withFolder(async (dir) => {
    for (const seed of TESTED) {
      const { image, mask } = ring(seed);
      await save(`${dir}/p${seed}/T1.nii.gz`, image);
      await save(`${dir}/p${seed}/brain_mask.nii.gz`, mapped(mask, () => 1));
      await save(`${dir}/p${seed}/lesion.nii.gz`, mask);
    }
    const { patients, unused } = await openCase(dir, caseConfig());
    const masks = patients.map(({ scans: [{ mask = "" }] }) => relative(dir, mask));
    assert.deepEqual(masks, ["p0/lesion.nii.gz", "p2/lesion.nii.gz"]);
    assert.equal(unused?.length, 2);
  }));

Deno.test("label maps by any name are no patients, also where no scan has a mask's name", () =>
  withFolder(async (dir) => {
    for (const seed of TESTED) {
      const { image, mask } = ring(seed);
      await save(`${dir}/scan${seed}.nii.gz`, image);
      await save(`${dir}/scan${seed}_aorta.nii.gz`, mapped(mask, (label) => 3 * label));
    }
    await save(`${dir}/atlas_seg.nii.gz`, ring(5).mask);
    const dataset = await openCase(dir, caseConfig());
    assert.deepEqual(imagesOf(dataset), ["scan0.nii.gz", "scan2.nii.gz"]);
    assert.deepEqual(dataset.unused?.map(({ path, why }) => [relative(dir, path), why]), [
      ["atlas_seg.nii.gz", "a mask, but no image is of its name"],
    ]);
  }));

Deno.test(
  "a mask without an image, a second copy and what lies deeper are listed, with why",
  onCpu(() =>
    withFolder(async (dir) => {
      await Promise.all(
        TESTED.map((seed) => named("images/c*.nii.gz", "labels/c*.nii.gz")(dir, seed, ring(seed))),
      );
      const { image, mask } = ring(9);
      await save(`${dir}/labels/c9.nii.gz`, mask);
      await save(`${dir}/images/old/c8.nii.gz`, image);
      await save(`${dir}/backup/c7.mha`, image);
      const dataset = await expectRings(dir);
      const unused = Object.fromEntries(
        (dataset.unused ?? []).map(({ path, why }) => [relative(dir, path), why]),
      );
      assert.deepEqual(Object.keys(unused).sort(), [
        "backup/c7.mha",
        "images/old/c8.nii.gz",
        "labels/c9.nii.gz",
      ]);
      assert.match(unused["labels/c9.nii.gz"], /no image is of its name/);
    })
  ),
);

Deno.test(
  "links to subjects within a BIDS dataset are followed, those that lead out are told of",
  onCpu(() =>
    withFolder(async (dir) => {
      const [data, elsewhere] = [`${dir}/data`, `${dir}/elsewhere`];
      await named(`sourcedata/${BIDS}_T1w.nii.gz`, `${DERIVED}_dseg.nii.gz`)(data, 0, ring(0));
      await named(`${BIDS}_T1w.nii.gz`, `${DERIVED}_dseg.nii.gz`)(data, 2, ring(2));
      await named(`${BIDS}_T1w.nii.gz`, `${BIDS}_x.nii.gz`)(elsewhere, 4, ring(4));
      await Deno.symlink("sourcedata/sub-00", `${data}/sub-00`);
      await Deno.symlink(`${elsewhere}/sub-04`, `${data}/sub-04`);
      const dataset = await expectRings(data);
      assert.deepEqual(dataset.patients.map(({ id }) => id), ["sub-00", "sub-02"]);
      const [{ path, why }] = dataset.unused ?? [];
      assert.equal(relative(data, path), "sub-04");
      assert.match(why, new RegExp(WORDINGS.leadsOut));
    })
  ),
);

/** A dataset.json of nnU-Net v2, and one of its first version. */
const descriptions = {
  "nnU-Net": JSON.stringify({
    channel_names: { "0": "MRI" },
    labels: { background: 0, wall: 1, pool: 2 },
    file_ending: ".nii.gz",
  }),
  "nnU-Net v1": JSON.stringify({
    modality: { "0": "MRI" },
    labels: { "0": "background", "1": "wall", "2": "pool" },
    training: TESTED.map((seed) => ({
      image: `./imagesTr/la_${seed}.nii.gz`,
      label: `./labelsTr/la_${seed}.nii.gz`,
    })),
    test: [],
  }),
};

/** Texts as Windows programs write them. */
const encodings: Record<string, (text: string) => Uint8Array> = {
  "no byte order mark": (text) => new TextEncoder().encode(text),
  "that of UTF-8": (text) => new TextEncoder().encode(`\ufeff${text}`),
  "that of UTF-16": (text) =>
    new Uint8Array(Uint16Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0)).buffer),
};

for (const [kind, text] of Object.entries(descriptions)) {
  for (const [mark, encode] of Object.entries(encodings)) {
    Deno.test(
      `a dataset.json of ${kind} with ${mark} is read, and its files _0000`,
      onCpu(() =>
        withFolder(async (dir) => {
          const write = named("imagesTr/la_*_0000.nii.gz", "labelsTr/la_*.nii.gz");
          for (const seed of TESTED) await write(dir, seed, ring(seed));
          await Deno.writeFile(`${dir}/dataset.json`, encode(text));
          const { structures, unused } = await expectRings(dir);
          assert.deepEqual(structures.map(({ name }) => name), ["wall", "pool"]);
          assert.equal(unused, undefined);
        })
      ),
    );
  }
}

Deno.test("a folder of files that are not read is told by what it holds, and how to go on", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/images`);
    for (const name of ["a.jpg", "b.jpg", "c.ima"]) {
      await Deno.writeTextFile(`${dir}/images/${name}`, "x");
    }
    await assert.rejects(
      openCase(dir, caseConfig()),
      /expected a dataset, found 2 \.jpg, 1 \.ima; convert the scans to NIfTI/,
    );
  }));

import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import type { Dataset, Scan } from "../../../lib/data/datasets/dataset.ts";
import { maskNames } from "../../../lib/data/datasets/mask_naming.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../support/datasets.ts";

/** Files of a dataset: of an image, of a mask, or a text. */
type Files = Record<string, "image" | "mask" | string>;

const NNUNET = JSON.stringify({
  channel_names: { "0": "MRI" },
  labels: { background: 0, organ: 1 },
  file_ending: ".nii",
});
const MSD = JSON.stringify({
  labels: { "0": "background", "1": "organ" },
  training: [{ image: "imagesTr/a_0001.nii.gz", label: "labelsTr/a_0001.nii.gz" }],
  test: [{ image: "imagesTs/b_0002.nii.gz", label: "labelsTs/b_0002.nii.gz" }],
});
const INFO = "ED: 1\nES: 2\nGroup: NOR\n";

async function write(dir: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    if (content === "image") await writeTiny(`${dir}/${path}`, tinyImage());
    else if (content === "mask") await writeTiny(`${dir}/${path}`, tinyMask(1));
    else await Deno.writeTextFile(`${dir}/${path}`, content);
  }
}

const scansOf = ({ patients }: Dataset): Scan[] => patients.flatMap(({ scans }) => scans);

Deno.test("maskNames() names masks as those that a dataset has, which it takes for its own", async (t) => {
  const cases: { layout: string; files: Files; named: string }[] = [
    {
      layout: "nnunet",
      files: {
        "imagesTr/a_0000.nii": "image",
        "labelsTr/a.nii": "mask",
        "imagesTr/b_0000.nii": "image",
        "dataset.json": NNUNET,
      },
      named: "labelsTr/b.nii",
    },
    {
      layout: "acdc",
      files: {
        "patient002/patient002_frame01.nii.gz": "image",
        "patient002/patient002_frame02.nii.gz": "image",
        "patient002/patient002_frame02_gt.nii.gz": "mask",
        "patient002/Info.cfg": INFO,
      },
      named: "patient002/patient002_frame01_gt.nii.gz",
    },
    {
      layout: "bids",
      files: {
        "sub-01/anat/sub-01_T1w.nii.gz": "image",
        "derivatives/manual/sub-01/anat/sub-01_dseg.nii.gz": "mask",
        "sub-02/anat/sub-02_T1w.nii.gz": "image",
      },
      named: "derivatives/manual/sub-02/anat/sub-02_dseg.nii.gz",
    },
    {
      layout: "folder",
      files: {
        "images/a.nii.gz": "image",
        "labels/a.nii.gz": "mask",
        "images/b.nii.gz": "image",
      },
      named: "labels/b.nii.gz",
    },
    {
      layout: "folder",
      files: { "a.nii.gz": "image", "a_seg.nii.gz": "mask", "b.nii.gz": "image" },
      named: "b_seg.nii.gz",
    },
    {
      layout: "folder",
      files: {
        "images/case_0_0000.nii.gz": "image",
        "labels/case_0.nii.gz": "mask",
        "images/case_1_0000.nii.gz": "image",
      },
      named: "labels/case_1.nii.gz",
    },
    {
      layout: "patients",
      files: {
        "ann/ann_scan.nii.gz": "image",
        "ann/ann_seg.nii.gz": "mask",
        "ben/ben_scan.nii.gz": "image",
      },
      named: "ben/ben_seg.nii.gz",
    },
  ];
  for (const { layout, files, named } of cases) {
    await t.step(`${layout}: ${named}`, () =>
      withFolder(async (dir) => {
        await write(dir, files);
        const dataset = await openDataset(dir);
        assert.equal(dataset.layout, layout);
        const names = maskNames(dataset);
        for (const scan of scansOf(dataset)) {
          assert.equal(names.get(scan), basename(scan.mask ?? named));
        }
        await write(dir, { [named]: "mask" });
        const masks = scansOf(await openDataset(dir)).map(({ mask }) => mask);
        assert.ok(masks.includes(`${dir}/${named}`) && !masks.includes(undefined), `${masks}`);
      }));
  }
});

Deno.test("maskNames() goes by the layout where there is no mask", () =>
  withFolder(async (dir) => {
    const named = async (name: string, files: Files) => {
      await write(`${dir}/${name}`, files);
      return [...maskNames(await openDataset(`${dir}/${name}`)).values()];
    };
    assert.deepEqual(
      await named("ts", { "a_0000.nii.gz": "image", "b_0000.nii.gz": "image" }),
      ["a.nii.gz", "b.nii.gz"],
    );
    assert.deepEqual(
      await named("msd", {
        "imagesTr/a_0001.nii.gz": "image",
        "dataset.json": MSD.replaceAll(/,"label":"[^"]*"/g, ""),
      }),
      ["a_0001.nii.gz", "b_0002.nii.gz"],
    );
    assert.deepEqual(await named("plain", { "a.nii.gz": "image", "b_0000.nii.gz": "image" }), []);
  }));

Deno.test("maskNames() knows no name that two masks would have, or that not all have", () => {
  const dataset = (scans: Scan[]): Dataset => ({
    ...{ name: "cohort", root: "cohort", layout: "folder", structures: [] },
    patients: scans.map((scan, i) => {
      return { id: dirname(scan.image) + i, group: "", part: "training", scans: [scan] };
    }),
  });
  const named = (...scans: Scan[]) => [...maskNames(dataset(scans)).values()];
  const one = { image: "a/scan.nii.gz", mask: "a/scan_seg.nii.gz" };
  assert.deepEqual(named(one, { image: "b/other.nii.gz" }), [
    "scan_seg.nii.gz",
    "other_seg.nii.gz",
  ]);
  assert.deepEqual(named(one, { image: "b/scan.nii.gz" }), []);
  assert.deepEqual(named(one, { image: "b.nii.gz", mask: "c.nii.gz" }), []);
  // One file holds the masks of all time points.
  const frames = [0, 8].map((frame) => ({ image: "c.nii.gz", mask: "c_gt.nii.gz", frame }));
  assert.deepEqual(named(...frames), []);
  // Another format than the scan's has other endings.
  assert.deepEqual(named({ image: "a.nrrd", mask: "a.nii.gz" }, { image: "b.nrrd" }), [
    "a.nrrd",
    "b.nrrd",
  ]);
});

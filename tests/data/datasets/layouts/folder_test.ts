import assert from "node:assert/strict";
import { dirname, relative } from "node:path";
import {
  openDataset,
  type OpenDatasetOptions,
} from "../../../../lib/data/datasets/open_dataset.ts";
import { tinyImage, tinyMask, withFolder, writeTiny } from "../../../support/datasets.ts";

/** Opens files: label maps where the name has a "*" (which is left out), images elsewhere. */
async function opened(dir: string, names: readonly string[], options?: OpenDatasetOptions) {
  for (const name of names) {
    const path = `${dir}/${name.replace("*", "")}.nii.gz`;
    await writeTiny(path, name.includes("*") ? tinyMask(1) : tinyImage());
  }
  const dataset = await openDataset(dir, options);
  const short = (path = "none") => relative(dir, path).replace(".nii.gz", "");
  return {
    layout: dataset.layout,
    channels: dataset.channels,
    unused: (dataset.unused ?? []).map(({ path }) => short(path)),
    patients: Object.fromEntries(dataset.patients.map(({ id, scans }) => [
      id,
      scans.map(({ image, channels, mask }) => {
        const files = channels?.map(({ path }) => path ? short(path) : "-") ?? [short(image)];
        return files.join("+") + (mask ? ` by ${short(mask)}` : "");
      }),
    ])),
  };
}

/** What files come to: patients with the files of each scan and its mask, and what is not used. */
const kinds: {
  what: string;
  files: string[];
  patients: Record<string, string[]>;
  channels?: string[];
  unused?: string[];
}[] = [
  {
    what: "probabilities beside scans as neither scans nor masks",
    files: ["a", "a_prob", "a_gt*", "b", "b_softmax_1", "b_gt*", "prob"],
    patients: { a: ["a by a_gt"], b: ["b by b_gt"], prob: ["prob"] },
    unused: ["a_prob", "b_softmax_1"],
  },
  {
    what: "names of modalities as channels of a patient, in one order",
    files: ["B-1-T2", "B-1-FLAIR", "B-1-t1ce", "B-1-seg*", "b_2_flair", "b_2_t1ce", "b_2_t2"],
    patients: {
      "B-1": ["B-1-FLAIR+B-1-t1ce+B-1-T2 by B-1-seg"],
      "b_2": ["b_2_flair+b_2_t1ce+b_2_t2"],
    },
    channels: ["flair", "t1ce", "t2"],
  },
  {
    what: "one modality as a part of the name",
    files: ["a_t1", "b_t1", "c_t2", "labels/a_t1*", "labels/b*"],
    patients: { "a_t1": ["a_t1 by labels/a_t1"], "b_t1": ["b_t1 by labels/b"], "c_t2": ["c_t2"] },
  },
  {
    what: "nnU-Net's numbers as channels",
    files: ["images/a_0000", "images/a_0001", "images/b_0000", "images/b_0001", "labels/a*"],
    patients: {
      a: ["images/a_0000+images/a_0001 by labels/a"],
      b: ["images/b_0000+images/b_0001"],
    },
    channels: ["0000", "0001"],
  },
  {
    what: "visits and numbered scans as what they are",
    files: ["anna_1", "anna_2", "anna_2_seg*", "anna", "anna_v1", "scan_0001", "scan_0002"],
    patients: {
      anna: ["anna"],
      anna_1: ["anna_1"],
      anna_2: ["anna_2 by anna_2_seg"],
      anna_v1: ["anna_v1"],
      scan_0001: ["scan_0001"],
      scan_0002: ["scan_0002"],
    },
  },
  {
    what: "scans that are numbered from 0000 and outlined one by one",
    files: ["images/x_0000", "images/x_0001", "labels/x_0000*", "labels/x_0001*"],
    patients: {
      x_0000: ["images/x_0000 by labels/x_0000"],
      x_0001: ["images/x_0001 by labels/x_0001"],
    },
  },
  {
    what: "scans of two sites that are numbered from 0000",
    files: ["x_0000", "x_0001", "x_0002", "y_0000", "y_0001"],
    patients: {
      x_0000: ["x_0000"],
      x_0001: ["x_0001"],
      x_0002: ["x_0002"],
      y_0000: ["y_0000"],
      y_0001: ["y_0001"],
    },
  },
  {
    what: "points in time, t0 to t2, as scans",
    files: ["a_t0", "a_t1", "a_t2"],
    patients: { a_t0: ["a_t0"], a_t1: ["a_t1"], a_t2: ["a_t2"] },
  },
  {
    what: "modalities that each have a mask as scans of one patient",
    files: ["a_ct", "a_ct_seg*", "a_mr", "a_mr_seg*", "b_ct", "b_mr"],
    patients: {
      a: ["a_ct by a_ct_seg", "a_mr by a_mr_seg"],
      b: ["b_ct", "b_mr"],
    },
  },
  {
    what: "label maps by their content, whatever their names",
    files: [
      "anna",
      "anna_aorta*",
      "ben",
      "ben_aorta*",
      "carl_scan",
      "carl_aorta*",
      "aorta_dora*",
      "dora",
    ],
    patients: {
      anna: ["anna by anna_aorta"],
      ben: ["ben by ben_aorta"],
      carl_scan: ["carl_scan by carl_aorta"],
      dora: ["dora by aorta_dora"],
    },
  },
  {
    what: "one of several masks, of the same kind for all",
    files: ["a", "a_lesion*", "a_seg*", "b", "b_lesion*", "c", "c_seg*", "d", "d_manual*"],
    patients: { a: ["a by a_seg"], b: ["b"], c: ["c by c_seg"], d: ["d by d_manual"] },
    unused: ["a_lesion", "b_lesion"],
  },
  {
    what: "masks of one organ where others outline another",
    files: ["a", "a_aorta*", "b", "b_liver*", "c", "c_liver_seg*", "d", "d_liver*"],
    patients: { a: ["a"], b: ["b by b_liver"], c: ["c"], d: ["d by d_liver"] },
    unused: ["a_aorta", "c_liver_seg"],
  },
  {
    what: "masks of many organs in a folder",
    files: ["images/a", "labels/a_liver*", "labels/a_spleen*", "images/b", "labels/b_spleen*"],
    patients: { a: ["images/a by labels/a_spleen"], b: ["images/b by labels/b_spleen"] },
    unused: ["labels/a_liver"],
  },
  {
    what: "masks that a capital or a number tells",
    files: [
      "anna",
      "annaMask*",
      "ben",
      "benSpleen*",
      "ben_seg_1*",
      "ben_seg_2*",
      "carl",
      "carl_seg_1*",
    ],
    patients: {
      anna: ["anna by annaMask"],
      ben: ["ben by ben_seg_1"],
      carl: ["carl by carl_seg_1"],
    },
    unused: ["benSpleen", "ben_seg_2"],
  },
  {
    what: "one scan of two channels",
    files: ["FLAIR", "T1", "seg*"],
    patients: { cohort: ["FLAIR+T1 by seg"] },
    channels: ["flair", "t1"],
  },
  {
    what: "the masks of a folder rather than those beside images",
    files: ["images/a", "images/a_seg*", "images/b", "images/b_seg*", "labels/a*"],
    patients: { a: ["images/a by labels/a"], b: ["images/b"] },
    unused: ["images/a_seg", "images/b_seg"],
  },
  {
    what: "masks without images, and a mask that no image is named as, as no patients",
    files: ["a", "b_mask*", "labels/a*", "labels/c*"],
    patients: { a: ["a by labels/a"] },
    unused: ["b_mask", "labels/c"],
  },
  {
    what: "an image whose name sounds like a mask's",
    files: ["face_mask", "face_mask_seg*", "roi_study_1"],
    patients: { face_mask: ["face_mask by face_mask_seg"], roi_study_1: ["roi_study_1"] },
  },
  {
    what: "masks that are named by the first word",
    files: ["volume-0", "segmentation-0*", "volume-1", "segmentation-1*", "img0002", "label0002*"],
    patients: {
      "img0002": ["img0002 by label0002"],
      "volume-0": ["volume-0 by segmentation-0"],
      "volume-1": ["volume-1 by segmentation-1"],
    },
  },
  {
    what: "a folder gt, and words at the ends of both names",
    files: ["Images/a_image", "Images/b_image", "GT/a_label*", "GT/b_manual_mask*"],
    patients: {
      a_image: ["Images/a_image by GT/a_label"],
      b_image: ["Images/b_image by GT/b_manual_mask"],
    },
  },
  {
    what: "files of no use anywhere",
    files: ["images/a", "images/old/a", "template", "masks/a*", "annotations/a*"],
    patients: { a: ["images/a by masks/a"] },
    unused: ["annotations/a", "images/old/a", "template"],
  },
];
for (const { what, files, patients, channels, unused = [] } of kinds) {
  Deno.test(`openDataset() takes a plain folder with ${what}`, () =>
    withFolder(async (dir) => {
      const found = await opened(`${dir}/cohort`, files);
      assert.deepEqual(found, { layout: "folder", patients, channels, unused });
    }));
}

Deno.test("openDataset() chooses channels of a plain folder by name", () =>
  withFolder(async (dir) => {
    const files = ["a_t1", "a_t2", "b_t1", "b_t2", "c_t2", "a_seg*"];
    await assert.rejects(
      opened(dir, files),
      /the channel t1 of every scan, found none of c; choose/,
    );
    const choose = (...channels: string[]) => opened(dir, files, { data: { channels } });
    assert.deepEqual((await choose("t2")).patients, {
      a: ["a_t2 by a_seg"],
      b: ["b_t2"],
      c: ["c_t2"],
    });
    const { patients, unused } = await choose("t1");
    assert.deepEqual([patients, unused], [{ a: ["a_t1 by a_seg"], b: ["b_t1"] }, ["c_t2"]]);
    const zero = await opened(dir, files, {
      data: { channels: ["t2", "t1"], missingChannel: "zero" },
    });
    assert.deepEqual(zero.patients.c, ["c_t2+-"]);
    await assert.rejects(
      choose("T1"),
      /expected the channels T1, each once, found t1, t2 \(did you mean/,
    );
    await assert.rejects(
      choose("t1", "t1"),
      /expected the channels t1, t1, each once, found t1, t2/,
    );
  }));

Deno.test("openDataset() does not mistake an image for a label map", () =>
  withFolder(async (dir) => {
    // Of whole numbers, as a CT is, and of more values than labels have, each beside others.
    const ct = Int16Array.from({ length: 24 }, (_, i) => (i * 37) % 101 - 50);
    await writeTiny(`${dir}/anna.nii`, ct);
    await writeTiny(`${dir}/anna_late.nii`, ct.map((value) => -value));
    await writeTiny(`${dir}/anna_map.nii`, Float32Array.from(ct, (value) => value / 100));
    const { patients } = await openDataset(dir);
    assert.deepEqual(patients.map(({ id }) => id), ["anna", "anna_late", "anna_map"]);
  }));

Deno.test("openDataset() tells a mask's folder from which no mask is of an image's name", () =>
  withFolder(async (dir) => {
    await assert.rejects(
      opened(dir, ["images/a", "gt/x*"]),
      ({ message }: Error) =>
        message.startsWith(`${dirname(`${dir}/gt/x`)}: expected masks named as`),
    );
  }));

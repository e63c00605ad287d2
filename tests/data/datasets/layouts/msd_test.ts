import assert from "node:assert/strict";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import {
  tinyImage,
  tinyMask,
  withFolder,
  writeTiny,
  writeTinyFrames,
} from "../../../support/datasets.ts";

/** Writes a dataset.json of one case, "a", with two modalities. */
async function writeList(dir: string, fields: Record<string, unknown> = {}): Promise<void> {
  await writeTiny(`${dir}/labelsTr/a.nii.gz`, tinyMask(1));
  const list = {
    modality: { "1": "T2", "0": "T1" },
    labels: { "0": "background", "1": "x" },
    training: [{ image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" }],
    test: ["./imagesTs/b.nii.gz"],
    ...fields,
  };
  await Deno.writeTextFile(`${dir}/dataset.json`, JSON.stringify(list));
}

Deno.test("openDataset() takes the modalities of the decathlon's 4D images as channels", () =>
  withFolder(async (dir) => {
    await writeList(dir);
    await writeTinyFrames(`${dir}/imagesTr/a.nii.gz`, [tinyImage(), tinyImage()]);
    await writeTinyFrames(`${dir}/imagesTs/b.nii.gz`, [tinyImage(), tinyImage()]);
    const { channels, patients } = await openDataset(dir);
    assert.deepEqual(channels, ["T1", "T2"]);
    const path = `${dir}/imagesTr/a.nii.gz`;
    const mask = `${dir}/labelsTr/a.nii.gz`;
    const both = [{ path, index: 0, of: 2 }, { path, index: 1, of: 2 }];
    assert.deepEqual(patients[0].scans, [{ image: path, channels: both, mask }]);
    const chosen = await openDataset(dir, { data: { channels: ["T2"] } });
    assert.deepEqual(chosen.patients[0].scans[0].channels, [{ path, index: 1, of: 2 }]);
  }));

Deno.test("openDataset() finds the files of nnU-Net v1, one for each modality", () =>
  withFolder(async (dir) => {
    await writeList(dir);
    for (const image of ["Tr/a", "Ts/b"]) {
      for (const i of [0, 1]) await writeTiny(`${dir}/images${image}_000${i}.nii.gz`, tinyImage());
    }
    const { patients, unused } = await openDataset(dir);
    const [first, second] = ["0000", "0001"].map((i) => `${dir}/imagesTr/a_${i}.nii.gz`);
    assert.deepEqual(patients.map(({ id }) => id), ["a", "b"]);
    assert.deepEqual(patients[0].scans[0].channels, [{ path: first }, { path: second }]);
    assert.equal(unused, undefined);
    // Of one modality, a scan is a file.
    await writeList(dir, { modality: { 0: "MRI" } });
    const [{ scans: [scan] }] = (await openDataset(dir)).patients;
    assert.deepEqual([scan.image, scan.channels], [first, undefined]);
  }));

Deno.test("openDataset() keeps the values of the decathlon's labels", () =>
  withFolder(async (dir) => {
    await writeList(dir, { modality: { 0: "CT" }, labels: { 0: "background", 4: "b", 2: "a" } });
    assert.deepEqual((await openDataset(dir)).structures, [
      { label: 1, name: "a", values: [2] },
      { label: 2, name: "b", values: [4] },
    ]);
  }));

for (
  const [name, encode] of Object.entries({
    "UTF-8": (text: string) => new TextEncoder().encode(`\ufeff${text}`),
    "UTF-16": (text: string) =>
      new Uint8Array(Uint16Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0)).buffer),
  })
) {
  Deno.test(`openDataset() reads lists and tables with a byte order mark of ${name}`, () =>
    withFolder(async (dir) => {
      await writeList(`${dir}/msd`, { modality: undefined });
      await writeTiny(`${dir}/bids/sub-1/anat/sub-1_T1w.nii`, tinyImage());
      await Deno.writeTextFile(`${dir}/bids/participants.tsv`, "participant_id\tgroup\nsub-1\tA\n");
      for (const path of [`${dir}/msd/dataset.json`, `${dir}/bids/participants.tsv`]) {
        Deno.writeFileSync(path, encode(Deno.readTextFileSync(path)));
      }
      assert.equal((await openDataset(`${dir}/msd`)).structures[0].name, "x");
      assert.equal((await openDataset(`${dir}/bids`)).patients[0].group, "A");
    }));
}

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  decodeVolume,
  encodeMask,
  FORMATS,
  maskEnding,
  scanStem,
} from "../../../lib/data/formats/formats.ts";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import { writeMask } from "../../../lib/data/volumes/write_mask.ts";
import { maskName } from "../../../lib/inference/mask_name.ts";
import { tinyVolume, withFolder, writeTiny } from "../../support/datasets.ts";
import { niftiBytes } from "../../support/nifti.ts";
import { WORDINGS } from "../../support/wordings.ts";

const like = tinyVolume();
const slice = { ...like, shape: [4, 6, 1] };
const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 3);
const endings = Object.values(FORMATS).flatMap(({ masks }) => masks.map(({ ending }) => ending));

Deno.test("scanStem() takes the endings of all formats, in capitals too", () => {
  const stems = {
    "a.nii": "a",
    "a.b.NII.GZ": "a.b",
    "a.hdr": "a",
    "a.nrrd": "a",
    "a.nhdr": "a",
    "a.Mha": "a",
    "a.mhd": "a",
    "a.mgz": "a",
    "a.PNG": "a",
    "a.tif": "a",
    "a.tiff": "a",
  };
  for (const [name, stem] of Object.entries(stems)) assert.equal(scanStem(name), stem, name);
  for (const name of ["a.img", "a.raw", "a.gz", "a.txt", ".nii", "nii", "a"]) {
    assert.equal(scanStem(name), undefined, name);
  }
});

Deno.test("maskName() keeps the scan's format where it can hold masks", () => {
  const names = {
    "a.nii": "a_mask.nii.gz",
    "a.NII.GZ": "a_mask.nii.gz",
    "a.img.gz": "a_mask.nii.gz",
    "a.nhdr": "a_mask.nrrd",
    "a.mhd": "a_mask.mha",
    "a.mgh": "a_mask.mgz",
    "a.png": "a_mask.png",
    "a.TIFF": "a_mask.tif",
    "IM0001": "IM0001_mask.nii.gz",
  };
  for (const [name, mask] of Object.entries(names)) assert.equal(maskName(name), mask);
  assert.equal(maskName("a.nrrd", 8), "a_frame8_mask.nrrd");
  assert.equal(maskEnding("a.MHA"), ".mha");
});

Deno.test("decodeVolume() tells formats by their content, whatever the name", async () => {
  for (const ending of endings) {
    const volume = ending === ".png" ? slice : like;
    const file = await encodeMask(`a${ending}`, labels, volume);
    for (const name of [`a${ending}`, "a.nii.gz", "a.png", "a"]) {
      const read = await decodeVolume(file, name);
      assert.deepEqual(Array.from(read.voxels), [...labels], `${ending} named ${name}`);
      assert.deepEqual(read.shape, volume.shape);
    }
  }
});

Deno.test("decodeVolume() says what is read where a file is of no format", async () => {
  await assert.rejects(
    decodeVolume(new TextEncoder().encode("no scan"), "a.doc"),
    /^SyntaxError: a\.doc: expected a scan in NIfTI, NRRD, PNG, TIFF, MetaImage or MGH, found ano/,
  );
  await assert.rejects(decodeVolume(new Uint8Array(400), "a.nii"), /a\.nii: expected a NIfTI-1 or/);
  const gzipped = gzipSync(await encodeMask("a.nrrd", labels, like));
  await assert.rejects(
    decodeVolume(gzipped, "a.nrrd"),
    /^TypeError: a\.nrrd: expected NRRD as it is, found it in gzip; gunzip it first/,
  );
});

Deno.test("encodeMask() takes labels of any type, and no other ending", async () => {
  await assert.rejects(
    encodeMask("a.jpg", labels, like),
    /^TypeError: a\.jpg: expected a name that ends in \.nii\.gz, \.nii, \.nrrd, \.png, \.tif, \.mha/,
  );
  await assert.rejects(encodeMask("a.png", labels, like), /^RangeError: .*expected one slice/);
  for (const wide of [Uint16Array, Int32Array, Uint32Array, Float64Array]) {
    const values = wide.from(labels).fill(1005, 0, 2);
    for (const ending of endings) {
      const volume = ending === ".png" ? slice : like;
      const { voxels } = await decodeVolume(await encodeMask(`a${ending}`, values, volume), "a");
      assert.deepEqual(Array.from(voxels), Array.from(values), ending);
    }
  }
  await assert.rejects(
    encodeMask("a.png", Float32Array.from(labels).fill(-1, 0, 1), slice),
    /^RangeError: .*expected labels from 0 to 65535, found -1/,
  );
});

Deno.test("writeMask() and readVolume() are inverse, with endings in capitals too", () =>
  withFolder(async (dir) => {
    for (const ending of endings) {
      const path = `${dir}/a${ending.toUpperCase()}`;
      await writeMask(path, labels, ending === ".png" ? slice : like);
      assert.deepEqual(Array.from((await readVolume(path)).voxels), [...labels], ending);
    }
    assert.equal([...Deno.readDirSync(dir)].length, endings.length);
  }));

Deno.test("readVolume() reads pairs by either name, in capitals too", () =>
  withFolder(async (dir) => {
    const pair = niftiBytes({ magic: "ni1\0" });
    for (const [header, image] of [["a.hdr", "a.img"], ["B.HDR", "B.IMG"]]) {
      await Deno.writeFile(`${dir}/${header}`, pair.subarray(0, 348));
      await Deno.writeFile(`${dir}/${image}`, pair.subarray(352));
      for (const name of [header, image]) {
        assert.equal((await readVolume(`${dir}/${name}`)).voxels.length, 24, name);
      }
    }
  }));

Deno.test("readVolume() keeps a header from naming files elsewhere", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/data`);
    await Deno.writeFile(`${dir}/secret.raw`, new Uint8Array(6));
    await Deno.symlink(`${dir}/secret.raw`, `${dir}/data/link.raw`);
    const header = (file: string) =>
      `NDims = 3\nDimSize = 2 1 3\nElementType = MET_UCHAR\nElementDataFile = ${file}\n`;
    for (
      const [file, says] of [
        ["../secret.raw", /expected paths within the dataset, found \.\.\/secret\.raw/],
        [`${dir}/secret.raw`, /expected paths within the dataset/],
        ["link.raw", new RegExp(WORDINGS.leadsOut)],
        ["none.raw", /none\.raw: no such file/],
      ] as const
    ) {
      await Deno.writeTextFile(`${dir}/data/a.mhd`, header(file));
      await assert.rejects(readVolume(`${dir}/data/a.mhd`, { within: `${dir}/data` }), says);
    }
    await writeTiny(`${dir}/data/a.nii`, like.voxels);
    assert.deepEqual((await readVolume(`${dir}/data/a.nii`)).shape, [4, 3, 2]);
  }));

Deno.test("docs/formats.md lists every format with its endings and masks", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/formats.md", import.meta.url));
  const rows = [...page.matchAll(/^\| (\w+) +\|([^|]*)\|[^|]*\|([^|]*)\|$/gm)].slice(1)
    .map(([, title, endings, masks]) => [title, endings, masks].map((cell) => cell.trim()));
  const listed = (endings: readonly string[]) => endings.map((ending) => `\`${ending}\``).join(" ");
  const expected = Object.values(FORMATS).map(({ title, endings, masks }) => [
    title,
    listed(endings),
    listed(masks.map(({ ending }) => ending)),
  ]);
  assert.deepEqual(rows.toSorted(), expected.toSorted());
});

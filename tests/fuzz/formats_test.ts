import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  decodeVolume,
  encodeMask,
  type FormatName,
  FORMATS,
} from "../../lib/data/formats/formats.ts";
import { inflateZlib } from "../../lib/io/inflate_zlib.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { tinyMask, tinyVolume } from "../support/datasets.ts";
import { pngBytes } from "../support/png.ts";
import { tiffBytes } from "../support/tiff.ts";
import { damaged, fuzz, soundOrRefused } from "./support.ts";

const like = tinyVolume();
const slice = { ...like, shape: [4, 6, 1] };
const mask = tinyMask(3);

const headed = (lines: string, data: Uint8Array) =>
  Uint8Array.from([...new TextEncoder().encode(lines), ...data]);
const nrrd = (encoding: string, data: Uint8Array) =>
  headed(
    "NRRD0005\ntype: short\ndimension: 4\nsizes: 2 3 2 2\nendian: big\nkinds: vector domain domain " +
      `domain\nspace: RAS\nspace directions: none (1,0,0) (0,2,0) (0,0,3)\nencoding: ${encoding}\n\n`,
    data,
  );
const metaImage = (more: string, data: Uint8Array) =>
  headed(
    "ObjectType = Image\nNDims = 3\nDimSize = 2 3 2\nElementType = MET_SHORT\nElementSpacing = 1 2 3\n" +
      `ElementNumberOfChannels = 2\nTransformMatrix = 0 1 0 1 0 0 0 0 1\nOffset = 1 2 3\n${more}` +
      "ElementDataFile = LOCAL\n",
    data,
  );
const values = new Uint8Array(48);
const text = new TextEncoder().encode("1 2 3 4\n".repeat(6));
const grey = { 256: [3], 257: [2], 258: [8], 262: [1] };
const blocks = [Uint8Array.of(0, 1, 2, 3, 4, 5)];
const tile = { 322: [2], 323: [2], 259: [8], 317: [2] };
const tiles = [0, 1].map(() => deflateSync(new Uint8Array(4)));

/** Sound files of each format but NIfTI, which has a test of its own. */
const SOUND: readonly (readonly [FormatName, readonly Uint8Array[]])[] = [
  ["nrrd", [
    await encodeMask("a.nrrd", mask, like),
    nrrd("raw", values),
    nrrd("gzip", gzipSync(values)),
    nrrd("text", text),
  ]],
  ["metaimage", [
    await encodeMask("a.mha", mask, like),
    metaImage("", values),
    metaImage("CompressedData = True\n", deflateSync(values)),
    metaImage("BinaryData = False\n", text),
  ]],
  ["mgh", [await encodeMask("a.mgh", mask, like), await encodeMask("a.mgz", mask, like)]],
  ["png", [
    await encodeMask("a.png", mask, slice),
    await encodeMask("a.png", Uint16Array.from(mask).fill(1005, 0, 1), slice),
  ]],
  ["tiff", [
    tiffBytes([{ fields: grey, blocks }, { fields: grey, blocks }], false),
    tiffBytes([{ fields: { ...grey, 270: "ImageJ=1\nimages=1\n" }, blocks }]),
    tiffBytes([{ fields: { ...grey, ...tile }, blocks: tiles, tiled: true }]),
    tiffBytes([{ fields: { ...grey, 259: [5] }, blocks: [Uint8Array.of(128, 0, 64, 64, 64)] }]),
  ]],
];

function sound({ voxels, shape, spacing, affine }: Volume): void {
  assert.equal(voxels.length, shape.reduce((product, length) => product * length));
  assert.ok(shape.length >= 3 && shape.length <= 4);
  assert.ok(spacing.every((length) => length > 0 && Number.isFinite(length)));
  assert.ok(affine.flat().every(Number.isFinite));
}

for (const [name, files] of SOUND) {
  const { title, endings: [ending] } = FORMATS[name];
  const source = `scan${ending}`;
  const beside = () => Promise.resolve(new Uint8Array(24));
  fuzz(`${title} files are read or refused`, 0.2, {
    of: fc.tuple(
      fc.oneof(...files.map(damaged)),
      fc.constantFrom(undefined, inflateZlib),
    ),
    holds: ([file, inflate]) =>
      soundOrRefused(source, () => decodeVolume(file, source, { inflate, beside }), sound),
  });
}

const header = Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0);
const rows = Uint8Array.from({ length: 20 }, (_, i) => i % 10 === 0 ? 4 : i);
fuzz("PNG files with sound checksums are read or refused", 0.1, {
  of: fc.tuple(fc.oneof(fc.constant(header), damaged(header)), damaged(rows)),
  holds: ([header, rows]) => {
    const file = pngBytes(["IHDR", header], ["IDAT", deflateSync(rows)], ["IEND", []]);
    return soundOrRefused("scan.png", () => decodeVolume(file, "scan.png"), sound);
  },
});

fuzz("labels of any format are read back as they were", 0.01, {
  of: fc.tuple(
    fc.constantFrom(".nii", ".nii.gz", ".nrrd", ".mha", ".mgh", ".mgz", ".png"),
    fc.uint8Array({ minLength: 24, maxLength: 24 }),
  ),
  holds: async ([ending, labels]) => {
    const volume = ending === ".png" ? slice : like;
    const { voxels } = await decodeVolume(await encodeMask(`a${ending}`, labels, volume), "a");
    assert.deepEqual(voxels, labels);
  },
});

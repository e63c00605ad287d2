import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { assertClose } from "../../support/close.ts";
import { fixture, fixturePath, withFixtures } from "../../support/fixtures.ts";
import { niftiBytes } from "../../support/nifti.ts";
import { WORDINGS } from "../../support/wordings.ts";

interface Expected {
  shape: number[];
  pixdim: number[];
  affine: number[][];
  voxels: { at: number[]; value: number }[];
  sum: number;
}

Deno.test(withFixtures("readNifti() reads what nibabel wrote"), async (t) => {
  const files = Object.entries<Expected>(fixture("nifti.json"));
  assert.ok(files.length > 0);
  for (const [name, expected] of files) {
    await t.step(name, async () => {
      const volume = await readNifti(fixturePath(`nifti/${name}`));
      assert.deepEqual(volume.shape, expected.shape);
      assertClose(volume.spacing, expected.pixdim.slice(0, 3), 1e-6);
      assertClose(volume.affine as number[][], expected.affine, 1e-6);
      for (const { at, value } of expected.voxels) {
        const index = at.reduceRight((index, i, axis) => index * volume.shape[axis] + i, 0);
        assertClose(volume.voxels[index], value, 1e-6);
      }
      let sum = 0;
      for (const value of volume.voxels) sum += value;
      assertClose(sum, expected.sum, 1e-6);
      assert.deepEqual(volume.warnings, []);
    });
  }
});

Deno.test(withFixtures("readNifti() takes either file of a pair"), async () => {
  const { source: _, ...fromHeader } = await readNifti(fixturePath("nifti/pair.hdr"));
  const { source: __, ...fromImage } = await readNifti(fixturePath("nifti/pair.img"));
  assert.deepEqual(fromHeader, fromImage);
});

/** Runs a body with a file of the given content. */
async function withFile(
  content: Uint8Array,
  name: string,
  body: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, content);
    await body(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readNifti() tells gzip by its content and joins its members", async () => {
  const bytes = niftiBytes();
  const whole = gzipSync(bytes);
  const members = new Uint8Array([
    ...gzipSync(bytes.subarray(0, 100)),
    ...gzipSync(bytes.subarray(100)),
  ]);
  for (const [content, name] of [[whole, "a.nii"], [bytes, "a.nii.gz"], [members, "a.nii.gz"]]) {
    await withFile(content as Uint8Array, name as string, async (path) => {
      assert.deepEqual(
        (await readNifti(path)).voxels,
        Int16Array.from({ length: 24 }, (_, i) => i),
      );
    });
  }
});

const bytes = niftiBytes();
const gzipped = gzipSync(bytes);
const corrupt = new Uint8Array(gzipped);
corrupt[corrupt.length - 6] ^= 0xff;

const hostile: [string, Uint8Array, RegExp, { maxBytes?: number }?][] = [
  ["an empty file", new Uint8Array(), /SyntaxError.*header of 348 bytes or more, found 0/],
  ["a text file", new TextEncoder().encode("x".repeat(999)), /SyntaxError.*neither magic/],
  ["a truncated file", bytes.subarray(0, 380), /SyntaxError.*expected 400 bytes.*found 380/],
  ["a truncated gzip file", gzipped.subarray(0, -9), /SyntaxError.*truncated/],
  ["a gzip file of truncated data", gzipSync(bytes.subarray(0, 380)), /SyntaxError.*found 380/],
  ["a corrupt gzip file", corrupt, /SyntaxError.*corrupt \(incorrect data check\)/],
  ["junk after gzip's magic", new Uint8Array([0x1f, 0x8b, 1, 2, 3]), /SyntaxError.*corrupt/],
  [
    "a header of more voxels than the gzip file can hold",
    gzipSync(niftiBytes({ shape: [2000, 2000, 100] }).subarray(0, 352)),
    /SyntaxError.*expected 800000352 bytes, more than \d+ compressed bytes can hold/,
  ],
  [
    "a header of more voxels than allowed",
    gzipSync(niftiBytes({ shape: [20000, 20000, 100] }).subarray(0, 352)),
    /RangeError.*expected at most 2147483648 bytes of data, found 80000000352/,
  ],
  [
    "a gzip bomb",
    gzipSync(new Uint8Array([...bytes, ...new Uint8Array(300_000)])),
    /RangeError.*expected at most 100000 bytes of data, found more/,
    { maxBytes: 100_000 },
  ],
  ["too large a file", bytes, /RangeError.*at most 399 bytes, found 400/, { maxBytes: 399 }],
  [
    "the header of a pair under another name",
    niftiBytes({ magic: "ni1\0" }),
    /SyntaxError.*rename it to \.hdr/,
  ],
];
for (const [what, content, message, options] of hostile) {
  Deno.test(`readNifti() refuses ${what}`, async () => {
    await withFile(content, "scan.nii.gz", async (path) => {
      await assert.rejects(readNifti(path, options), (error: Error) => {
        assert.match(`${error.name} ${error.message}`, message);
        assert.ok(error.message.startsWith(`${path}: `) && !error.message.includes("\n"));
        return true;
      });
    });
  });
}

Deno.test("readNifti() refuses a missing file, a folder and half a pair", async () => {
  const folder = await Deno.makeTempDir({ suffix: ".nii" });
  try {
    await assert.rejects(readNifti(`${folder}/none.nii`), /none\.nii: no such file/);
    await assert.rejects(readNifti(folder), new RegExp(WORDINGS.folderFound));
    await Deno.writeFile(`${folder}/a.hdr`, niftiBytes({ magic: "ni1\0" }));
    await assert.rejects(readNifti(`${folder}/a.hdr`), /a\.img: no such file/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import fc from "fast-check";
import { parseNifti } from "../../../lib/data/formats/nifti/parse.ts";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { encodeNifti } from "../../../lib/data/formats/nifti/encode.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";
import type { Volume, Voxels } from "../../../lib/data/volumes/volume.ts";
import { fixture, fixturePath, withFixtures } from "../../support/fixtures.ts";
import { realDataPath, withRealData } from "../../support/datasets.ts";
import { niftiBytes } from "../../support/nifti.ts";

const like = parseNifti(niftiBytes(), "scan.nii");

Deno.test("encodeNifti() and parseNifti() are inverse, bit for bit", () => {
  const unit = fc.double({ min: -1, max: 1, noNaN: true });
  const voxels = fc.oneof<fc.Arbitrary<Voxels>[]>(
    fc.uint8Array({ minLength: 24, maxLength: 24 }),
    fc.int16Array({ minLength: 24, maxLength: 24 }),
    fc.uint32Array({ minLength: 24, maxLength: 24 }),
    fc.float32Array({ minLength: 24, maxLength: 24 }),
    fc.float64Array({ minLength: 24, maxLength: 24 }),
  );
  const geometry = fc.record({
    version: fc.constant(2 as const),
    pixdim: fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), {
      minLength: 8,
      maxLength: 8,
    }),
    qformCode: fc.integer({ min: 0, max: 5 }),
    sformCode: fc.integer({ min: 0, max: 5 }),
    quaternion: fc.tuple(unit, unit, unit),
    offset: fc.tuple(unit, unit, unit),
    sform: fc.array(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 4, maxLength: 4 }),
      { minLength: 3, maxLength: 3 },
    ),
    units: fc.constantFrom(0, 2, 10),
  }, { noNullPrototype: true });
  fc.assert(fc.property(voxels, geometry, (voxels, geometry) => {
    const read = parseNifti(encodeNifti(voxels, { ...like, geometry }), "copy.nii");
    assert.deepEqual(read.voxels, voxels);
    assert.deepEqual(read.geometry, geometry);
    assert.deepEqual(read.shape, like.shape);
  }));
});

Deno.test("encodeNifti() copies no free text", () => {
  const bytes = niftiBytes();
  bytes.set(new TextEncoder().encode("Jane Doe"), 148);
  const copy = encodeNifti(new Uint8Array(24), parseNifti(bytes, "scan.nii"));
  assert.ok(!new TextDecoder().decode(copy).includes("Jane"));
});

Deno.test("encodeNifti() takes one frame or all, and no other number of voxels", () => {
  const cine: Volume = { ...like, shape: [2, 3, 1, 4] };
  assert.deepEqual(parseNifti(encodeNifti(new Uint8Array(6), cine), "").shape, [2, 3, 1]);
  assert.deepEqual(parseNifti(encodeNifti(new Uint8Array(24), cine), "").shape, [2, 3, 1, 4]);
  assert.throws(
    () => encodeNifti(new Uint8Array(12), cine),
    /RangeError: scan\.nii: expected voxels for shape 2 × 3 × 1 × 4, found 12/,
  );
});

Deno.test("writeNifti() replaces a file whole and leaves nothing beside it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const value of [1, 2]) {
      await writeNifti(`${folder}/mask.nii.gz`, new Uint8Array(24).fill(value), like);
      assert.deepEqual(
        (await readNifti(`${folder}/mask.nii.gz`)).voxels,
        new Uint8Array(24).fill(value),
      );
    }
    await assert.rejects(writeNifti(`${folder}/mask.png`, new Uint8Array(24), like), TypeError);
    await Deno.mkdir(`${folder}/taken.nii`);
    await assert.rejects(writeNifti(`${folder}/taken.nii`, new Uint8Array(24), like));
    assert.deepEqual(
      Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(),
      ["mask.nii.gz", "taken.nii"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const python = "/usr/bin/python3";

/** Prints shape, zooms, affine, dtype and sum as nibabel sees them, for every pair of paths. */
const nibabelScript = `
import sys, nibabel, numpy
for original, copy in zip(sys.argv[1::2], sys.argv[2::2]):
    a, b = nibabel.load(original), nibabel.load(copy)
    assert b.shape == a.shape[:3], (original, b.shape)
    assert b.header.get_zooms() == a.header.get_zooms()[:3], original
    assert numpy.array_equal(b.affine, a.affine), (original, a.affine, b.affine)
    assert type(b.header) is type(a.header) or original.endswith(".img"), original
    for field in "qform_code", "sform_code", "xyzt_units", "quatern_b", "srow_x", "pixdim":
        assert numpy.array_equal(a.header[field], b.header[field]), (original, field)
    assert b.get_data_dtype() == numpy.uint8
    values = numpy.arange(numpy.prod(b.shape)) % 4
    assert numpy.array_equal(numpy.asarray(b.dataobj).ravel(order="F"), values), original
`;

const mayRun = await Deno.permissions.query({ name: "run", command: python });
const hasNibabel = mayRun.state === "granted" && existsSync(python) &&
  (await new Deno.Command(python, { args: ["-c", "import nibabel"], stderr: "null" }).output())
    .success;

/** Writes a mask for each of the files and has nibabel compare it with its original. */
async function compareWithNibabel(originals: string[]): Promise<void> {
  assert.ok(originals.length > 0);
  const folder = await Deno.makeTempDir();
  try {
    const pairs: string[] = [];
    for (const original of originals) {
      const volume = await readNifti(original);
      const count = volume.shape.slice(0, 3).reduce((a, b) => a * b);
      const copy = `${folder}/${basename(original).replace(/\.img$/, ".nii")}`;
      await writeNifti(copy, Uint8Array.from({ length: count }, (_, i) => i % 4), volume);
      pairs.push(original, copy);
    }
    const { success, stderr } = await new Deno.Command(python, {
      args: ["-c", nibabelScript, ...pairs],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Adds to a test's options that it needs nibabel. */
function withNibabel(
  options: { name: string; ignore: boolean },
): { name: string; ignore: boolean } {
  if (hasNibabel || options.ignore) return options;
  return { name: `${options.name} (skipped: no nibabel)`, ignore: true };
}

Deno.test(
  withNibabel(withFixtures("writeNifti() writes masks that nibabel opens on the fixtures' grids")),
  () =>
    compareWithNibabel(Object.keys(fixture("nifti.json")).map((n) => fixturePath(`nifti/${n}`))),
);

Deno.test(
  withNibabel(withRealData("acdc", "writeNifti() writes masks that nibabel opens on ACDC's grids")),
  () => {
    const folder = realDataPath("acdc/training/patient090");
    return compareWithNibabel(["04", "11"].map((n) => `${folder}/patient090_frame${n}.nii.gz`));
  },
);

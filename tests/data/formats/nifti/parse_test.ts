import assert from "node:assert/strict";
import fc from "fast-check";
import { parseNifti } from "../../../../lib/data/formats/nifti/parse.ts";
import { encodeNifti } from "../../../../lib/data/formats/nifti/encode.ts";
import { assertClose } from "../../../support/close.ts";
import { niftiBytes, type NiftiFields } from "../../../support/nifti.ts";

const parse = (fields: NiftiFields) => parseNifti(niftiBytes(fields), "scan.nii");
const int16 = (count: number) => new Uint8Array(2 * count);

Deno.test("parseNifti() reads a volume without touching the bytes it is given", () => {
  const bytes = niftiBytes();
  const before = bytes.slice();
  const volume = parseNifti(bytes, "scan.nii");
  volume.voxels.fill(-1);
  assert.deepEqual(bytes, before);
  assert.deepEqual(volume.shape, [2, 3, 4]);
  assert.deepEqual(volume.spacing, [1.5, 1.5, 8]);
  assert.equal(volume.source, "scan.nii");
});

Deno.test("parseNifti() drops trailing axes of one voxel and takes a single slice", () => {
  const shapeOf = (shape: number[], count: number) => parse({ shape, data: int16(count) }).shape;
  assert.deepEqual(shapeOf([2, 3, 4, 1, 1], 24), [2, 3, 4]);
  assert.deepEqual(shapeOf([2, 3], 6), [2, 3, 1]);
  assert.deepEqual(shapeOf([2, 3, 1], 6), [2, 3, 1]);
  assert.deepEqual(shapeOf([2, 3, 1, 4], 24), [2, 3, 1, 4]);
});

Deno.test("parseNifti() scales unless slope is 0 or NaN", () => {
  const first = (slope: number, inter: number) =>
    parse({ float32: { 112: slope, 116: inter } }).voxels.subarray(0, 3);
  assert.deepEqual(first(2, -1), Float32Array.of(-1, 1, 3));
  assert.deepEqual(first(0, 7), Int16Array.of(0, 1, 2));
  assert.deepEqual(first(NaN, NaN), Int16Array.of(0, 1, 2));
  assert.deepEqual(first(1, 0), Int16Array.of(0, 1, 2));
});

Deno.test("parseNifti() reads 64-bit integers that float64 holds, and no others", () => {
  const read = (datatype: number, ...integers: bigint[]) =>
    parse({
      shape: [integers.length, 1, 1],
      datatype,
      data: new Uint8Array(BigInt64Array.from(integers).buffer),
    }).voxels;
  assert.deepEqual(read(1024, -5n, 2n ** 53n - 1n), Float64Array.of(-5, 2 ** 53 - 1));
  assert.deepEqual(read(1280, 5n), Float64Array.of(5));
  assert.throws(() => read(1024, 2n ** 53n), /RangeError.*within ±2\^53, found 9007199254740992/);
  assert.throws(() => read(1280, -1n), /RangeError.*found 18446744073709551615/);
});

Deno.test("parseNifti() reads uint32", () => {
  const data = new Uint8Array(Uint32Array.of(2 ** 32 - 1, 3).buffer);
  const { voxels } = parse({ shape: [2, 1, 1], datatype: 768, data });
  assert.deepEqual(voxels, Uint32Array.of(2 ** 32 - 1, 3));
});

Deno.test("parseNifti() takes the spacing from pixdim and warns once where the affine differs", () => {
  // As in every file of ACDC: sform_code 2 with diag(-1, -1, 1).
  const { spacing, affine, warnings } = parse({
    int16: { 254: 2 },
    float32: { 280: -1, 300: -1, 320: 1 },
  });
  assert.deepEqual(spacing, [1.5, 1.5, 8]);
  assert.deepEqual(affine, [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
  assert.deepEqual(warnings, ["The affine contradicts the voxel size in pixdim; pixdim is used."]);
});

Deno.test("parseNifti() reads a qform of 180°, rounded beyond a unit quaternion", () => {
  const { affine } = parse({ int16: { 252: 1 }, float32: { 260: 1.0000001, 268: 4 } });
  assertClose(affine as number[][], [[-1.5, 0, 0, 4], [0, 1.5, 0, 0], [0, 0, -8, 0], [0, 0, 0, 1]]);
});

Deno.test("parseNifti() converts metres and micrometres", () => {
  const metres = parse({ pixdim: [0.0015, 0.0015, 0.008], int16: { 122: 1 << 8 } });
  assertClose(metres.spacing, [1.5, 1.5, 8], 1e-6);
  assertClose(metres.affine[2] as number[], [0, 0, 8, -12], 1e-6);
  assert.match(metres.warnings[0], /not the millimetre/);
});

Deno.test("parseNifti() repairs negative and zero voxel sizes, saying so", () => {
  const { spacing, warnings } = parse({ pixdim: [-1.5, 0, 8] });
  assert.deepEqual(spacing, [1.5, 1, 8]);
  assert.equal(warnings.length, 2);
});

const refused: [string, NiftiFields, RegExp][] = [
  ["negative lengths", { shape: [2, -3, 4] }, /RangeError: scan\.nii: .*dim\[2\].*found -3/],
  [
    "five axes",
    { shape: [2, 3, 1, 1, 4] },
    /RangeError.*2 to 4 axes, found shape 2 × 3 × 1 × 1 × 4/,
  ],
  ["one axis", { shape: [24] }, /RangeError.*2 to 4 axes/],
  ["an impossible number of axes", { int16: { 40: 9 } }, /RangeError.*dim\[0\].*found 9/],
  ["a NaN voxel size", { pixdim: [1, NaN, 1] }, /RangeError.*pixdim\[2\], found NaN/],
  ["a NaN sform", { int16: { 254: 1 }, float32: { 280: NaN } }, /RangeError.*finite affine/],
  ["a vox_offset in the header", { float32: { 108: 100 } }, /RangeError.*from 352, found 100/],
  ["a vox_offset beyond the end", { float32: { 108: 1e6 } }, /SyntaxError.*1000048.*truncated/],
  ["a vox_offset of NaN", { float32: { 108: NaN } }, /RangeError.*found NaN/],
  ["complex voxels", { datatype: 32 }, /TypeError.*found datatype complex64/],
  ["colours", { datatype: 128 }, /TypeError.*found datatype RGB24/],
  ["an unknown datatype", { datatype: 77 }, /TypeError.*found datatype code 77/],
  ["a NaN scl_inter", { float32: { 112: 2, 116: NaN } }, /RangeError.*scl_inter/],
  ["another sizeof_hdr", { int16: { 0: 5 } }, /SyntaxError.*sizeof_hdr/],
  ["the header of a pair alone", { magic: "ni1\0" }, /SyntaxError.*pair alone/],
];
for (const [what, fields, message] of refused) {
  Deno.test(`parseNifti() refuses ${what}`, () => {
    assert.throws(() => parse(fields), message);
  });
}

Deno.test("parseNifti() reads or refuses a damaged file of either version, in one line", () => {
  const first = parseNifti(niftiBytes(), "scan.nii");
  const second = { ...first, geometry: { ...first.geometry, version: 2 as const } };
  const damages = fc.array(fc.record({ at: fc.nat(600), byte: fc.nat(255) }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(first, second), damages, fc.nat(600), (volume, damages, cut) => {
      const bytes = encodeNifti(volume.voxels, volume);
      for (const { at, byte } of damages) if (at < bytes.length) bytes[at] = byte;
      try {
        const { voxels, shape } = parseNifti(
          bytes.subarray(0, bytes.length - cut % 50),
          "scan.nii",
        );
        assert.equal(voxels.length, shape.reduce((product, length) => product * length));
      } catch (error) {
        assert.match((error as Error).message, /^scan\.nii: expected .*$/);
      }
    }),
    { numRuns: 2000 },
  );
});

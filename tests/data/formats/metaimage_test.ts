import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import { decodeMetaImage } from "../../../lib/data/formats/metaimage/decode.ts";
import { encodeMetaImage } from "../../../lib/data/formats/metaimage/encode.ts";
import { inflateZlib } from "../../../lib/io/inflate_zlib.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { assertSameAffine, obliqueVolume } from "../../support/grids.ts";

/** Fields of a sound file of 2 × 1 × 3 bytes; `undefined` leaves one out. */
const FIELDS: Record<string, string | undefined> = {
  ObjectType: "Image",
  NDims: "3",
  BinaryData: "True",
  ElementSpacing: "1 2 3",
  TransformMatrix: "1 0 0 0 1 0 0 0 1",
  Offset: "0 0 0",
  DimSize: "2 1 3",
  ElementType: "MET_UCHAR",
};

const SIX = Uint8Array.of(0, 1, 2, 3, 4, 5);

function mha(
  changes: Record<string, string | undefined> = {},
  data: Uint8Array | string = SIX,
): Uint8Array {
  const { ElementDataFile = "LOCAL", ...fields } = { ...FIELDS, ...changes };
  const lines = Object.entries({ ...fields, ElementDataFile })
    .flatMap(([name, value]) => value === undefined ? [] : `${name} = ${value}\n`);
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return Uint8Array.from([...new TextEncoder().encode(lines.join("")), ...bytes]);
}

const read = (file: Uint8Array) => decodeMetaImage(file, "a.mha");
const numbersOf = ({ voxels }: Volume) => Array.from(voxels);

Deno.test("decodeMetaImage() reads every type in both byte orders", async () => {
  const types: [name: string, set: keyof DataView & `set${string}`, bytes: number][] = [
    ["MET_CHAR", "setInt8", 1],
    ["MET_UCHAR", "setUint8", 1],
    ["MET_SHORT", "setInt16", 2],
    ["MET_USHORT", "setUint16", 2],
    ["MET_INT", "setInt32", 4],
    ["MET_UINT", "setUint32", 4],
    ["MET_LONG", "setInt32", 4],
    ["MET_ULONG", "setUint32", 4],
    ["MET_FLOAT", "setFloat32", 4],
    ["MET_DOUBLE", "setFloat64", 8],
    ["MET_LONG_LONG", "setBigInt64", 8],
    ["MET_ULONG_LONG", "setBigUint64", 8],
  ];
  const values = [0, 1, 2, 50, 100, 127];
  for (const [ElementType, set, width] of types) {
    for (const [order, little] of [["False", true], ["True", false]] as const) {
      const data = new Uint8Array(6 * width);
      const view = new DataView(data.buffer);
      values.forEach((value, i) => {
        if (set === "setBigInt64" || set === "setBigUint64") {
          view[set](8 * i, BigInt(value), little);
        } else view[set](width * i, value, little);
      });
      const volume = await read(mha({ ElementType, ElementByteOrderMSB: order }, data));
      assert.deepEqual(numbersOf(volume), values, ElementType);
    }
  }
});

Deno.test("decodeMetaImage() reads raw, compressed and text, and skips a header of the data", async () => {
  const compressed = { CompressedData: "True" };
  const files = [
    mha(),
    mha({ BinaryData: undefined }),
    mha(compressed, deflateSync(SIX)),
    mha(compressed, gzipSync(SIX)),
    mha({ BinaryData: "False" }, "0 1 2\n3 4 5\n"),
    mha({ HeaderSize: "2" }, Uint8Array.of(9, 9, ...SIX)),
    mha({ HeaderSize: "-1" }, Uint8Array.of(9, 9, 9, ...SIX)),
    mha({ "dim[0]": "3", Comment: "a = b" }),
  ];
  for (const [i, file] of files.entries()) {
    for (const inflate of [undefined, inflateZlib]) {
      const volume = await decodeMetaImage(file, "a.mha", { inflate });
      assert.deepEqual(numbersOf(volume), [...SIX], `${i}`);
      assert.deepEqual(volume.warnings, []);
    }
  }
});

Deno.test("decodeMetaImage() places voxels in RAS by whichever names fields have", async () => {
  // x of the grid runs along the patient's y (to the back), y along x (to the left).
  for (const matrix of ["TransformMatrix", "Orientation", "Rotation"]) {
    for (const offset of ["Offset", "Position", "Origin"]) {
      const file = mha({
        TransformMatrix: undefined,
        Offset: undefined,
        [matrix]: "0 1 0 1 0 0 0 0 1",
        [offset]: "5 6 7",
      });
      const volume = await read(file);
      assertSameAffine(
        volume.affine,
        [[0, -2, 0, -5], [-1, 0, 0, -6], [0, 0, 3, 7], [0, 0, 0, 1]],
        0,
      );
      assert.deepEqual(volume.spacing, [1, 2, 3]);
      assert.equal(volume.geometry.sformCode, 1);
    }
  }
  const size = await read(mha({ ElementSpacing: undefined, ElementSize: "4 5 6" }));
  assert.deepEqual(size.spacing, [4, 5, 6]);
  const unit = await read(mha({ DistanceUnits: "cm", Offset: "1 1 1" }));
  assert.deepEqual(unit.spacing, [10, 20, 30]);
  assert.equal(unit.affine[0][3], -10);
});

Deno.test("decodeMetaImage() says what a file does not tell", async () => {
  const none = { TransformMatrix: undefined, ElementSpacing: undefined };
  const { warnings, affine } = await read(mha(none));
  assert.match(
    warnings.join(),
    /no TransformMatrix\); left-posterior-superior.*no voxel size; 1 mm/,
  );
  assertSameAffine(affine, [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], 0);
});

Deno.test("decodeMetaImage() reads channels, time series and pictures", async () => {
  const twelve = Uint8Array.from({ length: 12 }, (_, i) => (i >> 1) + 10 * (i & 1));
  const channels = await read(mha({ ElementNumberOfChannels: "2" }, twelve));
  assert.deepEqual(channels.shape, [2, 1, 3, 2]);
  assert.deepEqual(numbersOf(channels), [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
  const series = await read(mha({
    NDims: "4",
    DimSize: "2 1 2 3",
    ElementSpacing: "1 2 3 4",
    Offset: "1 2 3 4",
    TransformMatrix: "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1",
  }, twelve));
  assert.deepEqual(series.shape, [2, 1, 2, 3]);
  assert.deepEqual(numbersOf(series), [...twelve]);
  assertSameAffine(series.affine, [[-1, 0, 0, -1], [0, -2, 0, -2], [0, 0, 3, 3], [0, 0, 0, 1]], 0);
  const picture = await read(mha({
    NDims: "2",
    DimSize: "3 2",
    ElementSpacing: "0.5 0.25",
    Offset: "1 2",
    TransformMatrix: "1 0 0 1",
  }));
  assert.deepEqual(picture.shape, [3, 2, 1]);
  assert.deepEqual(picture.spacing, [0.5, 0.25, 1]);
});

Deno.test("decodeMetaImage() refuses what it cannot read right", async () => {
  const refused: [Uint8Array, RegExp][] = [
    [SIX, /^SyntaxError: a\.mha: expected a MetaImage header that ends with ElementDataFile/],
    [mha({}, SIX.subarray(1)), /^SyntaxError: .*expected 6 bytes of voxels, found 5: truncated/],
    [mha({ DimSize: undefined }), /^SyntaxError: .*expected the field DimSize, found none/],
    [mha({ DimSize: "2 1" }), /^SyntaxError: .*expected 3 numbers in DimSize, found 2 1/],
    [mha({ DimSize: "2 -1 3" }), /^SyntaxError: .*expected lengths from 1/],
    [mha({ NDims: "5", DimSize: "1 1 1 1 1" }), /^SyntaxError: .*expected 2 to 4 axes in NDims/],
    [mha({ ElementType: "MET_STRING" }), /^TypeError: .*found the type MET_STRING/],
    [mha({ ElementSpacing: "1 0 1" }), /^SyntaxError: .*expected sizes above 0 in ElementSpacing/],
    [mha({ TransformMatrix: "1 0 0 1 0 0 0 0 1" }), /^RangeError: .*expected axes that span space/],
    [mha({ ElementDataFile: "a%03d.raw 1 3 1" }), /^SyntaxError: .*expected one file in ElementD/],
    [mha({ ElementDataFile: "LIST" }), /^SyntaxError: .*expected one file in ElementDataFile/],
    [mha({ ElementDataFile: "a.raw" }), /^SyntaxError: .*found them in a\.raw/],
    [mha({ ElementToIntensityFunctionSlope: "2" }), /^SyntaxError: .*expected 1 in ElementToInten/],
    [mha({ CompressedData: "maybe" }), /^SyntaxError: .*expected True or False in CompressedData/],
    [mha({ CompressedData: "True" }), /^SyntaxError: .*expected whole zlib data, found it trunc/],
    [mha({ BinaryData: "False" }, "0 1 2 3 4 -1"), /^RangeError: .*of type uint8, found -1/],
  ];
  for (const [file, says] of refused) await assert.rejects(read(file), says);
});

Deno.test("encodeMetaImage() keeps voxels and affine", async () => {
  const volume = obliqueVolume();
  const back = await read(await encodeMetaImage(volume.voxels, volume));
  assert.deepEqual(back.voxels, volume.voxels);
  assertSameAffine(back.affine, volume.affine, 1e-14);
  const frames = { ...volume, shape: [5, 4, 1, 3] };
  const series = await read(await encodeMetaImage(volume.voxels, frames));
  assert.deepEqual(series.shape, [5, 4, 1, 3]);
  assertSameAffine(series.affine, volume.affine, 1e-14);
});

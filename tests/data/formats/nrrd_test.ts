import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { decodeNrrd } from "../../../lib/data/formats/nrrd/decode.ts";
import { encodeNrrd } from "../../../lib/data/formats/nrrd/encode.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { assertSameAffine, OBLIQUE, obliqueVolume } from "../../support/grids.ts";

/** A file of these header lines, then data. */
function nrrd(lines: readonly string[], data: Uint8Array | string = ""): Uint8Array {
  const text = new TextEncoder().encode(`NRRD0005\n${lines.join("\n")}\n\n`);
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return Uint8Array.from([...text, ...bytes]);
}

const SMALL = ["type: uint8", "dimension: 3", "sizes: 2 1 3", "encoding: raw"];
const SIX = Uint8Array.of(0, 1, 2, 3, 4, 5);
const read = (file: Uint8Array) => decodeNrrd(file, "a.nrrd");
const numbersOf = ({ voxels }: Volume) => Array.from(voxels);

Deno.test("decodeNrrd() reads every type in both byte orders", async () => {
  const types: [names: string[], bytes: number, set: "Int" | "Uint" | "Float" | "BigInt"][] = [
    [["signed char", "int8", "int8_t"], 1, "Int"],
    [["uchar", "unsigned char", "uint8", "uint8_t"], 1, "Uint"],
    [["short", "short int", "signed short", "signed short int", "int16", "int16_t"], 2, "Int"],
    [["ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"], 2, "Uint"],
    [["int", "signed int", "int32", "int32_t"], 4, "Int"],
    [["uint", "unsigned int", "uint32", "uint32_t"], 4, "Uint"],
    [["longlong", "long long", "long long int", "int64", "int64_t"], 8, "BigInt"],
    [["ulonglong", "unsigned long long", "uint64", "uint64_t"], 8, "BigInt"],
    [["float"], 4, "Float"],
    [["double"], 8, "Float"],
  ];
  const values = [0, 1, 2, 50, 100, 127];
  for (const [names, width, kind] of types) {
    for (const little of [true, false]) {
      const data = new Uint8Array(6 * width);
      const view = new DataView(data.buffer);
      values.forEach((value, i) => {
        if (kind === "BigInt") view.setBigInt64(8 * i, BigInt(value), little);
        else if (kind === "Float" && width === 8) view.setFloat64(8 * i, value, little);
        else if (kind === "Float") view.setFloat32(4 * i, value, little);
        else if (width === 4) view.setInt32(4 * i, value, little);
        else if (width === 2) view.setInt16(2 * i, value, little);
        else view.setUint8(i, value);
      });
      for (const name of names) {
        const lines = [`type: ${name}`, ...SMALL.slice(1), `endian: ${little ? "little" : "big"}`];
        assert.deepEqual(numbersOf(await read(nrrd(lines, data))), values, name);
      }
    }
  }
});

Deno.test("decodeNrrd() reads raw, gzip and text, and skips what is to be skipped", async () => {
  const as = (encoding: string, ...more: string[]) => [
    ...SMALL.slice(0, 3),
    `encoding: ${encoding}`,
    ...more,
  ];
  const two = Uint8Array.from([...gzipSync(SIX.subarray(0, 2)), ...gzipSync(SIX.subarray(2))]);
  const files = [
    nrrd(as("raw"), SIX),
    nrrd(as("gzip"), gzipSync(SIX)),
    nrrd(as("gz"), two),
    nrrd(as("gzip", "byte skip: 2"), gzipSync(Uint8Array.of(9, 9, ...SIX))),
    nrrd(as("text"), "0 1 2\n3,4 5\n"),
    nrrd(as("ascii", "line skip: 1"), "9 9\n0 1 2 3 4 5"),
    nrrd(as("raw", "byte skip: -1"), Uint8Array.of(9, 9, 9, ...SIX)),
    nrrd(as("raw", "line skip: 2", "byte skip: 1"), Uint8Array.of(9, 10, 9, 10, 9, ...SIX)),
    new TextEncoder().encode(
      new TextDecoder().decode(nrrd(as("txt", "# a comment", "key:=value: x")))
        .replaceAll("\n", "\r\n") + "0 1 2 3 4 5",
    ),
  ];
  for (const [i, file] of files.entries()) {
    const volume = await read(file);
    assert.deepEqual(numbersOf(volume), [...SIX], `${i}`);
    assert.deepEqual(volume.shape, [2, 1, 3]);
  }
});

Deno.test("decodeNrrd() places voxels in RAS, whatever the file's space", async () => {
  const at = ["space directions: (2,0,0) (0,3,0) (0,0,4)", "space origin: (5,6,7)"];
  for (
    const [space, x, y] of [
      ["right-anterior-superior", 1, 1],
      ["RAS", 1, 1],
      ["left-anterior-superior", -1, 1],
      ["left-posterior-superior", -1, -1],
      ["LPS", -1, -1],
    ] as const
  ) {
    const volume = await read(nrrd([...SMALL, `space: ${space}`, ...at], SIX));
    const expected = [[2 * x, 0, 0, 5 * x], [0, 3 * y, 0, 6 * y], [0, 0, 4, 7], [0, 0, 0, 1]];
    assertSameAffine(volume.affine, expected, 0);
    assert.deepEqual(volume.spacing, [2, 3, 4]);
    assert.deepEqual(volume.geometry.sform, expected.slice(0, 3));
    assert.equal(volume.geometry.sformCode, 1);
    assert.deepEqual(volume.warnings, []);
  }
  const unit = await read(
    nrrd([...SMALL, "space: LPS", 'space units: "cm" "cm" "cm"', ...at], SIX),
  );
  assert.deepEqual(unit.spacing, [20, 30, 40]);
  assert.equal(unit.affine[2][3], 70);
});

Deno.test("decodeNrrd() says where a file does not tell the patient's sides or a size", async () => {
  const scanner = await read(nrrd([...SMALL, "space: scanner-xyz", "spacings: 1 1 2"], SIX));
  assert.match(scanner.warnings.join(), /sides \(space scanner-xyz\); left-posterior-superior/);
  const nothing = await read(nrrd(SMALL, SIX));
  assert.match(nothing.warnings.join(), /no space\).*no voxel size; 1 mm/);
  assertSameAffine(nothing.affine, [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], 0);
});

Deno.test("decodeNrrd() brings channels behind the axes of space", async () => {
  // Two channels of 3 × 2 × 1 voxels: voxel i has the values i and 10 + i.
  const first = Uint8Array.from({ length: 12 }, (_, i) => (i >> 1) + 10 * (i & 1));
  const last = Uint8Array.from({ length: 12 }, (_, i) => i % 6 + 10 * Math.floor(i / 6));
  const space = "space: LPS";
  const lines = (sizes: string, ...more: string[]) => [
    ...["type: uchar", "dimension: 4", `sizes: ${sizes}`, "encoding: raw", space],
    ...more,
  ];
  const files = [
    nrrd(lines("2 3 2 1", "space directions: none (1,0,0) (0,1,0) (0,0,2)"), first),
    nrrd(lines("2 3 2 1", "kinds: vector domain domain domain", "spacings: nan 1 1 2"), first),
    nrrd(lines("2 3 2 1", "spacings: NaN 1 1 2"), first),
    nrrd(lines("3 2 1 2", "space directions: (1,0,0) (0,1,0) (0,0,2) none"), last),
    nrrd(lines("3 2 1 2", "kinds: space space space list", "spacings: 1 1 2 1"), last),
    nrrd(lines("3 2 1 2", "spacings: 1 1 2 7"), last),
  ];
  for (const [i, file] of files.entries()) {
    const volume = await read(file);
    assert.deepEqual(volume.shape, [3, 2, 1, 2], `${i}`);
    assert.deepEqual(numbersOf(volume), [...last], `${i}`);
    assert.deepEqual(volume.spacing, [1, 1, 2]);
  }
});

Deno.test("decodeNrrd() reads pictures, also such that lie in space", async () => {
  const lines = ["type: uchar", "dimension: 2", "sizes: 3 2", "encoding: raw"];
  const plain = await read(nrrd([...lines, "spacings: 0.5 0.25"], SIX));
  assert.deepEqual(plain.shape, [3, 2, 1]);
  assert.deepEqual(plain.spacing, [0.5, 0.25, 1]);
  const coronal = ["space: RAS", "space directions: (2,0,0) (0,0,3)", "space origin: (1,2,3)"];
  const volume = await read(nrrd([...lines, ...coronal], SIX));
  // Across x and z lies x × z = −y.
  assertSameAffine(volume.affine, [[2, 0, 0, 1], [0, 0, -1, 2], [0, 3, 0, 3], [0, 0, 0, 1]], 0);
});

Deno.test("decodeNrrd() reads voxels from the file that the header names", async () => {
  const file = nrrd([...SMALL, "data file: sub/a.raw"]);
  const asked: string[] = [];
  const beside = (name: string) => {
    asked.push(name);
    return Promise.resolve(Uint8Array.of(...SIX, 9));
  };
  const volume = await decodeNrrd(file, "a.nhdr", { beside });
  assert.deepEqual(numbersOf(volume), [...SIX]);
  assert.deepEqual(asked, ["sub/a.raw"]);
  assert.match(volume.warnings.join(), /The data goes on for 1 bytes/);
  await assert.rejects(
    decodeNrrd(file, "a.nhdr"),
    /^SyntaxError: a\.nhdr: expected voxels in the file itself, found them in sub\/a\.raw/,
  );
});

Deno.test("decodeNrrd() refuses what it cannot read right", async () => {
  const swap = (from: string, to: string) => SMALL.map((line) => line.replace(from, to));
  const refused: [Uint8Array, RegExp][] = [
    [Uint8Array.of(1, 2), /^SyntaxError: a\.nrrd: expected an NRRD file/],
    [nrrd(SMALL, SIX.subarray(1)), /^SyntaxError: .*expected 6 bytes of voxels, found 5: trunc/],
    [nrrd(swap("raw", "bzip2"), SIX), /^TypeError: .*encoding raw, gzip or text, found bzip2/],
    [nrrd(swap("uint8", "block"), SIX), /^TypeError: .*found the type block/],
    [nrrd(swap("uint8", "int16"), SIX), /^SyntaxError: .*expected the field endian, found none/],
    [nrrd(swap("2 1 3", "2 0 3"), SIX), /^SyntaxError: .*expected lengths from 1.* in sizes/],
    [nrrd(swap("2 1 3", "2 3"), SIX), /^SyntaxError: .*expected 3 numbers in sizes, found 2 3/],
    [nrrd(swap("dimension: 3", "dim: 3"), SIX), /^SyntaxError: .*expected the field dimension/],
    [nrrd([...swap("raw", "text")], "1 2 3 4 5 256"), /^RangeError: .*of type uint8, found 256/],
    [nrrd([...swap("raw", "text")], "1 2 3 4 5 x"), /^RangeError: .*of type uint8, found x/],
    [nrrd([...swap("raw", "text")], "1 2 3"), /^SyntaxError: .*expected 6 numbers/],
    [nrrd([...SMALL, "data file: a%03d.raw 1 9 1"]), /^SyntaxError: .*expected one file in data f/],
    [nrrd([...SMALL, "data file: LIST", "a.raw"]), /^SyntaxError: .*expected one file/],
    [
      nrrd([...SMALL, "space directions: (1,0,0) (0,1,0)"], SIX),
      /^SyntaxError: .*3 vectors or none/,
    ],
    [
      nrrd([...SMALL, "space directions: (1,0,0) (0,1,0) (1,1,0)"], SIX),
      /^RangeError: .*expected axes that span space/,
    ],
    [
      nrrd([
        ...SMALL,
        "space: LPS",
        "space units: foot foot foot",
        "space directions: (1,0,0) (0,1,0) (0,0,1)",
      ], SIX),
      /^SyntaxError: .*expected mm, cm, m or um in space units, found foot/,
    ],
    [
      nrrd([
        "type: uchar",
        "dimension: 4",
        "sizes: 2 3 2 2",
        "encoding: raw",
        "kinds: list list domain domain",
      ]),
      /^SyntaxError: .*expected 2 or 3 axes of space and 1 of channels at most, found 2 and 2/,
    ],
  ];
  for (const [file, says] of refused) await assert.rejects(read(file), says);
  await assert.rejects(
    decodeNrrd(nrrd(swap("raw", "gzip"), gzipSync(new Uint8Array(1e6))), "a.nrrd", {
      maxBytes: 100,
    }),
    /^RangeError: a\.nrrd: expected at most 100 bytes/,
  );
});

Deno.test("encodeNrrd() keeps voxels and affine to the last bit", async () => {
  const volume = obliqueVolume();
  const back = await read(await encodeNrrd(volume.voxels, volume));
  assert.deepEqual(back.voxels, volume.voxels);
  assert.deepEqual(back.affine, OBLIQUE);
  const frames = { ...volume, shape: [5, 4, 1, 3] };
  assert.deepEqual((await read(await encodeNrrd(volume.voxels, frames))).shape, [5, 4, 1, 3]);
  assert.deepEqual((await read(await encodeNrrd(new Uint8Array(20), frames))).shape, [5, 4, 1]);
  await assert.rejects(encodeNrrd(new Uint8Array(7), volume), /oblique: expected voxels for shape/);
});

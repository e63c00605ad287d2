import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { decodeTiff } from "../../../lib/data/formats/tiff/decode.ts";
import { unlzw, unpackBits } from "../../../lib/data/formats/tiff/inflate.ts";
import { tiffBytes, type TiffPage, type TiffValues } from "../../support/tiff.ts";

/** Fields by their tags. */
const [WIDTH, HEIGHT, BITS, COMPRESSION, MEANING, DESCRIPTION] = [256, 257, 258, 259, 262, 270];
const [ORIENTATION, SAMPLES, ROWS, PLANAR, PREDICTOR] = [274, 277, 278, 284, 317];
const [TILE_WIDTH, TILE_HEIGHT, EXTRA, FORMAT] = [322, 323, 338, 339];

const read = (file: Uint8Array) => decodeTiff(file, "a.tif");

/** A grey page of 3 × 2 bytes. */
function page(fields: Record<number, TiffValues> = {}, ...blocks: Uint8Array[]): TiffPage {
  const grey = { [WIDTH]: [3], [HEIGHT]: [2], [BITS]: [8], [MEANING]: [1] };
  return {
    fields: { ...grey, ...fields },
    blocks: blocks.length > 0 ? blocks : [Uint8Array.of(0, 1, 2, 3, 4, 5)],
  };
}

async function valuesOf(...pages: TiffPage[]): Promise<number[]> {
  return Array.from((await read(tiffBytes(pages))).voxels);
}

Deno.test("decodeTiff() reads every type in both byte orders", async () => {
  const types: [format: number, bits: number, set: keyof DataView & `set${string}`][] = [
    [1, 8, "setUint8"],
    [2, 8, "setInt8"],
    [1, 16, "setUint16"],
    [2, 16, "setInt16"],
    [1, 32, "setUint32"],
    [2, 32, "setInt32"],
    [3, 32, "setFloat32"],
    [3, 64, "setFloat64"],
    [1, 64, "setBigUint64"],
    [2, 64, "setBigInt64"],
  ];
  for (const [format, bits, set] of types) {
    const values = format === 1 ? [0, 1, 2, 50, 100, 127] : [0, -1, 2, -50, 100, -127];
    for (const little of [true, false]) {
      const view = new DataView(new ArrayBuffer(6 * bits / 8));
      values.forEach((value, i) => {
        const at = i * bits / 8;
        if (set === "setBigInt64" || set === "setBigUint64") view[set](at, BigInt(value), little);
        else view[set](at, value, little);
      });
      const stored = page({ [BITS]: [bits], [FORMAT]: [format] }, new Uint8Array(view.buffer));
      const volume = await read(tiffBytes([stored], little));
      assert.deepEqual(Array.from(volume.voxels), values, `${set} ${little}`);
      assert.deepEqual(volume.shape, [3, 2, 1]);
    }
  }
});

Deno.test("decodeTiff() joins strips, tiles and planes", async () => {
  const strips = page({ [ROWS]: [1] }, Uint8Array.of(0, 1, 2), Uint8Array.of(3, 4, 5));
  assert.deepEqual(await valuesOf(strips), [0, 1, 2, 3, 4, 5]);
  // 3 × 2 pixels in tiles of 2 × 2, whose pixels beyond the page are 9.
  const tile = { [TILE_WIDTH]: [2], [TILE_HEIGHT]: [2] };
  const tiles = [Uint8Array.of(0, 1, 3, 4), Uint8Array.of(2, 9, 5, 9)];
  assert.deepEqual(await valuesOf({ ...page(tile, ...tiles), tiled: true }), [0, 1, 2, 3, 4, 5]);
  const colours = { [SAMPLES]: [3], [BITS]: [8, 8, 8], [MEANING]: [2] };
  const beside = Uint8Array.from({ length: 18 }, (_, i) => Math.floor(i / 3) + 10 * (i % 3));
  const expected = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25];
  assert.deepEqual(await valuesOf(page(colours, beside)), expected);
  const planes = [0, 10, 20].map((n) => Uint8Array.from({ length: 6 }, (_, i) => n + i));
  assert.deepEqual(await valuesOf(page({ ...colours, [PLANAR]: [2] }, ...planes)), expected);
  const tiled = tiles.map((tile) => Uint8Array.from([...tile].flatMap((v) => [v, 10 + v, 20 + v])));
  assert.deepEqual(
    await valuesOf({ ...page({ ...colours, ...tile }, ...tiled), tiled: true }),
    expected,
  );
});

Deno.test("decodeTiff() sums up differences within a tile, and inverts where white is zero", async () => {
  const fields = { [COMPRESSION]: [8], [PREDICTOR]: [2], [TILE_WIDTH]: [2], [TILE_HEIGHT]: [2] };
  const tiles = [[250, 10, 3, 1], [2, 0, 5, 0]].map((tile) => deflateSync(Uint8Array.from(tile)));
  assert.deepEqual(
    await valuesOf({ ...page(fields, ...tiles), tiled: true }),
    [250, 4, 2, 3, 4, 5],
  );
  assert.deepEqual(await valuesOf(page({ [MEANING]: [0] })), [255, 254, 253, 252, 251, 250]);
  const bits = page({ [BITS]: [1], [MEANING]: [0] }, Uint8Array.of(0b10100000, 0b01000000));
  assert.deepEqual(await valuesOf(bits), [0, 1, 0, 1, 0, 1]);
  const nibbles = page({ [BITS]: [4] }, Uint8Array.of(0x12, 0x30, 0x45, 0x60));
  assert.deepEqual(await valuesOf(nibbles), [1, 2, 3, 4, 5, 6]);
});

Deno.test("decodeTiff() reads pages as slices, channels or time points, as they are described", async () => {
  const pages = (description?: string) =>
    [0, 1, 2, 3, 4, 5].map((n) =>
      page(
        n === 0 && description ? { [DESCRIPTION]: description } : {},
        new Uint8Array(6).fill(n),
      )
    );
  const firsts = async (description?: string) => {
    const { shape, voxels } = await read(tiffBytes(pages(description)));
    return [shape, Array.from(voxels).filter((_, i) => i % 6 === 0)];
  };
  assert.deepEqual(await firsts(), [[3, 2, 6], [0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(await firsts("ImageJ=1.53\nimages=6\nslices=6\n"), [[3, 2, 6], [
    ...[0, 1, 2, 3, 4, 5],
  ]]);
  assert.deepEqual(await firsts("ImageJ=1.53\nimages=6\n"), [[3, 2, 6], [0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(
    await firsts("ImageJ=1.53\nimages=6\nchannels=2\nslices=3\n"),
    [[3, 2, 3, 2], [0, 2, 4, 1, 3, 5]],
  );
  assert.deepEqual(
    await firsts("ImageJ=1.53\nimages=6\nslices=3\nframes=2\n"),
    [[3, 2, 3, 2], [0, 1, 2, 3, 4, 5]],
  );
  const ome = (order: string, z: number, c: number, t: number) =>
    `<?xml?><OME><Pixels DimensionOrder="XY${order}" SizeZ="${z}" SizeC="${c}" SizeT="${t}"/></OME>`;
  assert.deepEqual(await firsts(ome("CZT", 3, 2, 1)), [[3, 2, 3, 2], [0, 2, 4, 1, 3, 5]]);
  assert.deepEqual(await firsts(ome("ZCT", 3, 2, 1)), [[3, 2, 3, 2], [0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(await firsts(ome("TZC", 2, 1, 3)), [[3, 2, 2, 3], [0, 3, 1, 4, 2, 5]]);
  await assert.rejects(
    firsts("ImageJ=1.53\nimages=60\nslices=60\n"),
    /^SyntaxError: a\.tif: expected 60 pages, as its description says, found 6/,
  );
  await assert.rejects(firsts(ome("CZT", 1, 2, 3)), /^TypeError: .*channels or time points/);
});

Deno.test("decodeTiff() leaves out small copies of pages", async () => {
  const copy = page({ 254: [1], [WIDTH]: [1], [HEIGHT]: [1] }, Uint8Array.of(7));
  assert.deepEqual(await valuesOf(page(), copy), [0, 1, 2, 3, 4, 5]);
});

Deno.test("decodeTiff() says what it leaves out", async () => {
  const alpha = (last: number) =>
    page(
      { [SAMPLES]: [2], [BITS]: [8, 8], [EXTRA]: [2] },
      Uint8Array.of(0, 255, 1, 255, 2, 255, 3, 255, 4, 255, 5, last),
    );
  const varies = await read(tiffBytes([alpha(0)]));
  assert.deepEqual(Array.from(varies.voxels), [0, 1, 2, 3, 4, 5]);
  assert.match(varies.warnings.join(), /opacity is left out/);
  assert.deepEqual((await read(tiffBytes([alpha(255)]))).warnings, []);
  const turned = await read(tiffBytes([page({ [ORIENTATION]: [3] })]));
  assert.match(turned.warnings.join(), /Orientation 3 of the picture is not applied/);
});

Deno.test("decodeTiff() refuses what it cannot read right", async () => {
  const circle = tiffBytes([page(), page()]);
  const view = new DataView(circle.buffer);
  const first = view.getUint32(4, true);
  const end = first + 2 + 12 * view.getUint16(first, true);
  view.setUint32(end, first, true);
  const two = tiffBytes([page(), page()]);
  const refused: [Uint8Array, RegExp][] = [
    [Uint8Array.of(1, 2, 3), /^SyntaxError: a\.tif: expected a TIFF file, found no TIFF magic/],
    [Uint8Array.of(0x49, 0x49, 43, 0, 8, 0, 0, 0), /^TypeError: .*found BigTIFF/],
    [circle, /^SyntaxError: .*its pages lead back to each other/],
    [tiffBytes([page({}, Uint8Array.of(1))]), /^SyntaxError: .*blocks of 1 bytes are to hold 6/],
    [
      tiffBytes([page({ [COMPRESSION]: [7] })]),
      /^TypeError: .*found compression 7 and predictor 1/,
    ],
    [tiffBytes([page({ [PREDICTOR]: [3] })]), /^TypeError: .*compression 1 and predictor 3/],
    [tiffBytes([page({ [MEANING]: [5] })]), /^TypeError: .*found photometric 5/],
    [tiffBytes([page({ [BITS]: [12] })]), /^TypeError: .*format 1 in 12 bits/],
    [tiffBytes([page({ [WIDTH]: [0] })]), /^SyntaxError: .*a page is 0 × 2 pixels/],
    [tiffBytes([page({ [WIDTH]: [2 ** 31], [HEIGHT]: [2 ** 31] })]), /^SyntaxError: .*a page is/],
    [tiffBytes([page({ [ROWS]: [1] })]), /^SyntaxError: .*1 of 2 blocks are there/],
    [
      tiffBytes([page(), page({ [HEIGHT]: [1] })]),
      /^SyntaxError: .*expected pages of one kind, found 3 × 2 pixels .* and 3 × 1 pixels/,
    ],
    [tiffBytes([page({ [COMPRESSION]: [8] })]), /^SyntaxError: .*zlib data, found it truncated/],
    [tiffBytes([page({ [COMPRESSION]: [5] })]), /^SyntaxError: .*expected 6 bytes of voxels/],
    [tiffBytes([page()]).subarray(0, -9), /^SyntaxError: .*a page's fields are missing/],
  ];
  for (const [file, says] of refused) await assert.rejects(read(file), says);
  await assert.rejects(decodeTiff(two, "a.tif", { maxBytes: 10 }), /^RangeError: .*at most 10/);
});

Deno.test("unlzw() and unpackBits() read the examples of TIFF 6.0 and Apple", () => {
  // Section 13: 7 7 7 8 8 7 7 6 6 is stored as 256 7 258 8 8 258 6 6 257, in codes of 9 bits.
  const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257].map((code) =>
    code.toString(2).padStart(9, "0")
  );
  const bits = codes.join("").padEnd(88, "0");
  const bytes = Uint8Array.from(bits.match(/.{8}/g)!, (byte) => parseInt(byte, 2));
  assert.deepEqual([...unlzw(bytes, 9)], [7, 7, 7, 8, 8, 7, 7, 6, 6]);
  // Technical Note TN1023.
  const packed = Uint8Array.from(
    "FE AA 02 80 00 2A FD AA 03 80 00 2A 22 F7 AA".split(" "),
    (byte) => parseInt(byte, 16),
  );
  const unpacked = "AA AA AA 80 00 2A AA AA AA AA 80 00 2A 22 AA AA AA AA AA AA AA AA AA AA";
  const hex = Array.from(unpackBits(packed, 24), (b) => b.toString(16).padStart(2, "0"));
  assert.equal(hex.join(" ").toUpperCase(), unpacked);
});

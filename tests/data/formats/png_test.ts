import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { encode } from "fast-png";
import { decodePng } from "../../../lib/data/formats/png/decode.ts";
import { encodePng } from "../../../lib/data/formats/png/encode.ts";
import { tinyVolume } from "../../support/datasets.ts";
import { pngBytes as png } from "../../support/png.ts";

/** A header: 3 × 2 pixels. */
function header(depth: number, colours: number, interlaced = 0): [string, number[]] {
  return ["IHDR", [0, 0, 0, 3, 0, 0, 0, 2, depth, colours, 0, 0, interlaced]];
}

const pixels = (...rows: number[]): [string, Uint8Array] => [
  "IDAT",
  deflateSync(Uint8Array.from(rows)),
];
const END: [string, number[]] = ["IEND", []];
const read = (file: Uint8Array) => decodePng(file, "a.png");

Deno.test("decodePng() gives values of few bits, and indices of a palette, as they are stored", async () => {
  for (
    const [depth, rows, values] of [
      [1, [0, 0b10100000, 0, 0b01000000], [1, 0, 1, 0, 1, 0]],
      [2, [0, 0b00011000, 0, 0b11100100], [0, 1, 2, 3, 2, 1]],
      [4, [0, 0x12, 0x30, 0, 0xfe, 0xd0], [1, 2, 3, 15, 14, 13]],
      [8, [0, 1, 2, 255, 2, 1, 1, 1], [1, 2, 255, 2, 3, 0]],
    ] as const
  ) {
    const grey = await read(png(header(depth, 0), pixels(...rows), END));
    assert.deepEqual(Array.from(grey.voxels), values);
    assert.deepEqual([grey.shape, grey.warnings], [[3, 2, 1], []]);
    const colours: [string, number[]] = ["PLTE", [9, 9, 9, 1, 2, 3]];
    const indices = await read(png(header(depth, 3), colours, pixels(...rows), END));
    assert.deepEqual(Array.from(indices.voxels), values);
    assert.match(indices.warnings.join(), /indices are read, not its colours/);
  }
  const ramp: [string, number[]] = ["PLTE", [0, 0, 0, 1, 1, 1, 2, 2, 2]];
  const file = png(header(8, 3), ramp, pixels(0, 0, 1, 2, 0, 2, 1, 0), END);
  assert.deepEqual((await read(file)).warnings, []);
});

Deno.test("decodePng() reads interlaced pictures of 8 and 16 bits", async () => {
  for (const depth of [8, 16] as const) {
    const data = Array.from({ length: 35 }, (_, i) => i * 7);
    const values = depth === 8 ? Uint8Array.from(data) : Uint16Array.from(data, (v) => v * 200);
    const image = { width: 7, height: 5, data: values, channels: 1, depth };
    const { voxels } = await read(encode(image, { interlace: "Adam7" }));
    assert.deepEqual(voxels, values);
  }
});

Deno.test("decodePng() refuses what it cannot read right", async () => {
  const sound = png(header(8, 0), pixels(0, 1, 2, 3, 0, 4, 5, 6), END);
  const huge = header(8, 0);
  huge[1].splice(0, 8, 0x7f, 255, 255, 255, 0x7f, 255, 255, 255);
  const refused: [Uint8Array, RegExp][] = [
    [Uint8Array.of(1, 2), /^SyntaxError: a\.png: expected a PNG file, found no PNG magic/],
    [sound.subarray(0, -5), /^SyntaxError: .*expected a whole PNG file, found no end: truncated/],
    [sound.with(60, sound[60] ^ 1), /^SyntaxError: a\.png: expected/],
    [
      png(header(8, 0), pixels(0, 1, 2, 3, 0, 4, 5), END),
      /^SyntaxError: .*expected 8 bytes of vox/,
    ],
    [png(huge, pixels(0, 1), END), /^(Range|Syntax)Error: a\.png: expected/],
    [png(header(3, 0), pixels(0), END), /^RangeError: .*type 0 in 3 bits: corrupt/],
    [png(header(8, 5), pixels(0), END), /^RangeError: .*pixels of type 5/],
    [png(header(8, 0), END), /^SyntaxError: .*expected a PNG header and pixels/],
    [png(pixels(0), END), /^SyntaxError: .*expected a PNG header and pixels/],
    [png(header(1, 0, 1), pixels(0), END), /^TypeError: .*8 or 16 bits .* interlaced, found 1/],
    [
      png(header(8, 0), pixels(9, 1, 2, 3, 0, 4, 5, 6), END),
      /^SyntaxError: .*Unsupported filter: 9/,
    ],
  ];
  for (const [file, says] of refused) await assert.rejects(read(file), says);
  const bomb = png(header(8, 0), ["IDAT", deflateSync(new Uint8Array(1e7))], END);
  await assert.rejects(
    decodePng(bomb, "a.png", { maxBytes: 1e6 }),
    /^RangeError: .*at most 1000000/,
  );
});

Deno.test("encodePng() writes 16 bits where labels need them", async () => {
  const slice = { ...tinyVolume(), shape: [4, 6, 1] };
  const labels = Uint16Array.from({ length: 24 }, (_, i) => i * 100);
  assert.deepEqual((await read(encodePng(labels, slice))).voxels, labels);
  const few = Float32Array.from({ length: 24 }, (_, i) => i);
  assert.deepEqual((await read(encodePng(few, slice))).voxels, Uint8Array.from(few));
});

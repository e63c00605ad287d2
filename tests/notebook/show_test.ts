import { decode } from "fast-png";
import assert from "node:assert/strict";
import { takeChannel } from "../../lib/data/slices/slices.ts";
import type { NiftiGeometry } from "../../lib/data/volumes/volume.ts";
import type { EvaluationSummary } from "../../lib/evaluators/summary.ts";
import { DISPLAY, type Displayed } from "../../lib/notebook/display.ts";
import {
  showFigure,
  showPicture,
  showResults,
  showSlices,
  showSurfaces,
} from "../../lib/notebook/show.ts";
import { panelsPng } from "../../lib/reports/pictures/panels_png.ts";

/** The PNG image of what is shown. */
async function imageOf(shown: Displayed) {
  const bundle = await shown[DISPLAY]();
  return decode(Uint8Array.fromBase64(bundle["image/png"] as string));
}

/** The number of pixels of a colour, in PNG images without transparency. */
function pixelsOf({ data, channels }: Awaited<ReturnType<typeof imageOf>>, rgb: number[]): number {
  let count = 0;
  for (let i = 0; i < data.length; i += channels) {
    if (rgb.every((value, channel) => Math.abs(data[i + channel] - value) <= 1)) count++;
  }
  return count;
}

Deno.test("showFigure() gives plotly its figure, and everyone else an image", async () => {
  const figure = { data: [{ name: "loss", x: [0, 1], y: [1, 0] }], layout: { height: 200 } };
  const shown = showFigure(figure);
  assert.equal(shown, figure);
  const bundle = await shown[DISPLAY]();
  assert.deepEqual(bundle["application/vnd.plotly.v1+json"], {
    data: [{ name: "loss", x: [0, 1], y: [1, 0] }],
    layout: { height: 200 },
  });
  assert.equal(bundle["text/plain"], "Figure: loss");
  // Where there is SVG, notebooks prefer it to PNG, and GitHub shows it empty.
  assert.ok(!("image/svg+xml" in bundle));
  const { width, height } = await imageOf(shown);
  assert.deepEqual([width, height], [1140, 300]);
});

Deno.test("showPicture() shows an image below its captions", async () => {
  const png = panelsPng([[{ pixels: new Float32Array(4).fill(0.2), size: 2 }]]);
  const shown = showPicture(png, { columns: ["t(x)"] });
  const image = await imageOf(shown);
  assert.deepEqual([image.width, image.height], [160, 188]);
  assert.ok(pixelsOf(image, [51, 51, 51]) >= 160 * 160);
  assert.equal((await shown[DISPLAY]())["text/plain"], "Picture: t(x)");
});

/** Slices of 2 × 2 pixels, all of one grey. */
const slices = (count: number) => ({
  count,
  channels: 1,
  size: 2,
  images: new Float32Array(4 * count).fill(0.2),
});

Deno.test("showSlices() colours the structures of each mask over the slices", async () => {
  const shown = showSlices(slices(2), {
    masks: { reference: Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 2), none: new Uint8Array(8) },
    structures: [{ label: 1, name: "RV" }, { label: 2, name: "MYO" }],
  });
  const image = await imageOf(shown);
  // A pixel of a slice is 80 × 80 of the image: 8 of the images, 5 of the reference, 8 of no mask.
  const covered = (count: number) => count * 80 * 80;
  assert.ok(pixelsOf(image, [51, 51, 51]) >= covered(21));
  assert.ok(pixelsOf(image, [51, 51, 51]) < covered(21) + 500);
  const blend = (hex: number[]) => hex.map((value) => Math.round(51 + 0.55 * (value - 51)));
  assert.equal(pixelsOf(image, blend([0x56, 0xB4, 0xE9])), covered(2));
  assert.equal(pixelsOf(image, blend([0xE6, 0x9F, 0x00])), covered(1));
});

Deno.test("showSlices() shows six of many slices, evenly spaced", async () => {
  const many = slices(60);
  [5, 15, 25, 35, 45, 55].forEach((slice) => many.images.fill(1, 4 * slice, 4 * slice + 4));
  const shown = showSlices(many);
  const image = await imageOf(shown);
  assert.ok(pixelsOf(image, [51, 51, 51]) < 500);
  assert.ok(pixelsOf(image, [255, 255, 255]) >= 6 * 160 * 160);
  assert.equal(
    (await shown[DISPLAY]())["text/plain"],
    "6 of 60 slices of 2 × 2 pixels",
  );
});

Deno.test("showSlices() shows the first channel of several, or the one that was taken", async () => {
  const images = Float32Array.from({ length: 8 }, (_, i) => i % 2 ? 1 : 0.2);
  const both = { ...slices(1), channels: 2, images };
  const masks = { reference: Uint8Array.of(1, 0, 0, 0) };
  const greys = async (shown: Displayed) => {
    const image = await imageOf(shown);
    return [[51, 51, 51], [255, 255, 255]].map((grey) => pixelsOf(image, grey) >= 7 * 80 * 80);
  };
  assert.deepEqual(await greys(showSlices(both, { masks })), [true, false]);
  assert.deepEqual(await greys(showSlices(takeChannel(both, 1), { masks })), [false, true]);
});

Deno.test("showSlices() refuses a mask of another size", async () => {
  const shown = showSlices(slices(2), { masks: { prediction: new Uint8Array(4) } });
  await assert.rejects(async () => await shown[DISPLAY](), {
    name: "RangeError",
    message: "prediction: expected 8 labels, one per pixel of the slices, found 4",
  });
});

/** A scan of 4³ voxels. */
const scan = {
  shape: [4, 4, 4],
  spacing: [1, 1, 1] as const,
  affine: [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => i === j ? 1 : 0)),
  geometry: {} as NiftiGeometry,
};

Deno.test("showSurfaces() shows a row of pictures for each mask, in the structures' colours", async () => {
  const voxels = (label: number) =>
    Uint8Array.from({ length: 64 }, (_, i) => i % 4 % 3 ? label : 255);
  const shown = showSurfaces(scan, {
    masks: { reference: voxels(1), prediction: voxels(2) },
    structures: [{ label: 1, name: "RV" }, { label: 2, name: "MYO" }],
  });
  const image = await imageOf(shown);
  // Three panels of 256 pixels, two rows, a line of headings and one of the legend.
  assert.equal(image.height, 2 * 256 + 6 + 2 * 28);
  assert.ok(image.width > 3 * 256 + 2 * 6);
  const { data, channels, width, height } = image;
  const blueAbove = (from: number, to: number) => {
    let count = 0;
    for (let y = Math.floor(from * height); y < to * height; y++) {
      for (let x = 0; x < width; x++) {
        const red = (y * width + x) * channels;
        if (data[red + 2] > data[red] + 20) count++;
      }
    }
    return count;
  };
  assert.ok(blueAbove(0.1, 0.5) > 3000);
  assert.equal(blueAbove(0.55, 1), 0);
  assert.equal((await shown[DISPLAY]())["text/plain"], "Surfaces: reference, prediction");
});

Deno.test("showSurfaces() refuses a mask of another size", async () => {
  const shown = showSurfaces(scan, { masks: { prediction: new Uint8Array(8) } });
  await assert.rejects(async () => await shown[DISPLAY](), {
    name: "RangeError",
    message: "prediction: expected 64 labels, one per voxel of the scan, found 8",
  });
});

Deno.test("showResults() shows a table of models and structures, with text escaped", async () => {
  const results = (dice: number, hd95_mm: number | null) => ({
    mean: { dice, hd95_mm, assd_mm: 1.234, nsd: dice },
    both_empty: 3,
    structures: { "<LV>": { dice } },
  } as unknown as EvaluationSummary);
  const shown = showResults({ "scratch": results(0.5, null), "fine-tuned": results(0.75, 12.34) });
  const bundle = await shown[DISPLAY]();
  assert.deepEqual((bundle["text/plain"] as string).split("\n"), [
    "\tDice\tDice <LV>\tHD95, mm\tASSD, mm\tNSD\tEmpty",
    "scratch\t0.500\t0.500\t–\t1.23\t0.500\t3",
    "fine-tuned\t0.750\t0.750\t12.3\t1.23\t0.750\t3",
  ]);
  const html = bundle["text/html"] as string;
  assert.ok(html.startsWith("<table>") && html.includes("<th>Dice &lt;LV&gt;</th>"), html);
  assert.equal(html.match(/<tr>/g)?.length, 3);
});

import { decode } from "fast-png";
import assert from "node:assert/strict";
import { captionSvg } from "../../lib/notebook/caption_svg.ts";
import { svgPng } from "../../lib/notebook/svg_png.ts";
import { panelsPng } from "../../lib/reports/pictures/panels_png.ts";

/** The image of an SVG document, and how to look at it. */
async function draw(svg: string, zoom?: number) {
  const { width, height, data, channels } = decode(await svgPng(svg, zoom));
  const at = (x: number, y: number) => [...data.slice((y * width + x) * channels).slice(0, 3)];
  const dark = Array.from({ length: width * height }, (_, i) => data[i * channels])
    .filter((red) => red < 128).length;
  return { width, height, at, dark };
}

const document = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">${content}</svg>`;

Deno.test("svgPng() draws on white, as large as is asked for", async () => {
  const { width, height, at } = await draw(
    document('<rect x="10" y="10" width="10" height="10" fill="#0072B2"/>'),
    2,
  );
  assert.deepEqual([width, height], [80, 60]);
  assert.deepEqual(at(5, 5), [255, 255, 255]);
  assert.deepEqual(at(30, 30), [0, 0x72, 0xB2]);
});

Deno.test("svgPng() writes Latin and Greek in its own font", async () => {
  for (const text of ["Dice", "φ(t′(x))", "± 0.1"]) {
    const { dark } = await draw(document(`<text y="20" font-family="Open Sans">${text}</text>`));
    assert.ok(dark > 20, text);
  }
});

Deno.test("svgPng() refuses what is no SVG", async () => {
  await assert.rejects(svgPng("no svg"));
});

Deno.test("captionSvg() keeps a picture's pixels and writes around them", async () => {
  const grey = (value: number) => ({ pixels: new Float32Array(4).fill(value), size: 2 });
  const png = panelsPng([[grey(0.2), grey(0.4)]]);
  const bare = await draw(captionSvg(png, {}));
  assert.deepEqual([bare.width, bare.height], [326, 160]);
  assert.deepEqual([bare.at(0, 0), bare.at(325, 159)], [[51, 51, 51], [102, 102, 102]]);

  const svg = captionSvg(png, {
    columns: ["x < 1", "t(x)"],
    rows: ["row"],
    legend: [{ name: "LV", colour: "#56B4E9" }],
  });
  for (const text of ["x &lt; 1", "t(x)", "row", "LV"]) assert.ok(svg.includes(`>${text}</text>`));
  const captioned = await draw(svg);
  const left = captioned.width - bare.width;
  assert.ok(left > 20 && captioned.height === bare.height + 56);
  assert.deepEqual(captioned.at(left + 1, 57), [51, 51, 51]);
  assert.deepEqual(captioned.at(captioned.width - 1, captioned.height - 1), [102, 102, 102]);
  assert.deepEqual(captioned.at(left + 5, 10), [0x56, 0xB4, 0xE9]);
});

Deno.test("captionSvg() says beside the maps what black and white mean", async () => {
  const grey = { pixels: new Float32Array(4).fill(0.2), size: 2 };
  const bar = { name: "cosine", black: "0 or less", white: "1" };
  const bare = await draw(captionSvg(panelsPng([[grey]]), {}));
  const svg = captionSvg(panelsPng([[grey]]), { bar });
  for (const text of ["cosine", "0 or less", "1"]) assert.ok(svg.includes(`>${text}</text>`));
  const beside = await draw(svg);
  assert.equal(beside.height, bare.height);
  assert.ok(beside.width > bare.width + 60);
  const x = bare.width + 27;
  const greys = [4, 80, 155].map((y) => beside.at(x, y)[0]);
  assert.ok(greys[0] > 240 && Math.abs(greys[1] - 128) < 8 && greys[2] < 15, `${greys}`);

  // Of two rows, it is the last that is a map.
  const below = await draw(captionSvg(panelsPng([[grey], [grey]]), { rows: ["x", "z"], bar }));
  // Left of the maps stands a letter of 9.2, with a space of 20.
  const inBar = (y: number) => below.at(Math.round(x + 29.2), y);
  assert.deepEqual(inBar(80), [255, 255, 255]);
  assert.ok(inBar(320)[0] < 30);
});

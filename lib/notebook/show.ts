/**
 * Figures, pictures, slices and results that show themselves in a notebook.
 *
 * @module
 */
import type { Structure } from "../data/datasets/dataset.ts";
import { withoutIgnored } from "../data/masks/labels.ts";
import type { GridOf } from "../data/volumes/voxel_order.ts";
import { type SliceStack, takeChannel, takeSlices } from "../data/slices/slices.ts";
import type { EvaluationSummary } from "../evaluators/summary.ts";
import type { Figure } from "../reports/figures.ts";
import { html, render } from "../reports/html.ts";
import { structureColour, structureRgb } from "../reports/pictures/palette.ts";
import { type Panel, panelsPng } from "../reports/pictures/panels_png.ts";
import { type Captions, captionSvg } from "./caption_svg.ts";
import { chartSvg } from "./chart_svg.ts";
import { type Displayed, displayed } from "./display.ts";
import { sceneOf, surfacePanel } from "./surfaces.ts";

/** Slices shown at most; of more, some that are evenly spaced. */
const SHOWN_SLICES = 6;

/** Share of a structure's colour in a pixel of it. */
const OPACITY = 0.55;

/** From where surfaces are seen, in degrees about the patient. */
const TURNS = [0, 120, 240];

/** Pixels of a chart's image per unit, so that text stays sharp on dense screens. */
const CHART_ZOOM = 1.5;

/**
 * A plotly figure of lines, markers and error bars that shows itself: as plotly where the notebook
 * can, and as a PNG image elsewhere, on GitHub for instance.
 *
 * @returns the same figure.
 */
export function showFigure(figure: Figure): Figure & Displayed {
  return displayed(figure, async () => ({
    "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout },
    ...await pngContent(chartSvg(figure), CHART_ZOOM),
    "text/plain": `Figure: ${figure.data.map(({ name }) => name).filter(Boolean).join(", ")}`,
  }));
}

/**
 * A picture that shows itself, with captions: what `viewPictures` and its like draw.
 *
 * @param png An image of as many columns and rows of equal panels as there are captions.
 */
export function showPicture(png: Uint8Array, captions: Captions = {}): Displayed {
  return displayed({}, async () => ({
    ...await pngContent(captionSvg(png, captions)),
    "text/plain": `Picture: ${[...captions.rows ?? [], ...captions.columns ?? []].join(", ")}`,
  }));
}

/** Options of {@linkcode showSlices}. */
export interface ShowSlicesOptions {
  /** Labels to show over the slices, by what they are; a row of [count, size, size] each. */
  masks?: Readonly<Record<string, Uint8Array>>;
  /** The structures that the labels stand for. */
  structures?: readonly Structure[];
}

/**
 * Slices that show themselves: a row of images, and a row with the colours of each mask over them. Of
 * more than six slices, six that are evenly spaced; of several channels the first, or what
 * {@linkcode takeChannel} took.
 *
 * @throws {RangeError} when shown, if a mask is not of the slices' size.
 */
export function showSlices(
  slices: SliceStack,
  { masks = {}, structures = [] }: ShowSlicesOptions = {},
): Displayed {
  const image = takeChannel(slices);
  const shown = Math.min(SHOWN_SLICES, slices.count);
  const positions = Array.from(
    { length: shown },
    (_, i) => Math.floor((i + 0.5) * slices.count / shown),
  );
  return displayed({}, async () => {
    expectLabels(masks, image.images.length, "pixel of the slices");
    const rows = [undefined, ...Object.values(masks)].map((labels) =>
      positions.map((position) => overlayPanel({ ...image, labels }, position))
    );
    const svg = captionSvg(panelsPng(rows), {
      rows: ["image", ...Object.keys(masks)],
      legend: legendOf(structures),
    });
    return {
      ...await pngContent(svg),
      "text/plain": `${shown} of ${slices.count} slices of ${slices.size} × ${slices.size} pixels`,
    };
  });
}

/**
 * Masks that show themselves in 3D, a row each, as surfaces in the structures' colours: from before
 * the patient, a little above, and from a third of the way around on either side, head up. Where the
 * scan's affine does not tell directions, the voxels' axes stand for them.
 *
 * @param scan The scan, or another volume of its grid.
 * @param options Its masks: labels on that grid, x fastest, as `segmentScan` returns them; and
 * structures as for {@linkcode showSlices}.
 * @throws {RangeError} when shown, if a mask is not of the scan's size.
 */
export function showSurfaces(
  scan: GridOf,
  { masks, structures = [] }: ShowSlicesOptions & Required<Pick<ShowSlicesOptions, "masks">>,
): Displayed {
  const [nx, ny, nz] = scan.shape;
  return displayed({}, async () => {
    expectLabels(masks, nx * ny * nz, "voxel of the scan");
    const shown = Object.values(masks).map((mask) => withoutIgnored(mask));
    const scene = sceneOf(shown, scan);
    const rows = shown.map((mask) => TURNS.map((turn) => surfacePanel(mask, scene, turn)));
    const svg = captionSvg(panelsPng(rows), {
      columns: TURNS.map((turn) => turn === 0 ? "from the front" : `turned by ${turn}°`),
      rows: Object.keys(masks),
      legend: legendOf(structures),
    });
    return {
      ...await pngContent(svg),
      "text/plain": `Surfaces: ${Object.keys(masks).join(", ")}`,
    };
  });
}

/**
 * Results of one or several models that show themselves as a table: Dice by structure and on
 * average, mean HD95 and ASSD in mm, NSD, and how often a structure was in neither mask, which no mean
 * counts.
 *
 * @param summaries The results by the models' names.
 */
export function showResults(summaries: Readonly<Record<string, EvaluationSummary>>): Displayed {
  const entries = Object.entries(summaries);
  const structures = [
    ...new Set(entries.flatMap(([, summary]) => Object.keys(summary.structures))),
  ];
  const head = [
    "",
    "Dice",
    ...structures.map((name) => `Dice ${name}`),
    "HD95, mm",
    "ASSD, mm",
    "NSD",
    "Empty",
  ];
  const lines = entries.map(([name, { mean, structures: by, both_empty }]) => [
    name,
    numberText(mean.dice, 3),
    ...structures.map((structure) => numberText(by[structure]?.dice, 3)),
    numberText(mean.hd95_mm, 1),
    numberText(mean.assd_mm, 2),
    numberText(mean.nsd, 3),
    numberText(both_empty, 0),
  ]);
  const table = html`
    <table>
      <thead>
        <tr>${head.map((text) => html`<th>${text}</th>`)}</tr>
      </thead>
      <tbody>${lines.map((line) =>
        html`<tr>${line.map((text) => html`<td>${text}</td>`)}</tr>`
      )}</tbody>
    </table>
  `;
  return displayed({}, () => ({
    "text/html": render(table).trim(),
    "text/plain": [head, ...lines].map((line) => line.join("\t")).join("\n"),
  }));
}

/** Makes sure that masks have a label for each of so many places. */
function expectLabels(
  masks: Readonly<Record<string, Uint8Array>>,
  count: number,
  place: string,
): void {
  for (const [name, { length }] of Object.entries(masks)) {
    if (length === count) continue;
    throw new RangeError(`${name}: expected ${count} labels, one per ${place}, found ${length}`);
  }
}

function legendOf(structures: readonly Structure[]): Captions["legend"] {
  return structures.map(({ name, label }) => ({ name, colour: structureColour(label) }));
}

/** One slice as a panel, its structures coloured. */
function overlayPanel(slices: SliceStack, position: number): Panel {
  const { images, labels, size } = takeSlices(slices, [position]);
  if (!labels) return { pixels: images, size };
  const shown = withoutIgnored(labels);
  const pixels = new Float32Array(3 * images.length);
  images.forEach((grey, pixel) => {
    const label = shown[pixel];
    const colour = label ? structureRgb(label).map((value) => value / 255) : [grey, grey, grey];
    const share = label ? OPACITY : 0;
    colour.forEach((value, i) => pixels[3 * pixel + i] = grey + share * (value - grey));
  });
  return { pixels, size };
}

/** An SVG document as a PNG image. The renderer is large: it is loaded when something is shown. */
async function pngContent(svg: string, zoom?: number): Promise<{ "image/png": string }> {
  const { svgPng } = await import("./svg_png.ts");
  return { "image/png": (await svgPng(svg, zoom)).toBase64() };
}

function numberText(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

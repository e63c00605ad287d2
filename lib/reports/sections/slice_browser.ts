/**
 * Test slices to scroll through: image, reference, prediction and where it is wrong.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import type { Sides } from "../../data/volumes/voxel_order.ts";
import { type Html, html } from "../html.ts";
import { scanTitle, type ScanView, type SliceViews } from "../inputs/report_input.ts";
import { joinBytes, pack, toBytes } from "./pack.ts";
import { type ColouredLabel, ERROR_LABELS, type ModelName, type PackedScan } from "../page_data.ts";
import { ERROR_COLOURS } from "../pictures/palette.ts";
import { colouredStructures, legend, type Section, select } from "./section.ts";

/** What a pixel of the picture of errors can be. */
const ERRORS: readonly ColouredLabel[] = [
  { label: ERROR_LABELS.missed, name: "missed", colour: ERROR_COLOURS.missed },
  { label: ERROR_LABELS.extra, name: "found where none is", colour: ERROR_COLOURS.extra },
  {
    label: ERROR_LABELS.confused,
    name: "taken for another structure",
    colour: ERROR_COLOURS.confused,
  },
];

/** The edges of a picture, which letters tell the place of in the patient. */
const EDGES: readonly (keyof Sides)[] = ["left", "right", "top", "bottom"];

const EDGES_TEXT =
  "Letters at the edges tell the patient's right (R) and left (L), front (A) and " +
  "back (P), head (S) and feet (I), by the scan's affine; where that does not tell, there are none.";

/** Whether the edges of a picture are known of any scan. */
function isMarked(scans: readonly ScanView[]): boolean {
  return scans.some(({ sides }) => sides);
}

/** How a slice browser is introduced. */
export interface SlicesText {
  /** The section's heading. */
  title: string;
  /** What is shown. */
  about: string;
  /** Whether a small picture of each scan stands below, to choose from; not by default. */
  gallery?: boolean;
}

/**
 * The slice browser's section; none where there are no scans.
 *
 * @param structures what the labels mean.
 * @throws {RangeError} if an image or label map does not have the size that its scan says.
 */
export function slicesSection(
  views: SliceViews,
  structures: readonly Structure[],
  { title, about, gallery = false }: SlicesText,
): Section[] {
  const { scans, models, channels = [], first } = views;
  if (scans.length === 0) return [];
  const coloured = colouredStructures(structures);
  const compared = models.length > 0 && scans.some(({ reference }) => reference);
  return [{
    id: "slices",
    title,
    content: html`
      <p>${about}</p>
      <p class="hint" id="slice-help">
        Click on the pictures, or reach them by the tab key: then the wheel, ↑ and ↓ turn the slices, ←
        and → the scans, Home and End go to the first and last slice.
      </p>
      ${isMarked(scans) ? html`<p class="hint">${EDGES_TEXT}</p>` : ""} ${controls(views)}
      ${viewer(views)}
      ${legend("Structures", coloured)} ${compared ? legend("Errors", ERRORS, "slice-errors") : ""}
      <output id="slice-state" aria-live="polite"></output>
      ${modelChoice(models)} ${gallery ? galleryOf(scans) : ""}
    `,
    data: {
      slices: {
        models,
        structures: coloured,
        errors: ERRORS,
        scans: scans.map((scan) => packScan(scan, models.length, channels.length || 1)),
        first,
      },
    },
  }];
}

function packScan(scan: ScanView, models: number, channels: number): PackedScan {
  const { width, height, aspect, sides, depth, numbers, reference, predictions } = scan;
  const pixels = numbers.length * width * height;
  const images = channelsOf(scan, channels);
  for (const { length } of [...images, ...reference ? [reference] : [], ...predictions]) {
    if (length === pixels) continue;
    throw new RangeError(
      `${
        scanTitle(scan)
      }: expected ${numbers.length} slices of ${width} × ${height} pixels, found ` +
        `${length} pixels`,
    );
  }
  if (predictions.length !== models) {
    throw new RangeError(
      `${scanTitle(scan)}: expected predictions of ${models} models, found ${predictions.length}`,
    );
  }
  return {
    title: scanTitle(scan),
    ...{ width, height, aspect, depth, numbers },
    ...(sides && { sides }),
    images: pack(joinBytes(images.map(toBytes))),
    ...(reference && { reference: pack(reference) }),
    predictions: pack(joinBytes(predictions)),
  };
}

/** The intensities of each channel: [slices, height, width]. */
function channelsOf({ images }: ScanView, channels: number): Float32Array[] {
  const length = images.length / channels;
  return Array.from(
    { length: channels },
    (_, channel) => Float32Array.from({ length }, (_, i) => images[i * channels + channel]),
  );
}

function controls({ scans, channels = [], first }: SliceViews): Html {
  const range = (id: string, label: string, min: number, value: number) =>
    html`
      <label>${label} <input
          type="range" id="${id}" min="${min}" max="100" value="${value}" autocomplete="off"
        ></label>
    `;
  return html`
    <div class="controls">
      <div class="turn">
        <button type="button" id="scan-before" aria-label="Previous scan">‹</button>
        ${select("slice-scan", {
          label: "Scan",
          options: scans.map(scanTitle),
          chosen: first.scan,
        })}
        <button type="button" id="scan-after" aria-label="Next scan">›</button>
      </div>
      <div class="turn">
        <button type="button" id="slice-before" aria-label="Previous slice">‹</button>
        ${range("slice-position", "Slice", 0, 0)}
        <button type="button" id="slice-after" aria-label="Next slice">›</button>
      </div>
      ${channels.length > 1 ? select("slice-channel", { label: "Channel", options: channels }) : ""}
      ${range("slice-width", "Window, % of the range", 1, 100)}
      ${range("slice-level", "Level, % of the range", 0, 50)}
      <button type="button" id="slice-reset">Whole range</button>
    </div>
  `;
}

function viewer({ models, scans }: SliceViews): Html {
  const outlined = scans.some(({ reference }) => reference);
  const marked = isMarked(scans);
  const picture = (id: string, caption: string) =>
    html`
      <figure>
        <div class="framed">
          <canvas id="${id}" role="img" aria-label="${caption}"></canvas>
          ${marked
            ? EDGES.map((edge) =>
              html`<span class="side" data-edge="${edge}" aria-hidden="true"></span>`
            )
            : ""}
        </div>
        <figcaption>${caption}</figcaption>
      </figure>
    `;
  const pictures = [
    picture("slice-image", "Image"),
    ...outlined ? [picture("slice-reference", "Reference")] : [],
    ...models.length > 0 ? [picture("slice-prediction", "Prediction")] : [],
    ...outlined && models.length > 0 ? [picture("slice-error", "Error")] : [],
  ];
  return html`
    <div
      class="pictures" id="slice-viewer" tabindex="0" role="group" style="--columns:${pictures
        .length}"
      aria-label="Slice viewer" aria-describedby="slice-help"
    >
      ${pictures}
    </div>
  `;
}

/** The models to choose from, where there are several: by what they were trained on, then by name. */
function modelChoice(models: readonly ModelName[]): Html {
  if (models.length < 2) return html``;
  const groups = [...new Set(models.map(({ group }) => group))];
  return html`
    ${groups.length > 1
      ? controlsOf(select("slice-group", { label: "Trained on", options: groups }))
      : ""}
    <div class="models" id="slice-models" role="group" aria-label="Model shown">
      ${models.map(modelButton)}
    </div>
  `;
}

/** A button with the middle slice of each scan. */
function galleryOf(scans: readonly ScanView[]): Html {
  const buttons = scans.map((scan, i) =>
    html`
      <button type="button" data-scan="${i}" data-model="0" aria-pressed="false">
        <canvas aria-hidden="true"></canvas>
        <span>${scanTitle(scan)}</span>
      </button>
    `
  );
  return html`
    <div class="models" id="slice-gallery" role="group" aria-label="Scan shown">${buttons}</div>
  `;
}

function controlsOf(content: Html): Html {
  return html`<div class="controls">${content}</div>`;
}

function modelButton({ name }: ModelName, index: number): Html {
  return html`
    <button type="button" data-model="${index}" aria-pressed="false">
      <canvas aria-hidden="true"></canvas>
      <span>${name}</span>
      <span class="note"></span>
    </button>
  `;
}

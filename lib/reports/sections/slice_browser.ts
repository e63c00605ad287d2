/**
 * Test slices to scroll through: image, reference, prediction and where it is wrong.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import { takeChannel } from "../../data/slices/slices.ts";
import { type Html, html } from "../html.ts";
import { scanTitle, type ScanView, type SliceViews } from "../report_input.ts";
import { joinBytes, pack, toBytes } from "./pack.ts";
import { type ColouredLabel, ERROR_LABELS, type PackedScan } from "../page_data.ts";
import { ERROR_COLOURS } from "../palette.ts";
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

/**
 * The slice browser's section; none where there are no scans.
 *
 * @throws {RangeError} if an image or label map does not have the size that its scan says.
 */
export function slicesSection(
  { scans, models, channels = [], training }: SliceViews,
  structures: readonly Structure[],
): Section[] {
  if (scans.length === 0) return [];
  const coloured = colouredStructures(structures);
  return [{
    id: "slices",
    title: "Test slices",
    content: html`
      <p>
        ${models.length
          ? `Models trained on ${training}. `
          : ""}Below each model stands its mean Dice in the slice that is shown, over the structures in it.
      </p>
      <p class="hint" id="slice-help">
        Click on the pictures, or reach them by the tab key: then the wheel, ↑ and ↓ turn the slices, ←
        and → the scans, Home and End go to the first and last slice.
      </p>
      ${controls(scans, channels)} ${viewer(models.length > 0)}
      ${legend("Structures", coloured)} ${models.length ? legend("Errors", ERRORS) : ""}
      <output id="slice-state" aria-live="polite"></output>
      <div class="models" id="slice-models" role="group" aria-label="Model shown">
        ${models.map(modelButton)}
      </div>
    `,
    data: {
      slices: {
        models,
        structures: coloured,
        errors: ERRORS,
        scans: scans.map((scan) => packScan(scan, models.length, channels.length || 1)),
      },
    },
  }];
}

function packScan(scan: ScanView, models: number, channels: number): PackedScan {
  const { size, depth, numbers, reference, predictions } = scan;
  const pixels = numbers.length * size * size;
  const images = channelsOf(scan, channels);
  for (const { length } of [...images, reference, ...predictions]) {
    if (length === pixels) continue;
    throw new RangeError(
      `${scanTitle(scan)}: expected ${numbers.length} slices of ${size} × ${size} pixels, found ` +
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
    size,
    depth,
    numbers,
    images: pack(joinBytes(images.map(toBytes))),
    reference: pack(reference),
    predictions: pack(joinBytes(predictions)),
  };
}

/** The intensities of each channel: [slices, size, size]. */
function channelsOf({ numbers, size, images }: ScanView, channels: number): Float32Array[] {
  const slices = { count: numbers.length, size, channels, images };
  return Array.from({ length: channels }, (_, i) => takeChannel(slices, i).images);
}

function controls(scans: readonly ScanView[], channels: readonly string[]): Html {
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
        ${select("slice-scan", { label: "Scan", options: scans.map(scanTitle) })}
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

function viewer(predicted: boolean): Html {
  const picture = (id: string, caption: string) =>
    html`
      <figure>
        <canvas id="${id}" role="img" aria-label="${caption}"></canvas>
        <figcaption>${caption}</figcaption>
      </figure>
    `;
  return html`
    <div
      class="pictures" id="slice-viewer" tabindex="0" role="group"
      aria-label="Slice viewer" aria-describedby="slice-help"
    >
      ${picture("slice-image", "Image")} ${picture("slice-reference", "Reference")}
      ${predicted
        ? [picture("slice-prediction", "Prediction"), picture("slice-error", "Error")]
        : []}
    </div>
  `;
}

function modelButton(name: string, index: number): Html {
  return html`
    <button type="button" data-model="${index}" aria-pressed="false">
      <canvas aria-hidden="true"></canvas>
      <span>${name}</span>
      <span class="note"></span>
    </button>
  `;
}

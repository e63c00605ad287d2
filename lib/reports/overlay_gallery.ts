/**
 * Test slices side by side: image, reference, predictions.
 *
 * @module
 */
import type { Structure } from "../data/dataset.ts";
import { type Html, html } from "./html.ts";
import { type GreySlice, overlayPng } from "./overlay_png.ts";
import { structureColour } from "./palette.ts";

/** One slice of a test patient with its reference and the masks predicted. */
export interface Overlay extends GreySlice {
  /** The patient's id. */
  patient: string;
  /** The cardiac phase, or "". */
  phase: string;
  /** The slice's number in the volume, from 0. */
  slice: number;
  /** The reference's labels, one per pixel. */
  reference: Uint8Array;
  /** What was predicted, in the order to show. */
  predictions: readonly {
    /** The model's name. */
    name: string;
    /** One label per pixel. */
    labels: Uint8Array;
    /** Mean Dice to show with it: of this volume or slice, as the report's notes say. */
    dice: number;
  }[];
}

/** A row of pictures per slice under one legend. */
export function overlayGallery(
  overlays: readonly Overlay[],
  structures: readonly Structure[],
): Html {
  return html`
    <ul class="legend" aria-label="Colours of the structures">
      ${structures.map(({ label, name }) =>
        html`<li>${swatch(structureColour(label))} ${name}</li>`
      )}
    </ul>
    ${overlays.map(overlayRow)}
  `;
}

function overlayRow(overlay: Overlay): Html {
  const title = [overlay.patient, overlay.phase, `slice ${overlay.slice}`]
    .filter((part) => part !== "").join(" · ");
  const picture = (caption: string, labels?: Uint8Array, note = "") =>
    html`
      <figure>
        <img src="${overlayPng(overlay, labels)}" alt="${title}: ${caption} ${note}">
        <figcaption>${caption} <span class="note">${note}</span></figcaption>
      </figure>
    `;
  return html`
    <section class="slice">
      <h3>${title}</h3>
      <div class="pictures">
        ${picture("Image")} ${picture("Reference", overlay.reference)}
        ${overlay.predictions.map(({ name, labels, dice }) =>
          picture(name, labels, `Dice ${dice.toFixed(3)}`)
        )}
      </div>
    </section>
  `;
}

function swatch(colour: string): Html {
  return html`
    <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">
      <rect width="1" height="1" fill="${colour}" />
    </svg>
  `;
}

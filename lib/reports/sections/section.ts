/**
 * The parts that a report is made of.
 *
 * @module
 */
import type { CartesianFigure } from "../figures.ts";
import { type Html, html } from "../html.ts";
import type { ColouredLabel, CsvData, SectionData } from "../page_data.ts";
import { structureColour } from "../pictures/palette.ts";
import type { Structure } from "../../data/datasets/dataset.ts";

/** A section of a report. */
export interface Section {
  /** The id of its element. */
  id: string;
  /** Its heading. */
  title: string;
  /** What follows the heading. */
  content: Html;
  /** Figures to draw, by the id of their {@linkcode plot}. */
  figures?: Record<string, CartesianFigure>;
  /** Tables to save, by the id of their {@linkcode csvButton}. */
  tables?: Record<string, CsvData>;
  /** What the page's script needs to bring it to life. */
  data?: SectionData;
}

/** A section's element. */
export function renderSection({ id, title, content }: Section): Html {
  return html`
    <section id="${id}" aria-labelledby="${id}-title">
      <h2 id="${id}-title">${title}</h2>
      ${content}
    </section>
  `;
}

/** The place that the page's script draws a figure in. */
export function plot(id: string, label: string): Html {
  return html`
    <div class="plot" id="${id}" role="figure" aria-label="${label}">
      <noscript>Drawing this chart takes JavaScript.</noscript>
    </div>
  `;
}

/** Terms with their values. */
export function descriptionList(kind: string, entries: readonly [string, string][]): Html {
  const items = entries.map(([term, value]) =>
    html`
      <div>
        <dt>${term}</dt>
        <dd>${value}</dd>
      </div>
    `
  );
  return html`<dl class="${kind}">${items}</dl>`;
}

/** A column's heading; of numbers it stands to the right. */
export interface Head {
  /** What stands there. */
  name: string;
  /** Whether the column holds numbers. */
  number?: boolean;
}

/** The headings of columns of numbers. */
export function numbers(names: readonly string[]): Head[] {
  return names.map((name) => ({ name, number: true }));
}

/** A table that scrolls by itself where it is wider than the page. */
export function table(
  label: string,
  { heads, lines, caption = html`` }: {
    heads: readonly Head[];
    lines: readonly Html[];
    caption?: Html;
  },
): Html {
  const columns = heads.map(({ name, number }) =>
    html`<th scope="col" class="${number ? "number" : ""}">${name}</th>`
  );
  return html`
    <figure>
      <div class="scroll" role="region" aria-label="${label}" tabindex="0">
        <table aria-label="${label}">
          <thead>
            <tr>${columns}</tr>
          </thead>
          <tbody>${lines}</tbody>
        </table>
      </div>
      <figcaption>${caption}</figcaption>
    </figure>
  `;
}

/** The button that saves one of a section's tables; the page's script brings it to life. */
export function csvButton(id: string, label: string): Html {
  return html`<p><button type="button" class="csv" id="${id}" hidden>${label}</button></p>`;
}

/** A choice of named items, none of them chosen but the n-th. */
export function select(
  id: string,
  { label, options, chosen = 0 }: { label: string; options: readonly string[]; chosen?: number },
): Html {
  const items = options.map((name, i) =>
    i === chosen ? html`<option selected>${name}</option>` : html`<option>${name}</option>`
  );
  return html`<label>${label} <select id="${id}" autocomplete="off">${items}</select></label>`;
}

/** What colours mean; with an id, for what hides it where there is nothing of it. */
export function legend(
  label: string,
  entries: readonly { colour: string; name: string }[],
  id?: string,
): Html {
  const items = entries.map(({ colour, name }) => html`<li>${swatch(colour)} ${name}</li>`);
  return html`<ul class="legend" ${
    id ? html`id="${id}"` : ""
  } aria-label="${label}"><li>${label}:</li>${items}</ul>`;
}

/** Structures with their colours, as legend and script need them. */
export function colouredStructures(structures: readonly Structure[]): ColouredLabel[] {
  return structures.map(({ label, name }) => ({ label, name, colour: structureColour(label) }));
}

function swatch(colour: string): Html {
  return html`
    <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">
      <rect width="1" height="1" fill="${colour}" />
    </svg>
  `;
}

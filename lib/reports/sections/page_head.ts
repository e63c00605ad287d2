/**
 * The head that all pages share: what it is about, and where to read on.
 *
 * @module
 */
import { type Html, html } from "../html.ts";
import type { Section } from "./section.ts";

/** The title, what must be known, what was found, and links to the sections. */
export function pageHead(
  { title, subtitle, warnings, lead, sections }: {
    title: string;
    /** What it is of, in a few words each. */
    subtitle: readonly string[];
    warnings: readonly string[];
    /** What was found, with its figures. */
    lead: Html;
    sections: readonly Section[];
  },
): Html {
  return html`
    <header>
      <div class="title">
        <h1>${title}</h1>
        <button type="button" id="theme" aria-pressed="false" hidden>Dark theme</button>
      </div>
      <p class="subtitle">${subtitle.join(" · ")}</p>
      ${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
      ${lead}
      <nav aria-label="Sections">
        <ul class="contents">
          ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>
    </header>
  `;
}

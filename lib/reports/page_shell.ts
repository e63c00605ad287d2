/**
 * A page of sections as one file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import plotly from "plotly.js-cartesian-dist-min/plotly-cartesian.min.js" with { type: "text" };
import { type Html, html, render, scriptJson, trusted } from "./html.ts";
import type { PageData, SectionData } from "./page_data.ts";
import pageScript from "./page/bundle.txt" with { type: "text" };
import pictures from "./page/pictures.css" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import { renderSection, type Section } from "./sections/section.ts";

/**
 * Renders a page as one HTML file that holds its charts, images, style and scripts. A content
 * security policy forbids it to load anything, and to run any script but its own.
 */
export function renderPage(
  { title, header, sections }: { title: string; header: Html; sections: readonly Section[] },
): string {
  const data = embedded(sections);
  const charts = Object.keys(data.figures).length > 0 ? [plotly] : [];
  return render(html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy([
          ...charts,
          pageScript,
        ])}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${trusted(pictures + style)}</style>
      </head>
      <body>
        ${header}
        <main>${sections.map(renderSection)}</main>
        <script type="application/json" id="report-data">${scriptJson(data)}</script>
        ${charts.map((script) => html`<script>${trusted(script)}</script>`)}
        <script type="module">${trusted(pageScript)}</script>
      </body>
    </html>
  `);
}

/** What the page's script reads: the figures, tables and data of all sections. */
function embedded(sections: readonly Section[]): PageData {
  return {
    figures: merged(sections.map(({ figures }) => figures ?? {})),
    tables: merged(sections.map(({ tables }) => tables ?? {})),
    ...merged<SectionData>(sections.map(({ data }) => data ?? {})),
  };
}

function merged<T extends object>(parts: readonly T[]): T {
  return parts.reduce((all, part) => ({ ...all, ...part }));
}

/** Nothing is loaded from anywhere; the scripts named are the only ones that run. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  return `default-src 'none'; script-src ${hashes.join(" ")}; ` +
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";
}

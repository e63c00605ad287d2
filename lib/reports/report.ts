/**
 * The report of a sweep: one page that opens anywhere, without a network.
 *
 * @module
 */
import { createHash } from "node:crypto";
import plotly from "plotly.js-cartesian-dist-min/plotly-cartesian.min.js" with { type: "text" };
import type { Structure } from "../data/dataset.ts";
import type { SweepResult } from "../experiments/result.ts";
import {
  type Figure,
  labelEfficiencyFigure,
  type TrainingCurve,
  trainingFigure,
} from "./figures.ts";
import { diceText, findComparison, type Finding, findingSentence } from "./finding.ts";
import { type Html, html, render, scriptJson, trusted } from "./html.ts";
import { type Overlay, overlayGallery } from "./overlay_gallery.ts";
import { pageScript } from "./page_script.ts";
import { pageStyle } from "./page_style.ts";
import { resultsTable } from "./results_table.ts";
import { counted, settingName } from "../experiments/setting_name.ts";

/** Where the results were computed. */
export interface ReportEnvironment {
  /** The tfjs backend, for instance "webgpu". */
  backend: string;
  /** The graphics adapter, where there is one. */
  adapter?: string;
  /** Deno's version. */
  deno: string;
  /** How long everything took, in seconds. */
  seconds: number;
}

/** All that a report shows. */
export interface ReportInput {
  /** The page's title. */
  title: string;
  /** The sweep; it must have rows. */
  result: SweepResult;
  /** Losses by step, charted by group; may be empty. */
  trainingCurves: readonly TrainingCurve[];
  /** Test slices with masks; may be empty. */
  overlays: readonly Overlay[];
  /** The structures that the masks outline. */
  structures: readonly Structure[];
  /** Where the results were computed. */
  environment: ReportEnvironment;
  /** What a reader must know to judge the figures, a sentence or two each. */
  notes: readonly string[];
}

/**
 * Renders a report as one HTML file that holds its charts, images, style and scripts. A content
 * security policy forbids it to load anything, and to run any script but its own two.
 *
 * @throws {RangeError} If the result has no rows, or an image or label map has the wrong size.
 */
export function renderReport(input: ReportInput): string {
  if (input.result.rows.length === 0) {
    throw new RangeError("Expected a result with at least one row to report, found none");
  }
  const groups = [...Map.groupBy(input.trainingCurves, ({ group }) => group)];
  const training = groups.map(([group, curves], i) => ({ id: `training-${i + 1}`, group, curves }));
  const figures: Record<string, Figure> = { [efficiencyId]: labelEfficiencyFigure(input.result) };
  for (const { id, curves } of training) figures[id] = trainingFigure(curves);
  return render(html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy([plotly, pageScript])}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${input.title}</title>
        <style>${trusted(pageStyle)}</style>
      </head>
      <body>
        ${pageHeader(input)}
        <main>
          ${efficiencySection()}
          ${section("Results", resultsTable(input.result))}
          ${training.length > 0 ? section("Training", trainingCharts(training)) : ""}
          ${input.overlays.length > 0
            ? section("Test slices", overlayGallery(input.overlays, input.structures))
            : ""}
          ${input.notes.length > 0 ? section("Notes", noteList(input.notes)) : ""}
          ${section("How it was made", origin(input))}
        </main>
        <script type="application/json" id="figures">${scriptJson(figures)}</script>
        <script>${trusted(plotly)}</script>
        <script>${trusted(pageScript)}</script>
      </body>
    </html>
  `);
}

/** The element of the label-efficiency chart. */
const efficiencyId = "label-efficiency";

/** Nothing is loaded from anywhere; the scripts named are the only ones that run. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  return `default-src 'none'; script-src ${hashes.join(" ")}; ` +
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";
}

function pageHeader({ title, result }: ReportInput): Html {
  const finding = findComparison(result.summary);
  const seeds = new Set(result.rows.map((row) => row.seed)).size;
  const tested = Math.max(...result.rows.map((row) => row.test_patients));
  const subtitle = [
    `Dataset ${result.dataset}`,
    counted(result.rows.length, "adapted model"),
    counted(seeds, "seed"),
    counted(tested, "test patient"),
  ];
  return html`
    <header>
      <h1>${title}</h1>
      <p class="subtitle">${subtitle.join(" · ")}</p>
      <p class="finding">${findingSentence(finding)}</p>
      ${finding ? factList(finding) : ""}
    </header>
  `;
}

/** The figures behind the key finding. */
function factList({ finetuned, scratch, scratchNeeds, scratchMost }: Finding): Html {
  const gain = finetuned.dice_mean - scratch.dice_mean;
  const patients = counted(scratch.patients, "labelled patient");
  return descriptionList("facts", [
    [`Mean Dice: ${settingName(finetuned)}, ${patients}`, diceText(finetuned)],
    [`Mean Dice: ${settingName(scratch)}, ${patients}`, diceText(scratch)],
    ["Difference in mean Dice", `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(3)}`],
    [
      "Labelled patients that scratch takes for the fine-tuned Dice",
      scratchNeeds === null ? `more than ${scratchMost}` : `${scratchNeeds}`,
    ],
  ]);
}

function efficiencySection(): Html {
  const label = "Mean Dice against the number of labelled patients";
  const caption = "Mean Dice over structures on the test patients. Lines: means over seeds, with " +
    "the sample standard deviation; faint points: single seeds. Colours tell the pretraining, dashes " +
    "the adaptation. The table below has the values.";
  return section(
    "Label efficiency",
    html`
      <figure class="chart">
        ${plot(efficiencyId, label)}
        <figcaption>${caption}</figcaption>
      </figure>
    `,
  );
}

function trainingCharts(training: readonly { id: string; group: string }[]): Html {
  const charts = training.map(({ id, group }) =>
    html`
      <div class="chart">
        <h3>${group}</h3>
        ${plot(id, `Training loss by optimiser step: ${group}`)}
      </div>
    `
  );
  return html`<div class="charts">${charts}</div>`;
}

/** The place that the page's script draws a figure in. */
function plot(id: string, label: string): Html {
  return html`
    <div class="plot" id="${id}" role="img" aria-label="${label}">
      <noscript>Drawing this chart takes JavaScript.</noscript>
    </div>
  `;
}

function noteList(notes: readonly string[]): Html {
  return html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}

function origin({ environment, result }: ReportInput): Html {
  const { backend, adapter, deno, seconds } = environment;
  const whole = Math.round(seconds);
  const list = descriptionList("origin", [
    ["Backend", adapter ? `${backend} (${adapter})` : backend],
    ["Deno", deno],
    ["Duration", whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`],
  ]);
  return html`
    ${list}
    <details>
      <summary>Configuration</summary>
      <pre>${JSON.stringify(result.config, null, 2)}</pre>
    </details>
  `;
}

function section(title: string, content: Html): Html {
  return html`<section><h2>${title}</h2>${content}</section>`;
}

function descriptionList(kind: string, entries: readonly [string, string][]): Html {
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

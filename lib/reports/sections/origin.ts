/**
 * What a report's results were made from: data, configuration, environment.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import { duration } from "../../io/amounts.ts";
import { type Html, html } from "../html.ts";
import { descriptionList, type Section, table } from "./section.ts";

/** Where the results were computed. */
export interface ReportEnvironment {
  /** The tfjs backend, for instance "webgpu". */
  backend: string;
  /** The graphics adapter, where there is one. */
  adapter?: string;
  /** Deno's version. */
  deno: string;
  /** How long everything took, in seconds; unknown of runs that others have run. */
  seconds?: number;
}

/** How a report came about. */
export interface ReportOrigin extends ReportEnvironment {
  /** The machine, for instance "linux x64, 8 threads". */
  system: string;
  /** The day that the report was made, for instance "2026-03-01". */
  date: string;
}

/** What the models were trained and tested on. */
export interface DataSummary {
  /** The dataset's name. */
  name: string;
  /** How its folder is laid out. */
  layout: string;
  /** The structures that the masks outline. */
  structures: readonly Structure[];
  /** The grid of the slices: pixels per side, and their distance in mm. */
  grid: { size: number; spacing: number };
  /** Patients by group. */
  groups: readonly GroupSummary[];
  /** The labelled patients of every seed, by their number. */
  labelled: readonly { seed: number; patients: number; ids: readonly string[] }[];
}

/** Patients of one group. */
export interface GroupSummary {
  /** The group's name, or "". */
  group: string;
  /** Those who may be trained on. */
  training: number;
  /** Those who are tested on. */
  test: number;
  /** Their scans; the frames of cines are not counted. */
  scans: number;
}

/** The sections of notes, data, configuration and environment. */
export function originSections(
  { notes, data, config, environment }: {
    notes: readonly string[];
    data: DataSummary;
    config: object;
    environment: ReportOrigin;
  },
): Section[] {
  const sections: Section[] = [
    { id: "data", title: "Data", content: dataSummary(data) },
    { id: "origin", title: "How it was made", content: origin(config, environment) },
  ];
  if (notes.length === 0) return sections;
  const content = html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  return [{ id: "notes", title: "Notes", content }, ...sections];
}

function dataSummary({ name, layout, structures, grid, groups, labelled }: DataSummary): Html {
  const { size, spacing } = grid;
  const facts = descriptionList("origin", [
    ["Dataset", `${name} (layout ${layout})`],
    ["Structures", structures.map(({ label, name }) => `${name} (${label})`).join(", ")],
    ["Slices", `${size} × ${size} pixels of ${spacing} mm`],
  ]);
  const lines = groups.map(({ group, training, test, scans }) =>
    html`
      <tr>
        <th scope="row">${group || "all"}</th>
        ${[training, test, scans].map((count) => html`<td class="number">${count}</td>`)}
      </tr>
    `
  );
  const chosen = labelled.map(({ seed, patients, ids }) =>
    html`
      <tr>
        <td class="number">${seed}</td>
        <td class="number">${patients}</td>
        <td class="wide">${ids.join(", ")}</td>
      </tr>
    `
  );
  const numbers = (names: readonly string[]) => names.map((name) => ({ name, number: true }));
  return html`
    ${facts} ${table("Patients by group", {
      heads: [{ name: "Group" }, ...numbers(["Training", "Test", "Scans"])],
      lines,
    })}
    <details>
      <summary>Labelled patients of each seed</summary>
      ${table("Labelled patients of each seed", {
        heads: [...numbers(["Seed", "Number"]), { name: "Patients" }],
        lines: chosen,
      })}
    </details>
  `;
}

function origin(config: object, environment: ReportOrigin): Html {
  const { backend, adapter, deno, system, seconds, date } = environment;
  const list = descriptionList("origin", [
    ["Backend", adapter ? `${backend} (${adapter})` : backend],
    ["Deno", deno],
    ["System", system],
    ...(seconds === undefined ? [] : [["Duration", duration(seconds)] as [string, string]]),
    ["Report of", date],
  ]);
  return html`
    ${list}
    <details>
      <summary>Configuration</summary>
      <pre tabindex="0">${JSON.stringify(config, null, 2)}</pre>
    </details>
  `;
}

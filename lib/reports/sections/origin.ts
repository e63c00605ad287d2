/**
 * What a report's results were made from: data, configuration, environment.
 *
 * @module
 */
import { duration } from "../../io/text/amounts.ts";
import { type Html, html } from "../html.ts";
import type { DataSummary, ReportOrigin } from "../inputs/report_input.ts";
import { descriptionList, numbers, type Section, table } from "./section.ts";

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
    madeSection(config, environment),
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

/** Where results were computed, and by which configuration. */
export function madeSection(config: object, environment: ReportOrigin): Section {
  const { backend, adapter, deno, system, memoryGb, seconds, date } = environment;
  const list = descriptionList("origin", [
    ...provenance(environment),
    ["Backend", adapter ? `${backend} (${adapter})` : backend],
    ["Deno", deno],
    ["System", system],
    ["Memory", `${memoryGb} GB at most, of the process that wrote this`],
    ...(seconds === undefined ? [] : [["Duration", duration(seconds)] as [string, string]]),
    ["Report of", date],
  ]);
  const content = html`
    ${list}
    <details>
      <summary>Configuration</summary>
      <pre tabindex="0">${JSON.stringify(config, null, 2)}</pre>
    </details>
  `;
  return { id: "origin", title: "How it was made", content };
}

/** Version, command, dates and digests, as far as they are known. */
function provenance(
  { version, commit, command, runs, slices }: ReportOrigin,
): [string, string][] {
  return [
    ["Toolkit", commit ? `version ${version}, commit ${commit}` : `version ${version}`],
    ...command ? [["Command", command] as [string, string]] : [],
    ...runs ? [["Runs", `${runs.began} to ${runs.ended}`] as [string, string]] : [],
    ...slices.map(({ pretraining, digest }): [string, string] => [
      `Slices of ${pretraining}`,
      `SHA-256 ${digest}`,
    ]),
  ];
}

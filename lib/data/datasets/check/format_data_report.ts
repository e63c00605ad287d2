/**
 * The report on a dataset as text.
 *
 * @module
 */
import { counted } from "../../../io/text/amounts.ts";
import type { DataReport, ScanReport } from "./check_data.ts";
import { cohortWarnings } from "./scan_warnings.ts";
import { sliceDirection, type VoxelOrder } from "../../volumes/voxel_order.ts";

/** Files that are listed as unused at most. */
const MOST_UNUSED = 20;

/** A row for each scan, then what was found, how it is read, and what is wrong or left out. */
export function formatDataReport(report: DataReport): string {
  const { structures, scans, patients, errors, unused } = report;
  const rows = scans.filter(({ error }) => error === undefined)
    .map((scan) => scanRow(scan, structures));
  const heads = [
    "patient",
    "group",
    "phase",
    "shape",
    "spacing mm",
    "intensities",
    ...structures,
    "empty slices",
    "ignored voxels",
  ];
  const masks = scans.filter(({ labelVoxels }) => labelVoxels).length;
  const found = [
    `${report.dataset} (${report.layout})`,
    counted(patients, "patient"),
    counted(scans.length, "scan"),
    counted(masks, "mask"),
    ...(unused.length > 0 ? [`${counted(unused.length, "file")} not used`] : []),
    counted(errors, "error"),
  ].join(", ");
  return [
    ...(rows.length > 0 ? [table(heads, rows), ""] : []),
    found,
    ...readingLines(report),
    ...unused.slice(0, MOST_UNUSED).map(({ path, why }) => `not used: ${path}: ${why}`),
    ...(unused.length > MOST_UNUSED
      ? [`not used: ${unused.length - MOST_UNUSED} more, listed in the JSON`]
      : []),
    ...cohortWarnings(scans).map((warning) => `warning: ${warning}`),
    ...scans.flatMap(({ error }) => error ?? []).map((error) => `error: ${error}`),
  ].join("\n");
}

function scanRow(scan: ScanReport, structures: readonly string[]): string[] {
  return [
    scan.patient,
    scan.group,
    scan.phase ?? "",
    scan.shape!.join("×"),
    scan.spacing!.map(short).join("×"),
    scan.intensities!.map((range) => range.map(short).join("…")).join("; "),
    ...structures.map((name) => `${scan.labelVoxels?.[name] ?? "–"}`),
    `${scan.emptySlices ?? "–"}`,
    scan.ignoredVoxels === undefined ? "" : `${scan.ignoredVoxels}`,
  ];
}

/** How files are read, where that is not the plain case. */
function readingLines({ values, channels, order }: DataReport): string[] {
  const renumbered = Object.entries(values ?? {}).map(([name, of]) =>
    name === `label ${of}` ? `${of}` : `${name} ${of.join(" or ")}`
  );
  return [
    ...(channels ? [`channels: ${channels.join(", ")}`] : []),
    ...(renumbered.length > 0
      ? [`values in masks, also in those to be written: ${renumbered.join(", ")}`]
      : []),
    ...(order ? [orderLine(order)] : []),
  ];
}

function orderLine(order: VoxelOrder): string {
  const how = order.axes === "RAS"
    ? `by the affines, most of which say ${order.usual}`
    : "as stored, for the affines do not tell";
  return `voxel order: ${how}; slices run ${sliceDirection(order, order.slices)}`;
}

/** Left-aligned columns, two spaces apart; those in which every row is blank are left out. */
function table(heads: string[], rows: string[][]): string {
  const columns = heads.map((head, i) => [head, ...rows.map((row) => row[i])])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ""));
  const padded = columns.map((column) => {
    const width = Math.max(...column.map(({ length }) => length));
    return column.map((cell) => cell.padEnd(width));
  });
  return [heads, ...rows].map((_, i) => padded.map((column) => column[i]).join("  ").trimEnd())
    .join("\n");
}

/** A number in at most four significant digits. */
function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

/**
 * Charts as SVG, for where nothing runs plotly: lines, markers and error bars of plotly figures, on
 * one or several pairs of axes.
 *
 * @module
 */
import type { Figure } from "../reports/figures.ts";
import { type Axis, type AxisLayout, makeAxis } from "./axis.ts";
import { FONT_FAMILY } from "./font.ts";

/** A plotly trace of type "scatter", as far as it is drawn. */
interface Trace {
  name?: string;
  mode?: string;
  x: readonly number[];
  y: readonly number[];
  xaxis?: string;
  yaxis?: string;
  error_y?: { array: readonly number[] };
  line?: { color?: string; width?: number; dash?: string };
  marker?: { color?: string; size?: number; symbol?: string; opacity?: number };
  showlegend?: boolean;
}

/** A rectangle in the drawing. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const WIDTH = 760;
const MARGIN = { left: 70, right: 20, top: 14, bottom: 56 };
/** Height of the title's line, and of one line of the legend. */
const LINE = 24;
const TITLE_SIZE = 17;
const TEXT_SIZE = 14;
const INK = "#333333";
const GRID = "#e3e3e3";
/** Widths of a letter, about, and of the line that stands before a name in the legend. */
const LETTER = 7.6;
const KEY = 34;

const DASHES: Record<string, string> = { dash: "8 5", dot: "2 4", dashdot: "8 4 2 4" };

/**
 * Draws a figure of lines, markers and error bars.
 *
 * @returns an SVG document, 760 units wide and as high as the figure says (400 if it does not).
 */
export function chartSvg({ data, layout }: Figure): string {
  const traces = data as unknown as Trace[];
  const height = Number(layout.height ?? 400);
  const title = (layout.title as { text?: string } | undefined)?.text;
  const legend = legendLines(traces, layout.showlegend as boolean | undefined);
  const top = MARGIN.top + LINE * ((title ? 1 : 0) + legend.length);
  const plot = {
    left: MARGIN.left,
    top,
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: height - top - MARGIN.bottom,
  };
  const pairs = Map.groupBy(traces, ({ xaxis = "x", yaxis = "y" }) => `${xaxis} ${yaxis}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
    `font-family="${FONT_FAMILY}" font-size="${TEXT_SIZE}" fill="${INK}">`,
    title
      ? `<text x="${MARGIN.left}" y="${LINE}" font-size="${TITLE_SIZE}">${plain(title)}</text>`
      : "",
    ...legend.map((line, i) => legendLine(line, top - LINE * (legend.length - i) + 6)),
    ...[...pairs].map(([axes, drawn]) => drawPair(axes.split(" "), drawn, { layout, plot })),
    "</svg>",
  ].join("\n");
}

/** Draws the traces on one pair of axes. */
function drawPair(
  [xName, yName]: string[],
  traces: Trace[],
  { layout, plot }: { layout: Figure["layout"]; plot: Box },
): string {
  const [xLayout, yLayout] = [axisLayout(layout, xName), axisLayout(layout, yName)];
  const box = boxOf(plot, xLayout.domain, yLayout.domain);
  const x = makeAxis(traces.flatMap((trace) => trace.x), xLayout);
  const y = makeAxis(traces.flatMap(reachOf), yLayout);
  const at = (column: number, row: number): [number, number] => [
    round(box.left + x.position(column) * box.width),
    round(box.top + (1 - y.position(row)) * box.height),
  ];
  return [
    gridAndTicks(box, x, y),
    axisTitle(xLayout, box.left + box.width / 2, box.top + box.height + 44),
    verticalTitle(yLayout, box.left - 52, box.top + box.height / 2),
    ...traces.map((trace) => drawTrace(trace, at)),
  ].join("\n");
}

/** Values along y that a trace reaches, error bars included. */
function reachOf({ y, error_y }: Trace): number[] {
  if (!error_y) return [...y];
  return y.flatMap((value, i) => [value - error_y.array[i], value + error_y.array[i]]);
}

function axisLayout(layout: Figure["layout"], name: string): AxisLayout {
  return (layout[`${name[0]}axis${name.slice(1)}`] ?? {}) as AxisLayout;
}

/** The part of the drawing that a pair of axes takes. */
function boxOf(
  { left, top, width, height }: Box,
  [x0, x1]: readonly [number, number] = [0, 1],
  [y0, y1]: readonly [number, number] = [0, 1],
): Box {
  return {
    left: left + x0 * width,
    top: top + (1 - y1) * height,
    width: (x1 - x0) * width,
    height: (y1 - y0) * height,
  };
}

function gridAndTicks({ left, top, width, height }: Box, x: Axis, y: Axis): string {
  const columns = x.ticks.map(({ at, text }) => {
    const position = round(left + at * width);
    return `<path d="M${position} ${top}v${height}" stroke="${GRID}"/>` +
      `<text x="${position}" y="${top + height + 20}" text-anchor="middle">${plain(text)}</text>`;
  });
  const rows = y.ticks.map(({ at, text }) => {
    const position = round(top + (1 - at) * height);
    return `<path d="M${left} ${position}h${width}" stroke="${GRID}"/>` +
      `<text x="${left - 8}" y="${position + 5}" text-anchor="end">${plain(text)}</text>`;
  });
  return [...columns, ...rows].join("\n");
}

function axisTitle({ title }: AxisLayout, x: number, y: number): string {
  return title?.text
    ? `<text x="${x}" y="${y}" text-anchor="middle">${plain(title.text)}</text>`
    : "";
}

function verticalTitle({ title }: AxisLayout, x: number, y: number): string {
  if (!title?.text) return "";
  return `<text transform="translate(${x} ${y}) rotate(-90)" text-anchor="middle">` +
    `${plain(title.text)}</text>`;
}

function drawTrace(trace: Trace, at: (x: number, y: number) => [number, number]): string {
  const { mode = "lines", x, y, error_y } = trace;
  const points = x.flatMap((value, i) => Number.isFinite(y[i]) ? [at(value, y[i])] : []);
  const stroke = lineStyle(trace);
  const bars = error_y?.array.map((error, i) => {
    const [column, upper] = at(x[i], y[i] + error);
    const [, lower] = at(x[i], y[i] - error);
    return `<path d="M${column} ${upper}V${lower}m-4 0h8M${column - 4} ${upper}h8" ` +
      `stroke="${colourOf(trace)}" stroke-width="1.5"/>`;
  }) ?? [];
  return [
    mode.includes("lines") ? `<path d="M${points.join("L")}" fill="none" ${stroke}/>` : "",
    ...bars,
    ...(mode.includes("markers") ? points.map((point) => marker(trace, point)) : []),
  ].join("\n");
}

function colourOf({ line, marker }: Trace): string {
  return line?.color ?? marker?.color ?? INK;
}

function lineStyle(trace: Trace): string {
  const { width = 2, dash = "solid" } = trace.line ?? {};
  const dashes = DASHES[dash] ? ` stroke-dasharray="${DASHES[dash]}"` : "";
  return `stroke="${colourOf(trace)}" stroke-width="${width}" stroke-linejoin="round"${dashes}`;
}

/** A trace's symbol about a point. */
function marker(trace: Trace, [x, y]: readonly number[]): string {
  const { symbol = "circle", size = 6, opacity = 1 } = trace.marker ?? {};
  const r = size / 2;
  const outlines: Record<string, string> = {
    "square": `M${x - r} ${y - r}h${size}v${size}h${-size}z`,
    "diamond": `M${x} ${y - 1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}l${-1.3 * r} ${
      -1.3 * r
    }z`,
    "triangle-up": `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`,
  };
  const style = `fill="${trace.marker?.color ?? colourOf(trace)}" fill-opacity="${opacity}"`;
  return outlines[symbol]
    ? `<path d="${outlines[symbol]}" ${style}/>`
    : `<circle cx="${x}" cy="${y}" r="${r}" ${style}/>`;
}

/** The traces that the legend names, in lines that are not too long; none for a single trace. */
function legendLines(traces: readonly Trace[], wanted?: boolean): Trace[][] {
  const named = traces.filter(({ name, showlegend }) => name && showlegend !== false);
  if (!(wanted ?? named.length > 1)) return [];
  const lines: Trace[][] = [[]];
  for (const trace of named) {
    const longest = WIDTH - MARGIN.left - MARGIN.right;
    if (lineWidth([...lines.at(-1)!, trace]) > longest && lines.at(-1)!.length) lines.push([]);
    lines.at(-1)!.push(trace);
  }
  return lines;
}

function lineWidth(traces: readonly Trace[]): number {
  return traces.reduce((sum, { name }) => sum + 1.5 * KEY + LETTER * plain(name!).length, 0);
}

function legendLine(traces: readonly Trace[], y: number): string {
  return traces.map((trace, i) => {
    const x = MARGIN.left + lineWidth(traces.slice(0, i));
    const key = trace.mode?.includes("markers") ? marker(trace, [x + KEY / 2 - 4, y]) : "";
    return `<path d="M${x} ${y}h${KEY - 8}" ${lineStyle(trace)}/>${key}` +
      `<text x="${x + KEY}" y="${y + 5}">${plain(trace.name!)}</text>`;
  }).join("\n");
}

/** A plotly text, which is HTML, as SVG: without tags, and no bare ampersand. */
function plain(text: string): string {
  return text.replace(/<[^>]*>/g, "").replace(/&(?!#?\w+;)/g, "&amp;");
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}

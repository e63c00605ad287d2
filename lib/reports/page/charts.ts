/// <reference lib="dom" />
import type { CartesianFigure } from "../figures.ts";
import { byId } from "./elements.ts";
import type { PlotlyScript } from "./plotly.ts";
import { themeColour } from "./theme.ts";

declare const Plotly: PlotlyScript;

/** Width of a narrow chart, and height of an entry of its legend, in pixels. */
const [NARROW, ENTRY] = [480, 30];

const settings = {
  responsive: true,
  displaylogo: false,
  // A list of our own: plotly 4 offers by default to send the chart to its makers' server.
  modeBarButtons: [["toImage"]],
  toImageButtonOptions: { format: "svg" },
  showSendToCloud: false,
  plotlyServerURL: "",
};

/** Draws figures, each in the element of its name, in no theme yet. */
export function drawCharts(figures: Record<string, CartesianFigure>): void {
  for (const [id, { data, layout }] of Object.entries(figures)) {
    const element = byId(id, HTMLElement);
    const fitting = fitted({ data, layout }, element.clientWidth);
    // Or the element would be lower than its chart once the page is printed.
    element.style.height = `${fitting.height}px`;
    Plotly.newPlot(element, data, fitting, settings);
  }
}

/** Gives drawn figures the page's colours. */
export function recolourCharts(figures: Record<string, CartesianFigure>): void {
  for (const id of Object.keys(figures)) Plotly.relayout(id, chartColours());
}

/** On a narrow page a legend's entries stand one above another: the chart grows by them. */
function fitted({ data, layout }: CartesianFigure, width: number): CartesianFigure["layout"] {
  if (width > NARROW) return layout;
  const entries = data.filter(({ showlegend }) => showlegend !== false).length;
  const maxheight = ENTRY * Math.max(2, entries);
  return {
    ...layout,
    height: layout.height + maxheight,
    legend: { ...layout.legend, maxheight, font: { size: 11 } },
  };
}

function chartColours(): Record<string, string | number> {
  const [text, line, muted] = ["text", "line", "muted"].map(themeColour);
  return {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font.color": text,
    "font.family": "system-ui, sans-serif",
    "font.size": 13,
    "xaxis.gridcolor": line,
    "yaxis.gridcolor": line,
    "xaxis.linecolor": line,
    "yaxis.linecolor": line,
    "modebar.bgcolor": "rgba(0,0,0,0)",
    "modebar.color": muted,
    "modebar.activecolor": themeColour("accent"),
    "hoverlabel.bgcolor": themeColour("panel"),
    "hoverlabel.font.color": text,
  };
}

import { themeColour } from "./theme.js";

const settings = {
  responsive: true,
  displaylogo: false,
  // A list of our own: plotly 4 offers by default to send the chart to its makers' server.
  modeBarButtons: [["toImage"]],
  toImageButtonOptions: { format: "svg" },
  showSendToCloud: false,
  plotlyServerURL: "",
};

/**
 * Draws figures, each in the element of its name, in no theme yet.
 *
 * @param {Record<string, { data: object[], layout: object }>} figures
 */
export function drawCharts(figures) {
  for (const [id, { data, layout }] of Object.entries(figures)) {
    Plotly.newPlot(id, data, layout, settings);
  }
}

/**
 * Gives drawn figures the page's colours.
 *
 * @param {Record<string, object>} figures
 */
export function recolourCharts(figures) {
  for (const id of Object.keys(figures)) Plotly.relayout(id, chartColours());
}

function chartColours() {
  const [text, line, muted] = ["--text", "--line", "--muted"].map(themeColour);
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
    "modebar.activecolor": themeColour("--accent"),
    "hoverlabel.bgcolor": themeColour("--panel"),
    "hoverlabel.font.color": text,
  };
}

/**
 * The report's own script, which runs in the reader's browser: it draws the embedded figures and
 * keeps their colours those of the page, in light, in dark and on paper.
 *
 * @module
 */

/** The script, to stand after plotly and the element "figures". */
export const pageScript = `"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);

function colours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    "font.color": colour("--text"),
    "font.family": "system-ui, sans-serif",
    "font.size": 13,
    "xaxis.gridcolor": colour("--line"),
    "yaxis.gridcolor": colour("--line"),
    "xaxis.linecolor": colour("--line"),
    "yaxis.linecolor": colour("--line"),
    "modebar.bgcolor": "rgba(0,0,0,0)",
    "modebar.color": colour("--muted"),
    "modebar.activecolor": colour("--accent"),
    "hoverlabel.bgcolor": colour("--panel"),
    "hoverlabel.font.color": colour("--text"),
  };
}

function recolour() {
  for (const id of Object.keys(figures)) Plotly.relayout(id, colours());
}

for (const [id, { data, layout }] of Object.entries(figures)) {
  Plotly.newPlot(id, data, layout, {
    responsive: true,
    displaylogo: false,
    // A list of our own: plotly 4 offers by default to send the chart to its makers' server.
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "svg" },
    showSendToCloud: false,
    plotlyServerURL: "",
  });
}
recolour();
for (const query of ["(prefers-color-scheme: dark)", "print"]) {
  matchMedia(query).addEventListener("change", recolour);
}
`;

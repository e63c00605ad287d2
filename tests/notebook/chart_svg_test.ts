import assert from "node:assert/strict";
import { chartSvg } from "../../lib/notebook/chart_svg.ts";
import type { Figure } from "../../lib/reports/figures.ts";

/** A line from (0, 0) to (10, 1) on axes of exactly that range. */
const line: Figure = {
  data: [{ name: "a", mode: "lines", x: [0, 5, 10], y: [0, NaN, 1], line: { color: "#0072B2" } }],
  layout: { height: 300, xaxis: { range: [0, 10] }, yaxis: { range: [0, 1] } },
};

const changed = (trace: Record<string, unknown>, layout: Record<string, unknown> = {}) =>
  chartSvg({ data: [{ ...line.data[0], ...trace }], layout: { ...line.layout, ...layout } });

Deno.test("chartSvg() draws a line over its axes, and leaves out what is no number", () => {
  const svg = chartSvg(line);
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="760" height="300" /);
  assert.ok(svg.includes('<path d="M70,244L740,14" fill="none" stroke="#0072B2"'), svg);
  for (const tick of [0, 2, 4, 6, 8, 10]) assert.ok(svg.includes(`>${tick}</text>`));
});

Deno.test("chartSvg() names axes and figure, and several traces in a legend", () => {
  const titles = {
    title: { text: "Loss &amp; <b>more</b> & all" },
    xaxis: { title: { text: "Step" } },
    yaxis: { title: { text: "Dice" } },
  };
  const svg = changed({}, titles);
  for (const text of ["Loss &amp; more &amp; all", "Step", "Dice"]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.ok(!svg.includes(">a</text>"));
  const two = chartSvg({ ...line, data: [line.data[0], { ...line.data[0], name: "b" }] });
  assert.ok(two.includes(">a</text>") && two.includes(">b</text>"));
  const hidden = { ...line.data[0], name: "c", showlegend: false };
  assert.ok(!chartSvg({ ...line, data: [...line.data, hidden] }).includes(">c</text>"));
});

Deno.test("chartSvg() draws error bars and markers", () => {
  const svg = changed({ mode: "markers", error_y: { array: [0.1, 0, 0.1] } });
  assert.ok(svg.includes("M740 -9V37"), svg);
  assert.ok(svg.includes('<circle cx="740" cy="14" r="3" fill="#0072B2"'), svg);
  assert.ok(!svg.includes('fill="none"'));
  const shapes = ["square", "diamond", "triangle-up"].map((symbol) =>
    changed({ mode: "markers", marker: { symbol, size: 8 } })
  );
  assert.equal(new Set(shapes).size, 3);
  for (const shape of shapes) assert.ok(!shape.includes("<circle"));
});

Deno.test("chartSvg() dashes lines", () => {
  assert.ok(changed({ line: { dash: "dash" } }).includes('stroke-dasharray="8 5"'));
  assert.ok(!chartSvg(line).includes("stroke-dasharray"));
});

Deno.test("chartSvg() draws several pairs of axes side by side", () => {
  const svg = chartSvg({
    data: [line.data[0], { ...line.data[0], xaxis: "x2", yaxis: "y2" }],
    layout: {
      height: 300,
      showlegend: false,
      xaxis: { range: [0, 10], domain: [0, 0.4] },
      yaxis: { range: [0, 1] },
      xaxis2: { range: [0, 10], domain: [0.6, 1] },
      yaxis2: { range: [0, 1] },
    },
  });
  assert.ok(svg.includes("M70,244L338,14"), svg);
  assert.ok(svg.includes("M472,244L740,14"), svg);
});

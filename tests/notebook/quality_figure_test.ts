import assert from "node:assert/strict";
import { qualityCurves } from "../../lib/notebook/quality_figure.ts";

const record = (step: number) => ({
  step,
  alignment: 1 / step,
  uniformity: -step,
  effective_rank: 2 * step,
  dead_dimensions: 0,
});

Deno.test("qualityCurves() draws each measure on axes of its own", () => {
  const records = [1, 2, 3].map((step) => ({ ...record(step), probe_dice: 0.1 * step }));
  const { data, layout } = qualityCurves(records);
  assert.deepEqual(data.map(({ x, y, xaxis, yaxis }) => ({ x, y, xaxis, yaxis })), [
    { x: [1, 2, 3], y: [1, 1 / 2, 1 / 3], xaxis: "x", yaxis: "y" },
    { x: [1, 2, 3], y: [2, 4, 6], xaxis: "x2", yaxis: "y2" },
    { x: [1, 2, 3], y: [0.1, 0.2, 0.1 * 3], xaxis: "x3", yaxis: "y3" },
  ]);
  const domains = ["xaxis", "xaxis2", "xaxis3"].map((name) =>
    (layout[name] as { domain: number[] }).domain
  );
  assert.equal(domains[0][0], 0);
  assert.ok(Math.abs(domains[2][1] - 1) < 1e-9);
  assert.ok(domains[0][1] < domains[1][0] && domains[1][1] < domains[2][0]);
});

Deno.test("qualityCurves() leaves out a Dice that was not measured", () => {
  assert.deepEqual(qualityCurves([record(1)]).data.map(({ name }) => name), [
    "alignment (lower is better)",
    "effective rank",
  ]);
});

import assert from "node:assert/strict";
import {
  labelEfficiencyFigure,
  patientsFigure,
  qualityFigure,
  trainingFigure,
  validationFigure,
} from "../../lib/reports/figures.ts";
import { resultOf, row, rows } from "./example.ts";

Deno.test("labelEfficiencyFigure() draws the summary's means and deviations, and every row", () => {
  const result = resultOf(rows);
  const { data, layout } = labelEfficiencyFigure(result);
  const [scratch, scratchSeeds, finetuned, finetunedSeeds] = data;
  assert.equal(data.length, 4);
  assert.deepEqual([scratch.name, finetuned.name], ["From scratch", "Fine-tuned, pix2rep"]);
  const drawn = [scratch, finetuned].flatMap((trace) => {
    const { array } = trace.error_y as { array: number[] };
    const y = trace.y as number[];
    return (trace.x as number[]).map((x, i) => [Math.round(x), y[i], array[i]]);
  });
  assert.deepEqual(
    drawn,
    result.summary.map(({ patients, dice_mean, dice_sd }) => [patients, dice_mean, dice_sd]),
  );
  const points = [scratchSeeds, finetunedSeeds].flatMap((trace) => {
    const [y, seeds] = [trace.y as number[], trace.customdata as number[]];
    return (trace.x as number[]).map((x, i) => [Math.round(x), seeds[i], y[i]]);
  });
  assert.deepEqual(
    points,
    result.rows.map(({ patients, seed, dice }) => [patients, seed, dice.mean]),
  );
  assert.deepEqual((layout.xaxis as { tickvals: number[] }).tickvals, [1, 5]);
});

Deno.test("labelEfficiencyFigure() tells pretrainings by colour and strategies by dashes, side by side", () => {
  const settings: [string, string][] = [
    ["none", "scratch"],
    ["none", "mean-teacher"],
    ["pix2rep", "finetune"],
    ["pix2rep", "probe"],
    ["simclr", "probe"],
  ];
  const { data } = labelEfficiencyFigure(
    resultOf(settings.map(([pretraining, strategy]) => row([pretraining, strategy, 1], 0, 0.5))),
  );
  const lines = data.filter(({ mode }) => mode === "lines+markers");
  const styles = new Map(lines.map(({ name, line }) => [name, line as Record<string, string>]));
  const style = (name: string) => styles.get(name)!;
  assert.equal(style("Fine-tuned, pix2rep").color, style("Linear probe, pix2rep").color);
  assert.equal(style("From scratch").color, style("Mean Teacher, random").color);
  assert.equal(style("Linear probe, simclr").dash, style("Linear probe, pix2rep").dash);
  assert.equal(new Set(lines.map(({ line }) => JSON.stringify(line))).size, settings.length);
  assert.equal(new Set(lines.map(({ x }) => (x as number[])[0])).size, settings.length);
});

Deno.test("labelEfficiencyFigure() has a finite axis for a single number of patients", () => {
  const { data, layout } = labelEfficiencyFigure(resultOf([row(["none", "scratch", 1], 0, 0.5)]));
  assert.equal(data.length, 2);
  const [from, to] = (layout.xaxis as { range: number[] }).range;
  assert.ok(from < 0 && to > 0);
});

Deno.test("labelEfficiencyFigure() leaves no markup in names, which plotly would interpret", () => {
  const { data } = labelEfficiencyFigure(
    resultOf([row(["<a href='https://example.org'>", "probe", 1], 0, 0.5)]),
  );
  assert.doesNotMatch(JSON.stringify(data.map(({ name }) => name)), /</);
});

Deno.test("trainingFigure() draws a line per curve", () => {
  const points = [{ step: 5, loss: 2 }, { step: 10, loss: 1.5 }];
  const { data } = trainingFigure([
    { name: "a", group: "g", points },
    { name: "b", group: "g", points: points.slice(1) },
  ]);
  assert.deepEqual(data.map(({ name, x, y }) => ({ name, x, y })), [
    { name: "a", x: [5, 10], y: [2, 1.5] },
    { name: "b", x: [10], y: [1.5] },
  ]);
});

Deno.test("trainingFigure() draws a long curve by means over steps, to its last step", () => {
  const points = Array.from({ length: 1001 }, (_, i) => ({ step: i + 1, loss: i % 3 }));
  const [{ x, y }] = trainingFigure([{ name: "a", group: "g", points }]).data;
  const [steps, losses] = [x as number[], y as number[]];
  assert.equal(steps.length, 334);
  assert.deepEqual([steps[0], steps[1], steps[333]], [3, 6, 1001]);
  assert.deepEqual([losses[0], losses[1], losses[333]], [1, 1, 0.5]);
});

Deno.test("qualityFigure() draws a line per pretraining that was measured", () => {
  const point = {
    step: 5,
    alignment: 0.3,
    uniformity: -1,
    dead_dimensions: 0,
    effective_rank: 7,
  };
  const curves = [
    { name: "a", points: [point, { ...point, step: 10, alignment: 0.2, probe_dice: 0.4 }] },
    { name: "<b>", points: [] },
  ];
  const { data, layout } = qualityFigure(curves, "alignment");
  assert.deepEqual(data.map(({ name, x, y }) => ({ name, x, y })), [
    { name: "a", x: [5, 10], y: [0.3, 0.2] },
  ]);
  assert.equal((layout.yaxis as { title: { text: string } }).title.text, "Alignment");
  assert.deepEqual(qualityFigure(curves, "probe_dice").data[0].x, [10]);
});

Deno.test("validationFigure() draws the Dice of each training on one scale, markup left out", () => {
  const points = [{ step: 10, dice: 0.25 }, { step: 20, dice: 0.5 }];
  const { data, layout } = validationFigure([
    { name: "<b>P001</b>", points },
    { name: "P002", points: points.slice(1) },
  ]);
  assert.deepEqual(data.map(({ x, y }) => [x, y]), [[[10, 20], [0.25, 0.5]], [[20], [0.5]]]);
  assert.ok(!`${data[0].name}`.includes("<b>") && data[1].name === "P002");
  const colours = data.map(({ line }) => (line as { color: string }).color);
  assert.equal(new Set(colours).size, 2);
  assert.deepEqual((layout.yaxis as { range?: number[] }).range, [0, 1]);
});

Deno.test("patientsFigure() draws a trace per group, and a diagonal between equal axes", () => {
  const groups = [
    { group: "NOR", patients: ["p1", "<p2>"], across: [0.1, 0.2], up: [0.3, 0.4] },
    { group: "", patients: ["p3"], across: [0.5], up: [0.6] },
  ];
  const { data, layout } = patientsFigure(groups, ["A", "<B>"]);
  assert.deepEqual(data.map(({ name, x, y, text }) => [name, x, y, text]), [
    ["NOR", [0.1, 0.2], [0.3, 0.4], ["p1", "&lt;p2&gt;"]],
    ["Patients", [0.5], [0.6], ["p3"]],
  ]);
  const { xaxis, yaxis } = layout as Record<string, { range: number[]; title: { text: string } }>;
  assert.deepEqual(xaxis.range, yaxis.range);
  assert.equal(yaxis.title.text, "Dice: &lt;B&gt;");
});

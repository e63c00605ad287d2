import assert from "node:assert/strict";
import { tryOf, type Tuning } from "../../../../lib/experiments/tuning/tuning.ts";
import { render } from "../../../../lib/reports/html.ts";
import { tuningSection } from "../../../../lib/reports/sections/sweep/tuning_section.ts";
import { renderReport } from "../../../../lib/reports/report.ts";
import { input } from "../../example.ts";

/** A try whose models have these Dice, of 1 and of 5 patients in two draws. */
function tried(iterations: number, dice: (number | null)[]) {
  const models = dice.map((value, i) => ({ patients: i < 2 ? 1 : 5, seed: i % 2, dice: value }));
  return tryOf([`adaptation.iterations=${iterations}`, "adaptation.batch=4"], models);
}

const tuning: Tuning = {
  ...{ schema: "pix2rep.tuning/1", dataset: "phantom", measured: ["patient011", "patient012"] },
  searches: [
    {
      ...{ pretraining: "none", strategy: "scratch", chosen: 1 },
      tries: [tried(50, [0.2, 0.4, 0.5, 0.7]), tried(200, [0.4, 0.6, 0.7, 0.9])],
    },
    {
      ...{ pretraining: "pix2rep", strategy: "finetune", chosen: 0 },
      tries: [tried(50, [0.6, 0.6, 0.8, 0.8]), tried(200, [null, 0.9, 0.9, 0.9])],
    },
  ],
};

/** The text of every cell, line by line. */
function cells(markup: string): string[][] {
  return [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
    [...line.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell.trim())
  );
}

Deno.test("tuningSection() shows what was chosen, beside the plan's own, and every try", () => {
  const [{ content }] = tuningSection(tuning);
  assert.match(render(content), /2 settings were tried.*\s.*measured on 2 others\./);
  const [long, short] = ["iterations=200, batch=4", "iterations=50, batch=4"];
  assert.deepEqual(cells(render(content)), [
    ["Model", "Plan’s Dice", "Chosen Dice", "Try", "Settings"],
    ["From scratch", "0.450", "0.650", "2", long],
    ["Fine-tuned, pix2rep", "0.700", "0.700", "1", short],
    ["Model", "Try", "Settings", "1 patient", "5 patients", "Mean Dice"],
    ["From scratch", "1", short, "0.300", "0.600", "0.450"],
    ["From scratch", "2", `${long} (chosen)`, "0.500", "0.800", "0.650"],
    ["Fine-tuned, pix2rep", "1", `${short} (chosen)`, "0.600", "0.800", "0.700"],
    ["Fine-tuned, pix2rep", "2", long, "–", "0.900", "–"],
  ]);
});

Deno.test("a report has the search of its sweep, and nothing of it where there was none", () => {
  assert.deepEqual(tuningSection(), []);
  const has = (page: string) => page.includes("Search for settings");
  assert.ok(has(renderReport({ ...input, tuning })));
  assert.ok(!has(renderReport(input)));
});

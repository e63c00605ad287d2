/** Small made-up pages of an evaluation, an adaptation, predictions, and a run of all. */
import { diceOverPatients } from "../../lib/experiments/patient_dice.ts";
import type { AdaptationInput } from "../../lib/reports/inputs/adaptation_input.ts";
import { metricsCsv, summarise } from "../../lib/evaluators/summary.ts";
import { doubtedMasks, volumeWarnings } from "../../lib/reports/doubted_masks.ts";
import type { EvaluationInput } from "../../lib/reports/inputs/evaluation_input.ts";
import type { RunInput } from "../../lib/reports/inputs/run_input.ts";
import type { PredictionInput } from "../../lib/reports/inputs/prediction_input.ts";
import { casesOf, input, rows, scanView } from "./example.ts";

const { cases } = casesOf(rows[0]);
const { data: { structures }, environment } = input;

/** A scan of the example with one model's masks. */
export const oneModel = (patient: string) => {
  const view = scanView(patient);
  return { ...view, predictions: [view.predictions[2]] };
};

/** An evaluation of eight patients, of whom two are shown. */
export const evaluation: EvaluationInput = {
  dataset: "phantom",
  structures,
  summary: summarise(cases),
  cases,
  csv: metricsCsv(cases),
  slices: {
    models: [{ name: "Prediction", group: "" }],
    scans: ["patient001", "patient002"].map(oneModel),
    first: { scan: 1, model: 0 },
  },
  shown:
    "8 of 32 slices are here, of 2 of 8 scans: the others are left out to keep the page small.",
  config: { steps: 10 },
  environment,
};

/** A mask of a volume of LV, with more doubt in each. */
export const predicted = (volume: number, i: number) => ({
  title: `scan${i}`,
  doubt: i / 10,
  volumes: [volume, volume && 50],
});

/** What the model of them learned from. */
const references = { masks: 6, ml: { 1: [5, 20], 2: [40, 60] } } as const;

/** A mask of each of these volumes. */
const masks = [100, 10, 0, 101, 103, 97, 95, 102, 99].map(predicted);

/** Nine masks, of which one is empty and one far too small; two are shown, and all larger than what was learned from. */
export const prediction: PredictionInput = {
  structures,
  masks: doubtedMasks(masks, structures, references),
  references,
  warnings: volumeWarnings(masks, structures, references),
  slices: {
    models: [{ name: "Prediction", group: "" }],
    scans: ["scan2", "scan1"].map((title) => {
      const { reference: _, ...view } = oneModel(title);
      return { ...view, phase: "" };
    }),
    first: { scan: 0, model: 0 },
  },
  shown: "All slices are here.",
  config: { steps: 10 },
  environment,
};

/** The same eight patients, each held out by a fold of an adaptation. */
export const adaptation: AdaptationInput = {
  ...evaluation,
  label: "Fine-tuned",
  labelled: 8,
  known:
    "Dice 0.50 ± 0.02 over 8 patients, each segmented by a model that had not seen their masks",
  patientDice: diceOverPatients(cases),
  validationCurves: ["patient001", "patient002"].map((name) => ({
    name,
    points: [{ step: 10, dice: 0.2 }, { step: 20, dice: 0.6 }],
  })),
};

/** Both together, with another way to adapt that did no better. */
export const run: RunInput = {
  dataset: "phantom",
  known: adaptation.known,
  compared: ["Fine-tuned from a probe", "Fine-tuned"].map((label, i) => ({
    ...{ label, dice: adaptation.patientDice, kept: i === 0 },
  })),
  adaptation,
  prediction,
};

/** What stands in a page, in a line. */
export function pageText(page: string): string {
  return page.replaceAll(/<script[^]*?<\/script>|<style[^]*?<\/style>|<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");
}

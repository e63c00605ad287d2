/** Small made-up pages of an evaluation and of predictions. */
import { metricsCsv, summarise } from "../../lib/evaluators/summary.ts";
import { doubtedMasks } from "../../lib/reports/doubted_masks.ts";
import type { EvaluationInput } from "../../lib/reports/inputs/evaluation_input.ts";
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

/** Nine masks, of which one is empty and one far too small; two are shown. */
export const prediction: PredictionInput = {
  structures,
  masks: doubtedMasks([100, 10, 0, 101, 103, 97, 95, 102, 99].map(predicted), structures),
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

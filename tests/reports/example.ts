/** A small made-up sweep to report on. */
import { type SweepResult, sweepResult, type SweepRow } from "../../lib/experiments/result.ts";
import type { ReportInput } from "../../lib/reports/report.ts";

/** A run's row; the structures' Dice lies around the mean. */
export function row(
  [pretraining, strategy, patients]: [string, string, number],
  seed: number,
  dice: number,
): SweepRow {
  return {
    pretraining,
    strategy,
    patients,
    seed,
    dice: { LV: dice + 0.05, RV: dice - 0.05, mean: dice },
    hd95_mm: { LV: 4, RV: null, mean: 4 },
    assd_mm: { LV: 1, RV: null, mean: 1 },
    missed: 1,
    test_patients: 4,
  };
}

/** Scratch and fine-tuning at 1 and 5 patients, two seeds each. */
export const rows: SweepRow[] = [
  row(["none", "scratch", 1], 0, 0.5),
  row(["none", "scratch", 1], 1, 0.54),
  row(["none", "scratch", 5], 0, 0.72),
  row(["none", "scratch", 5], 1, 0.74),
  row(["pix2rep", "finetune", 1], 0, 0.7),
  row(["pix2rep", "finetune", 1], 1, 0.72),
  row(["pix2rep", "finetune", 5], 0, 0.8),
  row(["pix2rep", "finetune", 5], 1, 0.81),
];

/** The result of some rows. */
export function resultOf(rows: SweepRow[]): SweepResult {
  return sweepResult(rows, { dataset: "phantom", config: { steps: 10 } });
}

/** A whole report's input. */
export const input: ReportInput = {
  title: "An example",
  result: resultOf(rows),
  trainingCurves: [
    { name: "pix2rep", group: "Pretraining", points: [{ step: 1, loss: 5 }, { step: 2, loss: 4 }] },
  ],
  overlays: [{
    patient: "patient001",
    phase: "ED",
    slice: 3,
    size: [4, 3],
    image: Float32Array.from({ length: 12 }, (_, i) => i / 11),
    reference: Uint8Array.of(0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0),
    predictions: [{ name: "Fine-tuned", labels: new Uint8Array(12), dice: 0.7 }],
  }],
  structures: [{ label: 1, name: "LV" }, { label: 2, name: "RV" }],
  environment: { backend: "wasm", deno: "2.9.6", seconds: 119.7 },
  notes: ["Made up."],
};

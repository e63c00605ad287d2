/** A small made-up sweep to report on. */
import { compactFeatures } from "../../lib/analysis/compact_features.ts";
import type { CaseMetrics } from "../../lib/evaluators/segmentation.ts";
import type { RunCases } from "../../lib/experiments/patient_dice.ts";
import { type SweepResult, sweepResult, type SweepRow } from "../../lib/experiments/result.ts";
import type { FeatureViews, ReportInput, ScanView } from "../../lib/reports/inputs/report_input.ts";

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
    test_patients: 8,
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

/** Ids of the test patients. */
export const PATIENTS = Array.from({ length: 8 }, (_, i) => `patient00${i + 1}`);

/** The metrics of a run by patient: eight of them, about the run's mean. */
export function casesOf({ pretraining, strategy, patients, seed, dice }: SweepRow): RunCases {
  const spread = strategy === "scratch" ? 0.01 : 0.012;
  const cases = PATIENTS.flatMap((patient, i) =>
    ["LV", "RV"].map((structure): CaseMetrics => ({
      patient,
      group: i % 2 ? "DCM" : "NOR",
      phase: "ED",
      structure,
      dice: dice[structure]! + spread * (i - 3.5),
      hausdorff_mm: 6,
      hd95_mm: structure === "LV" ? 4 : null,
      assd_mm: 1,
      nsd: 0.8,
      missed: false,
      volume_ml: 100,
      reference_volume_ml: 110,
    }))
  );
  return { pretraining, strategy, patients, seed, cases };
}

/** Pixels per side of the example's slices. */
export const SIZE = 8;

/**
 * A scan of four slices: each has one more pixel of LV, of which the first model finds none, the second
 * all, and the third, trained on more patients, all of the first slice and none of the others.
 */
export function scanView(patient: string): ScanView {
  const pixels = SIZE * SIZE;
  const reference = Uint8Array.from(
    { length: 4 * pixels },
    (_, i) => i % pixels <= Math.floor(i / pixels) ? 1 : 0,
  );
  return {
    patient,
    phase: "ED",
    width: SIZE,
    height: SIZE,
    aspect: 1,
    depth: 4,
    numbers: [0, 1, 2, 3],
    images: Float32Array.from(reference, (_, i) => i % pixels / pixels),
    reference,
    predictions: [
      new Uint8Array(reference.length),
      reference,
      reference.map((label, i) => i < pixels ? label : 0),
    ],
  };
}

/** Two slices whose left halves are LV, and features that tell the halves apart. */
export function featureViews(names: readonly string[] = ["pix2rep"]): FeatureViews {
  const count = 2 * SIZE * SIZE;
  const left = (pixel: number) => pixel % SIZE < SIZE / 2;
  const values = Float32Array.from({ length: 2 * count }, (_, i) => {
    const [pixel, dimension] = [i >> 1, i % 2];
    return left(pixel) === (dimension === 0) ? 1 : 0;
  });
  const features = compactFeatures({ values, dimensions: 2 }, 2);
  return {
    size: SIZE,
    titles: ["patient001 · ED, slice 2", "patient002 · ED, slice 3"],
    images: Float32Array.from({ length: count }, (_, pixel) => pixel / count),
    labels: Uint8Array.from({ length: count }, (_, pixel) => left(pixel) ? 1 : 0),
    pretrainings: names.map((name) => ({
      ...features,
      name,
      all: 2,
      colours: Float32Array.from({ length: 3 * count }, (_, i) => i % 3 / 2),
    })),
  };
}

/** A whole report's input. */
export const input: ReportInput = {
  title: "An example",
  result: resultOf(rows),
  cases: rows.map(casesOf),
  durations: [{ name: "From scratch", patients: 1, minutes: 2 }],
  trainingCurves: [
    { name: "pix2rep", group: "Pretraining", points: [{ step: 1, loss: 5 }, { step: 2, loss: 4 }] },
  ],
  qualityCurves: [{
    name: "pix2rep",
    points: [1, 2].map((step) => ({
      step,
      alignment: 0.5 / step,
      uniformity: -step,
      dead_dimensions: 0,
      effective_rank: 4 * step,
    })),
  }],
  slices: {
    models: [
      { name: "From scratch", group: "1 labelled patient" },
      { name: "Fine-tuned, pix2rep", group: "1 labelled patient" },
      { name: "Fine-tuned, pix2rep", group: "5 labelled patients" },
    ],
    first: { scan: 0, model: 0 },
    scans: PATIENTS.slice(0, 2).map(scanView),
  },
  features: featureViews(),
  data: {
    name: "phantom",
    layout: "acdc",
    structures: [{ label: 1, name: "LV" }, { label: 2, name: "RV" }],
    grid: { size: SIZE, spacing: 2 },
    groups: [{ group: "NOR", training: 3, test: 4, scans: 14 }],
    labelled: [{ seed: 0, patients: 1, ids: ["patient011"] }],
  },
  environment: {
    backend: "wasm",
    deno: "2.9.6",
    seconds: 119.7,
    system: "linux x64, 2 threads",
    memoryGb: 1.25,
    date: "2026-03-01",
    version: "0.1.0",
    commit: "0123456789abcdef0123456789abcdef01234567",
    command: "deno task sweep --data …/acdc",
    runs: { began: "2026-02-28T21:00:00Z", ended: "2026-03-01T01:00:00Z" },
    slices: [{ pretraining: "pix2rep", digest: "f00d" }],
  },
  notes: ["Made up."],
};

/** The same with nothing but rows. */
export const bare: ReportInput = {
  ...input,
  cases: [],
  durations: [],
  trainingCurves: [],
  qualityCurves: [],
  slices: { models: [], first: { scan: 0, model: 0 }, scans: [] },
  features: { ...featureViews([]), titles: [] },
  notes: [],
};

/** The example with one text wherever text of the data stands. */
export function hostile(text: string): ReportInput {
  const named = (pretraining: string) => pretraining === "none" ? "none" : text;
  const hostileRows = rows.map((each) => ({
    ...each,
    pretraining: named(each.pretraining),
    dice: { ...each.dice, [text]: 0.5 },
  }));
  return {
    title: text,
    result: { ...resultOf(hostileRows), dataset: text, config: { [text]: text } },
    cases: input.cases.map((run) => ({
      ...run,
      pretraining: named(run.pretraining),
      cases: run.cases.map((metrics) => ({
        ...metrics,
        patient: `${metrics.patient}${text}`,
        group: text,
        phase: text,
        structure: text,
      })),
    })),
    durations: [{ name: text, minutes: 1 }],
    trainingCurves: [{ name: text, group: text, points: [{ step: 1, loss: 1 }] }],
    qualityCurves: input.qualityCurves.map((curve) => ({ ...curve, name: text })),
    slices: {
      models: input.slices.models.map(({ group }) => ({ name: text, group: `${text}${group}` })),
      first: input.slices.first,
      scans: input.slices.scans.map((scan) => ({ ...scan, patient: text, phase: text })),
    },
    features: { ...featureViews([text]), titles: [text, text] },
    data: {
      name: text,
      layout: text,
      structures: [{ label: 1, name: text }],
      grid: { size: SIZE, spacing: 2 },
      groups: [{ group: text, training: 1, test: 1, scans: 1 }],
      labelled: [{ seed: 0, patients: 1, ids: [text] }],
    },
    environment: {
      backend: text,
      adapter: text,
      deno: text,
      seconds: 1,
      system: text,
      memoryGb: 1.25,
      date: text,
      version: text,
      commit: text,
      command: text,
      runs: { began: text, ended: text },
      slices: [{ pretraining: text, digest: text }],
    },
    notes: [text],
  };
}

/** Ids of the figures that its report has, in their order. */
export const FIGURES = [
  "label-efficiency",
  "patients-chart",
  "quality-alignment",
  "quality-uniformity",
  "quality-effective-rank",
  "quality-dead-dimensions",
  "training-1",
];

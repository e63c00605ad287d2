/**
 * Charts as data: plotly figures from result objects, for the report and for notebooks.
 *
 * @module
 */
import { mean } from "../math/descriptive.ts";
import type { SweepResult, SweepSetting } from "../experiments/result.ts";
import type { QualityRecord } from "../training/quality.ts";
import type { ValidationRecord } from "../training/validation.ts";
import { STRATEGIES, strategyOf } from "../training/strategies/table.ts";
import { plotlyText } from "./html.ts";
import { lineColour } from "./pictures/palette.ts";
import { settingName } from "../experiments/setting_name.ts";

/** A plotly figure: `Plotly.newPlot(element, figure.data, figure.layout)`. */
export interface Figure {
  /** The traces. */
  data: Record<string, unknown>[];
  /** The layout, without colours of its own for text, grid and background. */
  layout: Record<string, unknown>;
}

/** A figure on one pair of axes. */
export interface CartesianFigure extends Figure {
  /** The layout; its height is in pixels. */
  layout: Figure["layout"] & Record<"margin" | "legend" | "xaxis" | "yaxis", object> & {
    height: number;
  };
}

/** How a loss went down. */
export interface TrainingCurve {
  /** What was trained, for instance "fine-tuned, pix2rep, 1 patient, seed 0". */
  name: string;
  /** The chart it belongs to; losses of one group share an axis and should be comparable. */
  group: string;
  /** The loss by optimiser step. */
  points: readonly { step: number; loss: number }[];
}

/** How a representation went while it was pretrained. */
export interface QualityCurve {
  /** The pretraining's name. */
  name: string;
  /** The measurements. */
  points: readonly QualityRecord[];
}

/** How well masks of patients who are not trained on went while a model was adapted. */
export interface ValidationCurve {
  /** What was trained, or whom it is measured on. */
  name: string;
  /** The measurements. */
  points: readonly ValidationRecord[];
}

/** What is measured of a representation, and how its axis is called. */
export const QUALITY_MEASURES = {
  alignment: "Alignment",
  uniformity: "Uniformity",
  effective_rank: "Effective rank",
  dead_dimensions: "Dead dimensions",
  probe_dice: "Nearest-neighbour Dice",
} as const satisfies Partial<Record<keyof QualityRecord, string>>;

/** A measure of a representation. */
export type QualityMeasure = keyof typeof QUALITY_MEASURES;

/** Points of a training curve, at most. */
const POINTS = 400;

/** Distance of two settings' points at the same number of patients, in decades. */
const APART = 0.012;

/**
 * The label-efficiency curve: Dice against labelled patients on a logarithmic axis, per setting a
 * line of means with standard deviations over seeds, then a trace of points, one per seed. The colour
 * tells the pretraining, dashes and symbol the strategy; settings stand a little apart, so that their
 * points do not hide each other.
 */
export function labelEfficiencyFigure(
  result: Pick<SweepResult, "rows" | "summary">,
): CartesianFigure {
  const series = [...Map.groupBy(result.summary, seriesKey).values()];
  const pretrainings = [...new Set(result.summary.map(({ pretraining }) => pretraining))];
  const patients = [...new Set(result.summary.map((entry) => entry.patients))]
    .sort((a, b) => a - b);
  return {
    data: series.flatMap((entries, index) => {
      const rows = result.rows.filter((row) => seriesKey(row) === seriesKey(entries[0]));
      const color = lineColour(pretrainings.indexOf(entries[0].pretraining));
      const shift = 10 ** (APART * (index - (series.length - 1) / 2));
      return settingTraces(entries, rows, { color, shift });
    }),
    layout: {
      ...sharedLayout,
      height: 480,
      xaxis: {
        title: { text: "Labelled patients", standoff: 8 },
        type: "log",
        // A little room on both sides, in decades.
        range: [Math.log10(patients[0]) - 0.15, Math.log10(patients[patients.length - 1]) + 0.15],
        tickvals: patients,
        ticktext: patients.map(String),
        zeroline: false,
      },
      yaxis: { title: { text: "Mean Dice", standoff: 12 }, tickformat: ".2f", zeroline: false },
    },
  };
}

/** A setting's line of means and its points, one per seed; numbers of patients times `shift`. */
function settingTraces(
  entries: SweepResult["summary"],
  rows: SweepResult["rows"],
  { color, shift }: { color: string; shift: number },
): Figure["data"] {
  const { symbol, dash } = (strategyOf(entries[0].strategy) ?? STRATEGIES.scratch).line;
  const shared = { legendgroup: seriesKey(entries[0]), type: "scatter" };
  const name = plotlyText(settingName(entries[0]));
  return [{
    ...shared,
    name,
    mode: "lines+markers",
    x: entries.map((entry) => shift * entry.patients),
    y: entries.map((entry) => entry.dice_mean),
    error_y: { array: entries.map((entry) => entry.dice_sd), color, thickness: 1.5, width: 5 },
    line: { color, width: 2.5, dash },
    marker: { color, size: 9, symbol },
    hovertemplate: "%{y:.3f} ± %{error_y.array:.3f}",
  }, {
    ...shared,
    name: `${name}, per seed`,
    mode: "markers",
    x: rows.map((row) => shift * row.patients),
    y: rows.map((row) => row.dice.mean),
    customdata: rows.map((row) => row.seed),
    marker: { color, size: 6, opacity: 0.45, symbol },
    showlegend: false,
    hovertemplate: "%{y:.3f} (seed %{customdata})<extra></extra>",
  }];
}

/**
 * The training curves of one group, a line each. Of a long one, points are the mean losses of as many
 * steps each: the line keeps its course, and the page its size.
 */
export function trainingFigure(curves: readonly TrainingCurve[]): CartesianFigure {
  return {
    data: curves.map(({ name, points }, index) => {
      const drawn = thinned(points);
      return {
        type: "scatter",
        mode: "lines",
        name: plotlyText(name),
        x: drawn.map(({ step }) => step),
        y: drawn.map(({ loss }) => Number(loss.toPrecision(5))),
        line: { color: lineColour(index), width: 1.8 },
        hovertemplate: "step %{x}: %{y:.4g}",
      };
    }),
    layout: { ...stepLayout("Loss"), height: 320 },
  };
}

/** Means over consecutive steps, each at the last of its steps: at most {@linkcode POINTS}. */
function thinned(points: TrainingCurve["points"]): TrainingCurve["points"] {
  const each = Math.ceil(points.length / POINTS);
  return points.flatMap(({ step }, i) => {
    if ((i + 1) % each && i + 1 < points.length) return [];
    const some = points.slice(i - i % each, i + 1);
    return [{ step, loss: mean(some.map(({ loss }) => loss)) }];
  });
}

/** One measure of representations by optimiser step, a line per pretraining that has it. */
export function qualityFigure(
  curves: readonly QualityCurve[],
  measure: QualityMeasure,
): CartesianFigure {
  const lines = curves.map(({ name, points }, index) => {
    const measured = points.filter((point) => point[measure] !== undefined);
    const color = lineColour(index);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: plotlyText(name),
      x: measured.map((point) => point.step),
      y: measured.map((point) => point[measure]!),
      line: { color, width: 1.8 },
      marker: { color, size: 6, symbol: SYMBOLS[index % SYMBOLS.length] },
      hovertemplate: "step %{x}: %{y:.4g}",
    };
  });
  const { yaxis, ...layout } = stepLayout(QUALITY_MEASURES[measure]);
  return {
    data: lines.filter(({ x }) => x.length > 0),
    layout: {
      ...layout,
      height: 280,
      // Without that, an axis of zeros alone would reach below zero.
      yaxis: measure === "uniformity" ? yaxis : { ...yaxis, rangemode: "nonnegative" },
    },
  };
}

/** Dice on patients who are not trained on by optimiser step, a line per training. */
export function validationFigure(curves: readonly ValidationCurve[]): CartesianFigure {
  const { yaxis, ...layout } = stepLayout("Dice of slices held out");
  return {
    data: curves.map(({ name, points }, index) => {
      const color = lineColour(index);
      return {
        type: "scatter",
        mode: "lines+markers",
        name: plotlyText(name),
        x: points.map(({ step }) => step),
        y: points.map(({ dice }) => dice),
        line: { color, width: 1.8 },
        marker: { color, size: 6, symbol: SYMBOLS[index % SYMBOLS.length] },
        hovertemplate: "step %{x}: %{y:.3f}",
      };
    }),
    layout: { ...layout, height: 320, yaxis: { ...yaxis, range: [0, 1] } },
  };
}

/** Test patients of one group, with the Dice that two settings give them. */
export interface PatientGroup {
  /** The group's name, or "". */
  group: string;
  /** The patients' ids. */
  patients: readonly string[];
  /** Dice of each with the one setting. */
  across: readonly number[];
  /** Dice of each with the other. */
  up: readonly number[];
}

/**
 * Two settings patient by patient: above the diagonal lie the patients that the second segments
 * better. Colour and symbol tell the group.
 */
export function patientsFigure(
  groups: readonly PatientGroup[],
  [across, up]: readonly [string, string],
): CartesianFigure {
  return {
    data: groups.map(({ group, patients, ...dice }, index) => ({
      type: "scatter",
      mode: "markers",
      name: plotlyText(group || "Patients"),
      x: dice.across,
      y: dice.up,
      text: patients.map(plotlyText),
      marker: {
        color: lineColour(index),
        size: 10,
        opacity: 0.85,
        symbol: SYMBOLS[index % SYMBOLS.length],
      },
      hovertemplate: "%{text}: %{x:.3f}, %{y:.3f}",
    })),
    layout: {
      ...sharedLayout,
      height: 440,
      showlegend: groups.length > 1,
      xaxis: diceAxis(across),
      yaxis: diceAxis(up),
      shapes: [DIAGONAL],
    },
  };
}

/** From 0 to 1 in both directions. */
const DIAGONAL = {
  type: "line",
  layer: "below",
  x0: 0,
  y0: 0,
  x1: 1,
  y1: 1,
  line: { color: "#888888", width: 1, dash: "dot" },
};

function diceAxis(setting: string) {
  return {
    title: { text: `Dice: ${plotlyText(setting)}`, standoff: 8 },
    range: [-0.03, 1.03],
    tickformat: ".1f",
    zeroline: false,
  };
}

/** Symbols of points, beside colours, to tell lines and groups apart. */
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x"];

const sharedLayout = {
  margin: { l: 64, r: 16, t: 12, b: 60 },
  legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
  hovermode: "closest",
};

/** The layout of what goes by steps of training. */
function stepLayout(title: string) {
  return {
    ...sharedLayout,
    showlegend: true,
    xaxis: {
      title: { text: "Optimiser step", standoff: 8 },
      rangemode: "tozero",
      zeroline: false,
    },
    yaxis: { title: { text: title, standoff: 12 }, zeroline: false },
  };
}

function seriesKey({ pretraining, strategy }: Omit<SweepSetting, "patients">): string {
  return JSON.stringify([pretraining, strategy]);
}

/**
 * The sections of a report that are charts.
 *
 * @module
 */
import type { SweepResult } from "../../experiments/result.ts";
import {
  type CartesianFigure,
  type Figure,
  labelEfficiencyFigure,
  QUALITY_MEASURES,
  type QualityCurve,
  qualityFigure,
  type QualityMeasure,
  type TrainingCurve,
  trainingFigure,
  type ValidationCurve,
  validationFigure,
} from "../figures.ts";
import { type Html, html } from "../html.ts";
import { plot, type Section } from "./section.ts";

/** Dice against labelled patients. */
export function efficiencySection(result: Pick<SweepResult, "rows" | "summary">): Section {
  const label = "Mean Dice against the number of labelled patients; the table below has the values";
  const caption = "Mean Dice over structures on the test patients. Lines: means over seeds, with " +
    "the sample standard deviation; faint points: single seeds. Colours tell the pretraining, dashes " +
    "the adaptation. The table below has the values.";
  return {
    id: "efficiency",
    title: "Label efficiency",
    content: html`
      <figure class="chart">
        ${plot("label-efficiency", label)}
        <figcaption>${caption}</figcaption>
      </figure>
    `,
    figures: { "label-efficiency": labelEfficiencyFigure(result) },
  };
}

/** The losses by step, a chart per group; none where there are no curves. */
export function trainingSection(curves: readonly TrainingCurve[]): Section[] {
  const charts = [...Map.groupBy(curves, ({ group }) => group)].map(([group, curves], i) => ({
    id: `training-${i + 1}`,
    title: group,
    unit: "Training loss",
    hint: "",
    figure: trainingFigure(curves),
  }));
  return chartsSection({ id: "training", title: "Training" }, charts, html``);
}

/** What each measure says, for those who have not met it. */
const MEANINGS: Record<QualityMeasure, string> = {
  alignment: "Distance of a pixel's features in two views; low is good",
  uniformity: "How evenly features fill the sphere; low is good",
  effective_rank: "Dimensions in use; below 2 is a sign of collapse",
  dead_dimensions: "Dimensions that hardly vary; few is good",
  probe_dice: "Dice of the nearest labelled pixels; high is good",
};

/** How representations went while they were pretrained; none where nothing was measured. */
export function qualitySection(curves: readonly QualityCurve[]): Section[] {
  const measures = Object.keys(QUALITY_MEASURES) as QualityMeasure[];
  const charts = measures
    .map((measure) => ({
      id: `quality-${measure.replaceAll("_", "-")}`,
      title: QUALITY_MEASURES[measure],
      unit: QUALITY_MEASURES[measure],
      hint: MEANINGS[measure],
      figure: qualityFigure(curves, measure),
    }))
    .filter(({ figure }) => figure.data.length > 0);
  const caption = html`
    <p>Measured on some of the slices that each backbone is pretrained on, without their labels.</p>
  `;
  return chartsSection({ id: "quality", title: "Representation quality" }, charts, caption);
}

/** Dice on slices of patients who are not trained on, by step; none where nobody is watched. */
export function validationSection(curves: readonly ValidationCurve[]): Section[] {
  if (curves.length === 0) return [];
  const caption = html`
    <p>
      Measured while each model was trained, on up to 16 slices of patients whom it does not learn from.
      Nothing was chosen by it.
    </p>
  `;
  return chartsSection({ id: "validation", title: "Validation" }, [{
    id: "validation-dice",
    title: "Dice of held-out slices",
    unit: "Dice of held-out slices",
    hint: "Rising to the end: more steps may help; falling: they do harm",
    figure: validationFigure(curves),
  }], caption);
}

/** A chart with its heading, what its vertical axis is, and what that means. */
interface Chart {
  id: string;
  title: string;
  unit: string;
  hint: string;
  figure: CartesianFigure;
}

function chartsSection(
  { id, title }: { id: string; title: string },
  charts: readonly Chart[],
  caption: Html,
): Section[] {
  if (charts.length === 0) return [];
  const drawn = charts.map(({ id, title, unit, hint, figure }) =>
    html`
      <div class="chart">
        <h3>${title}</h3>
        <p class="note">${hint}</p>
        ${plot(id, `${unit} by optimiser step. ${inWords(figure)}`)}
      </div>
    `
  );
  return [{
    id,
    title,
    content: html`${caption}<div class="charts">${drawn}</div>`,
    figures: Object.fromEntries(charts.map(({ id, figure }) => [id, figure])),
  }];
}

/** Where each line begins and ends: what a reader gets who does not see it. */
function inWords({ data }: Figure): string {
  return data.map(({ name, x, y }) => {
    const [steps, values] = [x as number[], y as number[]];
    const [first, last] = [values[0], values[values.length - 1]].map((value) =>
      Number(value.toPrecision(3))
    );
    return `${name}: ${first} at step ${steps[0]}, ${last} at step ${steps[steps.length - 1]}.`;
  }).join(" ");
}

/**
 * A training to watch: its loss, drawn anew in the same place while it falls.
 *
 * @module
 */
import { type Figure, trainingFigure } from "../reports/figures.ts";
import type { LoopHooks, StepRecord } from "../training/loop.ts";
import { type Broadcast, openDisplay } from "./display.ts";
import { showFigure } from "./show.ts";

/** Seconds between two drawings: each takes some of the training's time. */
const INTERVAL = 2;

/** Options of {@linkcode liveTraining}. */
export interface LiveTrainingOptions {
  /** Where to show it; by default the kernel of the notebook. */
  broadcast?: Broadcast;
}

/**
 * Hooks for `pretrain` and `adapt` that show the loss, the speed and the time left below the cell
 * that trains. What stays at the end tells no times, so that a notebook run again looks the same.
 *
 * @param title What is trained.
 */
export function liveTraining(
  title: string,
  { broadcast }: LiveTrainingOptions = {},
): Required<Pick<LoopHooks, "onSteps">> {
  const show = openDisplay(broadcast);
  const points: StepRecord[] = [];
  const started = performance.now();
  let [first, shown] = [0, -Infinity];
  return {
    onSteps: async (records, steps) => {
      if (records.length === 0) return;
      if (points.length === 0) first = records[0].step - 1;
      points.push(...records);
      const { step, loss } = points[points.length - 1];
      const now = performance.now();
      if (step < steps && now - shown < INTERVAL * 1000) return;
      shown = now;
      const rate = (step - first) / ((now - started) / 1000);
      const state = step < steps
        ? `step ${step} of ${steps}, ${rate.toFixed(1)} steps/s, ` +
          `${Math.ceil((steps - step) / rate)} s left`
        : `${steps} steps`;
      const text = `${title}: ${state}, loss ${loss.toPrecision(3)}`;
      await show(showFigure(lossFigure(points, text, steps)));
    },
  };
}

/** The loss so far, on an axis that reaches to the last step. */
function lossFigure(points: readonly StepRecord[], title: string, steps: number): Figure {
  const { data, layout } = trainingFigure([{ name: "loss", group: "", points }]);
  return {
    data,
    layout: {
      ...layout,
      title: { text: title },
      margin: { ...layout.margin, t: 48 },
      xaxis: { ...layout.xaxis, range: [0, steps] },
      showlegend: false,
    },
  };
}

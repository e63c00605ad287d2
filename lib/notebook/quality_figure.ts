/**
 * How a representation develops while it is pretrained, as a figure.
 *
 * @module
 */
import type { Figure } from "../reports/figures.ts";
import { lineColour } from "../reports/pictures/palette.ts";
import type { QualityRecord } from "../training/quality.ts";

/** What is drawn, each on axes of its own, with what is good. */
const MEASURES: readonly (readonly [measure: keyof QualityRecord, title: string])[] = [
  ["alignment", "alignment (lower is better)"],
  ["effective_rank", "effective rank"],
  ["probe_dice", "nearest-neighbour Dice"],
];

/** Share of the width between two pairs of axes. */
const GAP = 0.11;

/**
 * Alignment, effective rank and, where it was measured, nearest-neighbour Dice by optimiser step,
 * side by side.
 *
 * @param records What `onQuality` of `pretrain` received.
 */
export function qualityCurves(records: readonly QualityRecord[]): Figure {
  const drawn = MEASURES.filter(([measure]) => records.some((record) => measure in record));
  const width = (1 - GAP * (drawn.length - 1)) / drawn.length;
  const axes = drawn.map(([, title], i) => {
    const [name, start] = [i ? `${i + 1}` : "", i * (width + GAP)];
    return {
      [`xaxis${name}`]: {
        title: { text: "Optimiser step" },
        domain: [start, start + width],
        rangemode: "tozero",
        anchor: `y${name}`,
      },
      [`yaxis${name}`]: { title: { text: title }, rangemode: "tozero", anchor: `x${name}` },
    };
  });
  return {
    data: drawn.map(([measure, title], i) => ({
      type: "scatter",
      mode: "lines+markers",
      name: title,
      x: records.map(({ step }) => step),
      y: records.map((record) => record[measure]),
      xaxis: i ? `x${i + 1}` : "x",
      yaxis: i ? `y${i + 1}` : "y",
      line: { color: lineColour(i), width: 2 },
      marker: { color: lineColour(i), size: 7 },
    })),
    layout: {
      height: 320,
      margin: { l: 70, r: 20, t: 14, b: 56 },
      showlegend: false,
      ...Object.assign({}, ...axes),
    },
  };
}

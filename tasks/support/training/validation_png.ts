/**
 * How adaptations went on patients whom they did not learn from, as a picture in a run's folder.
 *
 * @module
 */
import { join } from "node:path";
import { writeFileAtomically } from "../../../lib/io/write_file.ts";
import { chartSvg } from "../../../lib/notebook/chart_svg.ts";
import { type ValidationCurve, validationFigure } from "../../../lib/reports/figures.ts";
import { readValidation } from "../../../lib/runs/run_folder.ts";

/** Pixels per unit of the chart. */
const ZOOM = 2;

/** The runs to draw, a line each. */
export interface DrawnRun {
  /** What the line is called. */
  name: string;
  /** The run's folder. */
  folder: string;
}

/** Draws `validation.png` in a folder; nothing where nothing was measured. */
export async function writeValidationPng(dir: string, runs: readonly DrawnRun[]): Promise<void> {
  const curves = await Promise.all(
    runs.map(async ({ name, folder }): Promise<ValidationCurve> => ({
      ...{ name, points: await readValidation(folder) },
    })),
  );
  const drawn = curves.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return;
  // The renderer is large, and most tasks draw nothing.
  const { svgPng } = await import("../../../lib/notebook/svg_png.ts");
  const png = await svgPng(chartSvg(validationFigure(drawn)), ZOOM);
  await writeFileAtomically(join(dir, "validation.png"), png);
}

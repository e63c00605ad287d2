/**
 * For Jupyter notebooks on the Deno kernel: figures, slices and results that show themselves, and
 * trainings to watch.
 *
 * @example
 * ```ts
 * import { DISPLAY, showFigure } from "@pix2rep/pix2rep/notebook";
 * import assert from "node:assert/strict";
 *
 * const figure = showFigure({ data: [{ name: "loss", x: [1, 2], y: [3, 1] }], layout: {} });
 * // As the last value of a cell it shows itself; this is what Jupyter asks it for.
 * assert.ok((await figure[DISPLAY]())["image/png"]);
 * ```
 *
 * @module
 */
export { type Broadcast, DISPLAY, type Displayed, type MimeBundle } from "./display.ts";
export { liveSweep, type LiveSweepOptions } from "./live_sweep.ts";
export { liveTraining, type LiveTrainingOptions } from "./live_training.ts";
export { qualityCurves } from "./quality_figure.ts";
export type { Captions, GreyBar } from "./caption_svg.ts";
export {
  showFigure,
  showPicture,
  showResults,
  showSlices,
  type ShowSlicesOptions,
  showSurfaces,
} from "./show.ts";

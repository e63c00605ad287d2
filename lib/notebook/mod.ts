/**
 * For Jupyter notebooks on the Deno kernel: figures, slices and results that show themselves, and
 * trainings to watch.
 *
 * @module
 */
export { type Broadcast, DISPLAY, type Displayed, type MimeBundle } from "./display.ts";
export { liveSweep, type LiveSweepOptions } from "./live_sweep.ts";
export { liveTraining, type LiveTrainingOptions } from "./live_training.ts";
export { qualityCurves } from "./quality_figure.ts";
export type { Captions } from "./caption_svg.ts";
export {
  showFigure,
  showPicture,
  showResults,
  showSlices,
  type ShowSlicesOptions,
} from "./show.ts";

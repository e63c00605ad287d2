/**
 * A sweep to watch.
 *
 * @module
 */
import type { SweepProgress } from "../experiments/sweep/progress.ts";
import { type Broadcast, DISPLAY, openDisplay } from "./display.ts";

/** Characters of the bar. */
const BAR = 30;

/** Options of {@linkcode liveSweep}. */
export interface LiveSweepOptions {
  /** Where to show it; by default the kernel of the notebook. */
  broadcast?: Broadcast;
}

/** A hook for `runSweep`, its `onProgress`, that shows in one line how far the sweep is. */
export function liveSweep(
  { broadcast }: LiveSweepOptions = {},
): (progress: SweepProgress) => void {
  const show = openDisplay(broadcast);
  let shown = "";
  return ({ stage, part, parts, fraction }) => {
    const done = Math.round(BAR * fraction);
    const bar = "█".repeat(done) + "░".repeat(BAR - done);
    const text = `${bar} ${part} of ${parts}: ${stage}`;
    if (text === shown) return;
    shown = text;
    show({ [DISPLAY]: () => ({ "text/plain": text }) });
  };
}

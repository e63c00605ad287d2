/**
 * Learning-rate schedules, as a factor on the base rate.
 *
 * @module
 */

/** How the rate changes over a run. */
export type Schedule = "constant" | "cosine";

/** Where a run stands. */
export interface ScheduleOptions {
  /** The kind of schedule. */
  schedule: Schedule;
  /** Number of steps in the run. */
  steps: number;
  /** Share of the steps, 0 to 1, over which a cosine schedule first rises linearly. */
  warmup: number;
}

/**
 * The factor for a step, counted from 1: always 1, or a linear rise over the warm-up and half a
 * cosine down to 0 after it (Loshchilov & Hutter, SGDR, 2017).
 */
export function scheduleFactor(step: number, { schedule, steps, warmup }: ScheduleOptions): number {
  if (schedule === "constant") return 1;
  const rise = Math.round(warmup * steps);
  if (step <= rise) return step / rise;
  return (1 + Math.cos(Math.PI * (step - rise) / (steps - rise + 1))) / 2;
}

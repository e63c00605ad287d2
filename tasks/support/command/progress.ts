/**
 * Progress: one line that is rewritten on a terminal, plain lines now and then elsewhere.
 *
 * @module
 */
import { duration } from "../../../lib/io/text/amounts.ts";
import { printable } from "../../../lib/io/text/printable.ts";
import type { Screen } from "./terminal.ts";

/** What is going on. */
export interface ProgressState {
  /** The work and how much of it is done, for instance "step 20 of 300". */
  doing: string;
  /** The last loss. */
  loss?: number;
  /** Slices trained on so far, for their rate; none or fewer than before where other work begins. */
  slices?: number;
  /** Where it computes. */
  backend?: string;
}

/** A progress display. */
export interface Progress {
  /** Shows how much is done, 0 to 1, and what is going on. */
  update: (fraction: number, state: ProgressState) => void;
  /** Takes the line away, for good or until the next update. */
  clear: () => void;
}

/** Seconds between plain lines. */
const PLAIN_INTERVAL = 15;

/** Characters of the bar. */
const BAR = 10;

/** What is left out of a line that is too long, the first first. */
const DISPENSABLE = ["bar", "backend", "rate", "loss"] as const;

/**
 * Starts a progress display. Time left and slices per second are reckoned from the first update: what
 * was done before, in a run that goes on, took none of this one's time.
 *
 * @param now The time in milliseconds; for tests.
 */
export function startProgress(screen: Screen, now = () => performance.now()): Progress {
  const left = remaining(now);
  const rate = slicesPerSecond(now);
  let shown = now();
  return {
    update: (fraction, state) => {
      const parts = {
        bar: bar(fraction),
        percent: `${Math.floor(100 * fraction)}`.padStart(3) + " %",
        doing: printable(state.doing),
        loss: state.loss === undefined ? "" : `loss ${state.loss.toFixed(4)}`,
        rate: rate(state.slices),
        backend: state.backend ?? "",
        left: left(fraction),
      };
      if (screen.rewrite) {
        screen.rewrite(fitted(parts, screen.columns() - 1));
      } else if (now() - shown > PLAIN_INTERVAL * 1000) {
        screen.print(joined({ ...parts, bar: "" }));
        shown = now();
      }
    },
    clear: () => screen.rewrite?.(""),
  };
}

type Parts = Record<string, string>;

/** The parts that there is room for. */
function fitted(parts: Parts, columns: number): string {
  for (const name of DISPENSABLE) {
    if (joined(parts).length <= columns) break;
    parts = { ...parts, [name]: "" };
  }
  return joined(parts).slice(0, columns);
}

function joined(parts: Parts): string {
  return Object.values(parts).filter((part) => part !== "").join("  ");
}

function bar(fraction: number): string {
  const full = Math.floor(BAR * fraction);
  return "█".repeat(full) + "░".repeat(BAR - full);
}

/** Tells the time left from the share that is done; nothing at the first update. */
function remaining(now: () => number): (fraction: number) => string {
  let first: { fraction: number; time: number } | undefined;
  return (fraction) => {
    first ??= { fraction, time: now() };
    if (fraction <= first.fraction) return "";
    const seconds = (now() - first.time) / 1000;
    return `${duration(seconds * (1 - fraction) / (fraction - first.fraction))} left`;
  };
}

/** Tells the rate from the slices so far; nothing at the first update of any work. */
function slicesPerSecond(now: () => number): (slices?: number) => string {
  let first: { slices: number; time: number } | undefined;
  return (slices) => {
    if (slices === undefined) first = undefined;
    if (slices === undefined) return "";
    if (!first || slices < first.slices) first = { slices, time: now() };
    if (slices === first.slices) return "";
    const rate = (slices - first.slices) / (now() - first.time) * 1000;
    return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} slices/s`;
  };
}

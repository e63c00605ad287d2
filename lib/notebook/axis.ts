/**
 * Axes of charts: what they reach over, where their ticks stand, what these say.
 *
 * @module
 */

/** An axis as plotly's layouts describe it; all of it may be missing. */
export interface AxisLayout {
  /** What is along the axis. */
  title?: { text?: string };
  /** "log" for a logarithmic axis. */
  type?: string;
  /** From where to where; decades of a logarithmic axis. */
  range?: readonly [number, number];
  /** "tozero" for an axis that starts at 0, "nonnegative" for one that does not reach below. */
  rangemode?: string;
  /** Where ticks stand, in the data's units. */
  tickvals?: readonly number[];
  /** What these say. */
  ticktext?: readonly string[];
  /** The share of the drawing's width or height that the axis takes. */
  domain?: readonly [number, number];
}

/** A tick. */
export interface Tick {
  /** Its position, from 0 at the start of the axis to 1 at its end. */
  at: number;
  /** What it says. */
  text: string;
}

/** An axis, ready to draw along. */
export interface Axis {
  /** The position of a value, from 0 at the start of the axis to 1 at its end. */
  position: (value: number) => number;
  /** The ticks within it. */
  ticks: Tick[];
}

/** Room beside the outermost values, as a share of what they reach over. */
const PADDING = 0.06;

/** Ticks of an axis, about. */
const TICKS = 6;

/**
 * Makes an axis for values.
 *
 * @param values All values along it; those that are no numbers are left out.
 */
export function makeAxis(values: readonly number[], layout: AxisLayout = {}): Axis {
  const log = layout.type === "log";
  const scaled = log ? Math.log10 : (value: number) => value;
  const [low, high] = layout.range ?? extent(values.map(scaled).filter(Number.isFinite), layout);
  const position = (value: number) => (scaled(value) - low) / (high - low);
  const { tickvals = niceTicks(low, high).map((at) => log ? 10 ** at : at), ticktext } = layout;
  const ticks = tickvals.map((value, i) => ({
    at: position(value),
    text: ticktext?.[i] ?? tickText(value),
  }));
  return { position, ticks: ticks.filter(({ at }) => at > -1e-6 && at < 1 + 1e-6) };
}

/** The values' extent with some room beside it. */
function extent(values: readonly number[], { rangemode }: AxisLayout): [number, number] {
  const toZero = rangemode === "tozero";
  const low = values.reduce((least, value) => Math.min(least, value), toZero ? 0 : Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), toZero ? 0 : -Infinity);
  if (low > high) return [0, 1];
  const room = high > low ? PADDING * (high - low) : 0.5;
  const bounded = toZero || rangemode === "nonnegative";
  return [bounded && low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** Round numbers from one to another, one, two or five of a decade apart. */
function niceTicks(low: number, high: number): number[] {
  const rough = (high - low) / TICKS;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * decade).find((one) => one >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/** A round number without the rounding of its computation, with a minus sign that is one. */
function tickText(value: number): string {
  return `${Number(value.toPrecision(6))}`.replace("-", "−");
}

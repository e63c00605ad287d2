/**
 * The grid that shows what has to be seen of a cohort, and no finer than that needs.
 *
 * @module
 */
import { counted } from "../io/text/amounts.ts";
import type { CohortSurvey, OutlineSurvey } from "./survey.ts";

/** Settings of the grid that are not for the plan to choose. */
export interface GivenGrid {
  /** Millimetres between pixels, where they are given. */
  spacing?: number;
  /** Pixels per side, likewise. */
  size?: number;
  /** Pixels per side of a grid that need not be finer; 64 by default. */
  detail?: number;
  /**
   * What the pixels per side may be a multiple of, ascending: they are of the first that leaves the
   * lowest level of a network few pixels.
   */
  divisors: readonly number[];
}

/** A grid and why. */
export interface PlannedGrid {
  /** Pixels per side, and mm between them. */
  value: { size: number; spacing: number };
  /** Why. */
  because: string;
}

/** Pixels that the thinnest structure is to have across, some to spare for those of other patients. */
const PIXELS_ACROSS = 6;

/** Pixels per side of a grid that need not be finer. */
const USUAL_SIZE = 64;

/** The same where no outline tells how fine a grid has to be. */
const UNTOLD_SIZE = 96;

/** Pixels per side of the largest grid. */
const LARGEST_SIZE = 384;

/** Pixels per side of the lowest level, at most where there is a choice: more hide how parts lie. */
const MOST_LOWEST = 12;

/** What is outlined in others may lie further out than in those who were looked at. */
const MARGIN = 1.1;

/**
 * Plans the grid: its side holds what is outlined, or the scans where nothing is; its spacing is the
 * scans' own, or coarser as far as the thinnest structure still has a few pixels.
 */
export function planGrid(survey: CohortSurvey, given: GivenGrid): PlannedGrid {
  const { pixel, extent, outlines } = survey;
  const field = outlines ? fieldOf(extent, outlines) : extent;
  const finest = outlines ? outlines.structures[0].across / PIXELS_ACROSS : Infinity;
  const { detail = outlines ? USUAL_SIZE : UNTOLD_SIZE } = given;
  const wanted = Math.max(pixel, Math.min(finest, field / detail));
  const spacing = given.spacing ?? shortened(Math.max(wanted, field / LARGEST_SIZE));
  const size = given.size ?? dividedSize(field / spacing, given.divisors);
  return { value: { size, spacing }, because: reason(survey, field) };
}

/** What the grid's side has to hold: no more than a scan does, unless some are larger than most. */
function fieldOf(extent: number, { reach }: OutlineSurvey): number {
  return Math.max(2 * reach, Math.min(extent, 2 * MARGIN * reach));
}

function dividedSize(pixels: number, divisors: readonly number[]): number {
  const divisor = divisors.find((one) => pixels / one <= MOST_LOWEST) ?? divisors.at(-1)!;
  return Math.ceil(pixels / divisor - 1e-9) * divisor;
}

function reason({ pixel, extent, outlines }: CohortSurvey, field: number): string {
  const scans = `scans are ${told(extent)} wide, of pixels of ${told(pixel)}`;
  if (!outlines) return `${scans}; no outline tells what has to be seen`;
  return `${scans}; ${outlinedIn(outlines)} within ${told(field)}`;
}

function outlinedIn({ patients, structures: [{ name, across }] }: OutlineSurvey): string {
  return `outlines of ${counted(patients, "patient")}, ${name} ${told(across)} across, lie`;
}

/** Two significant digits, rounded down: a grid gets no coarser by it. */
function shortened(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.floor(value / unit + 1e-6) * unit).toPrecision(3));
}

/** A length as it is told. */
function told(mm: number): string {
  return `${Number(mm.toPrecision(2))} mm`;
}

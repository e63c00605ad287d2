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
  /** What the pixels per side have to be a multiple of. */
  divisor: number;
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
const LARGEST_SIZE = 256;

/** What is outlined in others may lie further out than in those who were looked at. */
const MARGIN = 1.1;

/**
 * Plans the grid: its side holds what is outlined, or the scans where nothing is; its spacing is the
 * scans' own, or coarser as far as the thinnest structure still has a few pixels.
 */
export function planGrid(survey: CohortSurvey, given: GivenGrid): PlannedGrid {
  const { pixel, extent, outlines } = survey;
  const field = outlines ? Math.min(extent, 2 * MARGIN * outlines.reach) : extent;
  const finest = outlines ? outlines.structures[0].across / PIXELS_ACROSS : Infinity;
  const { detail = outlines ? USUAL_SIZE : UNTOLD_SIZE } = given;
  const wanted = Math.max(pixel, Math.min(finest, field / detail));
  const spacing = given.spacing ?? shortened(Math.max(wanted, field / LARGEST_SIZE));
  const size = given.size ?? Math.ceil(field / spacing / given.divisor - 1e-9) * given.divisor;
  return { value: { size, spacing }, because: reason(survey, field) };
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

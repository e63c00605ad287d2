/**
 * The least and the greatest of something that scans or masks have.
 *
 * @module
 */
import * as v from "valibot";

/** The least and the greatest of some values. */
export type Extent = readonly [low: number, high: number];

/** What a file may hold for an {@linkcode Extent}. */
export const EXTENT_SCHEMA: v.GenericSchema<Extent> = v.tuple([v.number(), v.number()]);

/** What spans two extents, where both are known. */
export function joined<T extends Extent | null>(a: T, b: Extent | null | undefined): T | Extent {
  if (!a || !b) return a ?? b ?? a;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

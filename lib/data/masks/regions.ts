/**
 * What is evaluated as one: structures, or unions of them.
 *
 * @module
 */
import type { Region, Structure } from "../datasets/dataset.ts";

/** What is evaluated, of a dataset or of a model. */
export interface Evaluated {
  /** The structures that labels stand for. */
  structures: readonly Structure[];
  /** Unions of them to evaluate in their place. */
  regions?: readonly Region[];
}

/** What is evaluated as one: the regions where there are any, else each structure. */
export function evaluatedRegions({ structures, regions }: Evaluated): readonly Region[] {
  return regions ?? structures.map(({ name, label }) => ({ name, labels: [label] }));
}

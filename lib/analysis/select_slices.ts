/**
 * Which slices of a patient to label first, by features alone.
 *
 * @module
 */
import { type Point, positionOfLeast, squaredDistance } from "../math/points.ts";

/**
 * Positions of a patient's slices, the one that is worth most first: always the slice that, with those
 * before it, leaves the slices of the whole cohort nearest to one that is labelled, on average. This is
 * the greedy solution of the facility location problem, at least 63 % of what the best slices gain
 * (Nemhauser, Wolsey & Fisher, 1978). So middle slices, which most others resemble, come first, and a
 * slice like one before it comes late.
 *
 * @param slices Features of the patient's slices.
 * @param cohort Those of all slices, scaled alike.
 */
export function slicesByWorth(slices: readonly Point[], cohort: readonly Point[]): number[] {
  const distances = slices.map((slice) =>
    Float64Array.from(cohort, (other) => Math.sqrt(squaredDistance(slice, other)))
  );
  const nearest = new Float64Array(cohort.length).fill(Infinity);
  const left = new Set(slices.keys());
  const order: number[] = [];
  while (left.size > 0) {
    const positions = [...left];
    const rests = positions.map((i) =>
      distances[i].reduce((sum, distance, j) => sum + Math.min(distance, nearest[j]), 0)
    );
    const best = positions[positionOfLeast(rests)];
    distances[best].forEach((distance, j) => nearest[j] = Math.min(distance, nearest[j]));
    left.delete(best);
    order.push(best);
  }
  return order;
}

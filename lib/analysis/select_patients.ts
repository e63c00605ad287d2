/**
 * Which patients to label first, by features alone.
 *
 * With a single patient, the most typical one is worth most; with several, one of each kind (ALPS in
 * MedCAL-Bench, arXiv 2508.03441; typicality: Hacohen, Dekel & Weinshall, ICML 2022, arXiv 2202.02794).
 *
 * @module
 */
import { kMeans } from "../math/k_means.ts";
import { mean } from "../math/descriptive.ts";
import { distanceMatrix, type Point, positionOfLeast, squaredDistance } from "../math/points.ts";
import { random } from "../math/random.ts";

/** Ways to choose patients. */
export const SELECTION_STRATEGIES = ["typical", "k-centres", "farthest", "random"] as const;

/** A way to choose patients. */
export type SelectionStrategy = typeof SELECTION_STRATEGIES[number];

/** Neighbours that tell how typical a patient is. */
const NEIGHBOURS = 5;

/** Options of {@linkcode selectPositions}. */
export interface SelectPositionsOptions {
  /**
   * How: the most "typical" ones; of each of `count` clusters the one nearest to its centre
   * ("k-centres"), the largest cluster first; the most typical one and then always the one "farthest"
   * from those before; or at "random".
   */
  strategy: SelectionStrategy;
  /** How many to choose, from 1 to as many as there are. */
  count: number;
  /** What clusters begin with and what is random. */
  seed: number;
}

/**
 * Positions of the points to choose, the first first.
 *
 * @throws {RangeError} if there are fewer points, or none is asked for.
 */
export function selectPositions(
  points: readonly Point[],
  { strategy, count, seed }: SelectPositionsOptions,
): number[] {
  if (!(Number.isInteger(count) && count >= 1 && count <= points.length)) {
    throw new RangeError(`expected 1 to ${points.length} patients to choose, found ${count}`);
  }
  const chosen: Record<SelectionStrategy, () => number[]> = {
    typical: () => byTypicality(points),
    "k-centres": () => clusterCentres(points, { clusters: count, seed }),
    farthest: () => farthestFirst(points, count),
    random: () => random("selection of patients", seed).shuffle(points.keys()),
  };
  return chosen[strategy]().slice(0, count);
}

/**
 * How far each point lies from its 5 nearest neighbours, on average, or from all where there are
 * fewer: the less, the more typical it is. 0 of a single point.
 */
export function remoteness(points: readonly Point[]): number[] {
  return distanceMatrix(points).map((row, i) => {
    const others = row.filter((_, j) => j !== i).sort();
    return others.length > 0 ? mean([...others.subarray(0, NEIGHBOURS)]) : 0;
  });
}

/** Positions of points, the most typical first. */
export function byTypicality(points: readonly Point[]): number[] {
  const remote = remoteness(points);
  return [...points.keys()].sort((a, b) => remote[a] - remote[b]);
}

/**
 * Of each cluster the point nearest to its centre, that of the largest cluster first; then, for equal
 * points fill fewer clusters, all others.
 */
function clusterCentres(
  points: readonly Point[],
  options: { clusters: number; seed: number },
): number[] {
  const { centres, members } = kMeans(points, options);
  const clusters = Map.groupBy(points.keys(), (i) => members[i]);
  const nearest = [...clusters].sort(([, a], [, b]) => b.length - a.length)
    .map(([cluster, within]) => {
      const distances = within.map((i) => squaredDistance(points[i], centres[cluster]));
      return within[positionOfLeast(distances)];
    });
  return [...new Set([...nearest, ...byTypicality(points)])];
}

/** The most typical point, and then always the one farthest from those before (Gonzalez, 1985). */
function farthestFirst(points: readonly Point[], count: number): number[] {
  const chosen = byTypicality(points).slice(0, 1);
  const apart = new Float64Array(points.length).fill(Infinity);
  while (chosen.length < count) {
    const last = points[chosen[chosen.length - 1]];
    points.forEach((point, i) => apart[i] = Math.min(apart[i], squaredDistance(point, last)));
    for (const i of chosen) apart[i] = -1;
    chosen.push(positionOfLeast(apart.map((distance) => -distance)));
  }
  return chosen;
}

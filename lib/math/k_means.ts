/**
 * Clusters of points by k-means.
 *
 * @module
 */
import { meanPoint, type Point, positionOfLeast, squaredDistance } from "./points.ts";
import { type Random, random } from "./random.ts";

/** Points in clusters. */
export interface Clusters {
  /** The mean of each cluster's points. */
  centres: Point[];
  /** Which cluster each point belongs to, that of the nearest centre. */
  members: number[];
  /** The sum of squared distances of points to their centres, which k-means makes small. */
  spread: number;
}

/** Options of {@linkcode kMeans}. */
export interface KMeansOptions {
  /** How many clusters, from 1 to as many as there are points. */
  clusters: number;
  /** What the first centres are drawn with. */
  seed: number;
}

/** Beginnings of which the best outcome is kept. */
const STARTS = 10;

/** Rounds after which a beginning is left as it is; it settles long before. */
const ROUNDS = 100;

/**
 * Lloyd's algorithm (1982) from centres drawn far apart by k-means++ (Arthur & Vassilvitskii, SODA
 * 2007), ten times; the outcome of least spread is returned. Equal points and seeds give equal clusters.
 *
 * @throws {RangeError} if there are fewer points than clusters, or no cluster is asked for.
 */
export function kMeans(points: readonly Point[], { clusters, seed }: KMeansOptions): Clusters {
  if (!(Number.isInteger(clusters) && clusters >= 1 && clusters <= points.length)) {
    throw new RangeError(
      `kMeans: expected 1 to ${points.length} clusters, of so many points, found ${clusters}`,
    );
  }
  const outcomes = Array.from(
    { length: STARTS },
    (_, start) => settled(points, firstCentres(points, clusters, random(seed, "k-means", start))),
  );
  return outcomes[positionOfLeast(outcomes.map(({ spread }) => spread))];
}

/** Points to begin with: each drawn in proportion to its squared distance to those before. */
function firstCentres(points: readonly Point[], clusters: number, source: Random): Point[] {
  const chosen = [source.integer(points.length)];
  const apart = new Float64Array(points.length).fill(Infinity);
  while (chosen.length < clusters) {
    const last = points[chosen[chosen.length - 1]];
    points.forEach((point, i) => apart[i] = Math.min(apart[i], squaredDistance(point, last)));
    const left = [...points.keys()].filter((i) => !chosen.includes(i));
    const total = left.reduce((sum, i) => sum + apart[i], 0);
    let rest = source.uniform(0, total);
    chosen.push(left.find((i) => (rest -= apart[i]) < 0) ?? left[0]);
  }
  return chosen.map((i) => points[i]);
}

/** Moves centres to the means of their points, until no point changes its cluster. */
function settled(points: readonly Point[], first: readonly Point[]): Clusters {
  let centres: Point[] = first.map((point) => Float64Array.from(point));
  let members = nearest(points, centres);
  for (let round = 0; round < ROUNDS; round++) {
    centres = centres.map((centre, cluster) =>
      meanPoint(points.filter((_, i) => members[i] === cluster)) ?? centre
    );
    const next = nearest(points, centres);
    if (next.every((cluster, i) => cluster === members[i])) break;
    members = next;
  }
  const spread = points.reduce(
    (sum, point, i) => sum + squaredDistance(point, centres[members[i]]),
    0,
  );
  return { centres, members, spread };
}

/** The cluster of the nearest centre, of each point. */
function nearest(points: readonly Point[], centres: readonly Point[]): number[] {
  return points.map((point) =>
    positionOfLeast(centres.map((centre) => squaredDistance(point, centre)))
  );
}

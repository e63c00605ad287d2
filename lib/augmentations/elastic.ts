/**
 * Random elastic deformations: cubic B-splines over lattices of control points (free-form
 * deformation, Rueckert et al., IEEE TMI 1999), as ITK's `BSplineTransform` of order 3 and
 * TorchIO's `RandomElasticDeformation` with the border of the lattice locked (its
 * `locked_borders` = 1).
 *
 * A lattice of n × n control points covers the slice with n − 3 meshes along each side: in units of
 * the mesh, its points lie at 0…n − 1, the centre of the first pixel at 1 and that of the last at
 * n − 2, so that the outermost points lie one mesh beyond the slice. With displacements cᵢⱼ of the
 * control points and the cubic B-spline β³, the point (x, y) moves by
 *
 *     u(x, y) = Σᵢⱼ β³(y − i)·β³(x − j)·cᵢⱼ.
 *
 * The outermost points do not move; the others do, along each axis, by U(−d, d). As |∂u| ≤ 2d/mesh,
 * nothing folds where the sum of 2d/mesh over the lattices is below 1/2; it is 0.49 for the
 * published 5 × 5 points of ±8 and 9 × 9 points of ±2.5 pixels of 128.
 *
 * @module
 */
import type { ElasticLattice } from "../config/config.ts";
import type { Random } from "../math/random.ts";

/**
 * Draws one elastic deformation per slice, the sum over the lattices.
 *
 * @param shape number of slices, and pixels along each side of them.
 * @returns [batch, size, size, 2], by how much each pixel moves in x and y, in coordinates that run
 * from −1 at the centre of the first pixel to 1 at the centre of the last.
 */
export function drawElastic(
  [batch, size]: readonly [batch: number, size: number],
  lattices: readonly ElasticLattice[],
  random: Random,
): Float32Array {
  const field = new Float32Array(batch * size * size * 2);
  for (let slice = 0; slice < batch; slice++) {
    const part = field.subarray(slice * size * size * 2, (slice + 1) * size * size * 2);
    for (const { points, displacement } of lattices) {
      const control = drawControl(points, displacement * 2 * size / (size - 1), random);
      const moved = splineField(control, [points, size]);
      for (let i = 0; i < part.length; i++) part[i] += moved[i];
    }
  }
  return field;
}

/**
 * The displacement of each pixel between a lattice's control points, u(x, y) above.
 *
 * @param control [points, points, 2], displacements in any unit.
 * @param sizes control points along each side, 4 or more, and pixels along each side.
 * @returns [size, size, 2] in the same unit.
 */
export function splineField(
  control: Float32Array,
  [points, size]: readonly [points: number, size: number],
): Float32Array {
  const basis = splineBasis(points, size);
  const field = new Float32Array(size * size * 2);
  const line = new Float64Array(points * 2);
  for (let row = 0, at = 0; row < size; row++) {
    // The spline is separable: first the row's own line of control points, then along it.
    for (let i = 0; i < line.length; i++) line[i] = blend(control, basis[row], [i, line.length]);
    for (let column = 0; column < size; column++) {
      field[at++] = blend(line, basis[column], [0, 2]);
      field[at++] = blend(line, basis[column], [1, 2]);
    }
  }
  return field;
}

/** Displacements of a lattice's points, [points, points, 2]: U(±limit), zero on the border. */
function drawControl(points: number, limit: number, random: Random): Float32Array {
  const control = new Float32Array(points * points * 2);
  for (let row = 1; row < points - 1; row++) {
    for (let i = (row * points + 1) * 2; i < (row * points + points - 1) * 2; i++) {
      control[i] = random.uniform(-limit, limit);
    }
  }
  return control;
}

/** The four control points of a line that move a pixel: the first one, and their weights. */
interface Basis {
  first: number;
  weights: readonly number[];
}

/** The basis of each pixel of a line. */
function splineBasis(points: number, size: number): Basis[] {
  return Array.from({ length: size }, (_, pixel) => {
    const position = 1 + (points - 3) * pixel / (size - 1);
    const cell = Math.min(Math.floor(position), points - 3);
    const t = position - cell;
    const weights = [
      (1 - t) ** 3,
      3 * t ** 3 - 6 * t ** 2 + 4,
      -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1,
      t ** 3,
    ];
    return { first: cell - 1, weights: weights.map((weight) => weight / 6) };
  });
}

/** The weighted sum of a line's control points, which lie in `values` from `start` by `stride`. */
function blend(
  values: Float32Array | Float64Array,
  { first, weights }: Basis,
  [start, stride]: readonly [number, number],
): number {
  const at = start + first * stride;
  return weights[0] * values[at] + weights[1] * values[at + stride] +
    weights[2] * values[at + 2 * stride] + weights[3] * values[at + 3 * stride];
}

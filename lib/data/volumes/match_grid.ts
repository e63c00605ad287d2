/**
 * Volumes of one patient on one grid: a mask on that of its image, a channel on that of another.
 *
 * @module
 */
import { type AxisMap, isIdentity, reordered } from "./axis_map.ts";
import { inverse3 } from "../../math/inverse3.ts";
import type { Affine, Volume } from "./volume.ts";
import { isSilent, isUnit, orientationOf } from "./voxel_order.ts";

/** How far, in mm, corners may lie apart without a word. */
const TOLERANCE = 0.1;

/** How far, in voxels, corners may lie apart at all. */
const MOST = 0.5;

/** How far a step along an axis may be from one voxel along another. */
const STEP = 0.05;

/**
 * A volume brought to the order of another's voxels, by the millimetres of both. Where one affine
 * says nothing, voxels are matched as stored, with a warning where the other tells.
 *
 * @param role What `volume` is for the other one, for messages: "mask", "channel".
 * @throws {RangeError} If the grids differ by more than flips and swaps of axes.
 */
export function onGridOf(volume: Volume, other: Volume, role: string): Volume {
  const asStored = `${volume.shape.slice(0, 3)}` === `${other.shape.slice(0, 3)}`;
  if (asStored && distance(volume, other) < TOLERANCE) return volume;
  if (asStored && (saysNothing(volume, other) || saysNothing(other, volume))) {
    return unplaced(volume, role);
  }
  const map = mapOnto(volume, other);
  const brought = map && reordered(volume, map);
  const fits = brought && `${brought.shape.slice(0, 3)}` === `${other.shape.slice(0, 3)}`;
  const apart = fits ? distance(brought, other) : Infinity;
  if (!fits || apart > MOST * Math.min(...other.spacing)) {
    // Programs that know no affine write the identity.
    if (asStored && [volume, other].some(({ affine }) => isIdentityAffine(affine))) {
      return unplaced(volume, role);
    }
    throw elsewhere(volume, other, role);
  }
  const [from, to] = [volume, other].map((one) => orientationOf(one).code);
  const told = isIdentity(map)
    ? brought
    : warned(brought, `The ${role} is stored ${from}, its image ${to}; they are matched in mm.`);
  return apart < TOLERANCE
    ? told
    : warned(told, `The ${role} lies up to ${short(apart)} mm beside its image.`);
}

/** A volume whose own affine, or the other's, says nothing. */
function unplaced(volume: Volume, role: string): Volume {
  return warned(volume, `The ${role}'s affine is not its image's; voxels are matched as stored.`);
}

function isIdentityAffine(affine: Affine): boolean {
  return affine.every((row, i) => row.every((value, j) => value === (i === j ? 1 : 0)));
}

function warned(volume: Volume, warning: string): Volume {
  return { ...volume, warnings: [...volume.warnings, warning] };
}

/** Whether an affine says nothing where the other one does, or both contradict each other silently. */
function saysNothing(volume: Volume, other: Volume): boolean {
  return isSilent(volume) || (isUnit(volume.affine) && !isUnit(other.affine));
}

/** How a volume's axes have to run to be those of another; undefined where none do. */
function mapOnto(volume: Volume, other: Volume): AxisMap | undefined {
  const steps = product(inverse3(other.affine), volume.affine);
  const found = [0, 1, 2].map((row) => {
    const axis = [0, 1, 2].findIndex((column) => Math.abs(Math.abs(steps[row][column]) - 1) < STEP);
    const others = [0, 1, 2].filter((column) => column !== axis);
    const alone = axis >= 0 && others.every((column) => Math.abs(steps[row][column]) < STEP);
    return alone ? { axis, flipped: steps[row][axis] < 0 } : undefined;
  }).filter((step) => step !== undefined);
  if (new Set(found.map(({ axis }) => axis)).size < 3) return undefined;
  return { axes: found.map(({ axis }) => axis), flipped: found.map(({ flipped }) => flipped) };
}

/** How far apart in mm the corners of two grids of one shape lie at most. */
function distance(a: Volume, b: Volume): number {
  const [nx, ny, nz] = a.shape.map((length) => length - 1);
  const corners = [0, nx].flatMap((x) => [0, ny].flatMap((y) => [0, nz].map((z) => [x, y, z, 1])));
  const apart = corners.map((corner) =>
    Math.hypot(
      ...[0, 1, 2].map((row) =>
        corner.reduce((sum, at, i) => sum + at * (a.affine[row][i] - b.affine[row][i]), 0)
      ),
    )
  );
  return Math.max(...apart);
}

function product(a: number[][], b: Affine): number[][] {
  return a.map((row) =>
    [0, 1, 2].map((column) => row.reduce((sum, value, k) => sum + value * b[k][column], 0))
  );
}

function elsewhere(volume: Volume, other: Volume, role: string): RangeError {
  return new RangeError(
    `${volume.source}: expected the grid of its image, ${described(other)}, found ` +
      `${described(volume)}; resample the ${role} onto the image`,
  );
}

/** A grid in words. */
function described(volume: Volume): string {
  const { shape, spacing, affine } = volume;
  const origin = affine.slice(0, 3).map((row) => short(row[3])).join(", ");
  return `${shape.slice(0, 3).join(" × ")} voxels of ${
    spacing.map(short).join(" × ")
  } mm, stored ` +
    `${orientationOf(volume).code} from (${origin})`;
}

function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

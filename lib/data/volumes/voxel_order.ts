/**
 * The order of a scan's voxels: which way its axes run through the patient.
 *
 * @module
 */
import * as v from "valibot";
import { type AxisMap, IDENTITY } from "./axis_map.ts";
import type { Affine, Volume } from "./volume.ts";

/** The order that the voxels of a cohort are brought to when read, so that equal places meet. */
export interface VoxelOrder {
  /**
   * "RAS": axes run to the patient's right, front and head, by each scan's affine. "stored": the
   * affines of the cohort do not tell (none, or oblique ones), and voxels stay as they are.
   */
  axes: "RAS" | "stored";
  /**
   * The stored order of most scans, for instance "LPS": that of a scan whose own affine does not
   * tell. "" where none tells, or too few of a cohort that stays as stored.
   */
  usual: string;
  /** The axis across which slices are taken, 0 to 2. */
  slices: 0 | 1 | 2;
  /** Whether not one affine of the cohort tells, so that a scan whose own does may lie otherwise. */
  untold?: boolean;
  /** Whether `slices` holds for anisotropic scans too, instead of the axis where they are thick. */
  fixed?: boolean;
}

/** What a file may hold for a {@linkcode VoxelOrder}. */
export const VOXEL_ORDER_SCHEMA: v.GenericSchema<VoxelOrder> = v.object({
  axes: v.picklist(["RAS", "stored"]),
  usual: v.pipe(v.string(), v.regex(/^([RLAPSI]{3})?$/)),
  slices: v.picklist([0, 1, 2]),
  untold: v.optional(v.boolean()),
  fixed: v.optional(v.boolean()),
});

/** What a scan's affine tells of the order of its voxels. */
export interface Orientation {
  /** Where each stored axis points, for instance "LPS": as nibabel's `aff2axcodes`. */
  code: string;
  /** Whether the affine tells: "silent" where it says nothing, "oblique" where it is ambiguous. */
  kind: "clear" | "oblique" | "silent";
}

/** What a scan's grid is judged by. */
export type GridOf = Pick<Volume, "shape" | "spacing" | "affine" | "geometry">;

/**
 * An axis this far from the nearest of the patient's is within 10° of the middle between two: then
 * the nearest changes from patient to patient while the scanner's order was the same.
 */
const CLEAR = Math.cos(35 * Math.PI / 180);

/** The largest spacing over the smallest from which a scan counts as anisotropic. */
const ANISOTROPIC = 2;

/** Of a cohort that stays as stored, one scan in so many has to lie straight to tell the usual order. */
const AGREEING = 3;

/** How far, relatively, two lengths may lie apart and still count as equal. */
const EQUAL = 1e-3;

/** How far, relatively, an affine's lengths may lie from the voxel's that it agrees with. */
const AGREED = 0.01;

const ENDS = ["R", "A", "S"];
const STARTS = ["L", "P", "I"];

/** Which way the stored axes of a scan run. */
export function orientationOf({ affine, spacing, geometry }: GridOf): Orientation {
  const columns = directions(affine);
  const nearest = nearestAxes(columns);
  const code = nearest.map(({ axis, sign }) => (sign < 0 ? STARTS : ENDS)[axis]).join("");
  if (isSilent({ affine, spacing, geometry })) return { code, kind: "silent" };
  const clear = nearest.every(({ cosine }) => cosine >= CLEAR);
  return { code, kind: clear ? "clear" : "oblique" };
}

/**
 * Whether an affine says nothing of the patient: the header has none, or it is a matrix of ones that
 * contradicts the voxel size, as ACDC's diag(−1, −1, 1).
 */
export function isSilent({ affine, spacing, geometry }: Omit<GridOf, "shape">): boolean {
  if (geometry.sformCode <= 0 && geometry.qformCode <= 0) return true;
  return isUnit(affine) && spacing.some((length) => Math.abs(length - 1) > EQUAL);
}

/** Whether an affine is a diagonal of ones, but for signs. */
export function isUnit(affine: Affine): boolean {
  return [0, 1, 2].every((row) =>
    [0, 1, 2].every((column) =>
      Math.abs(Math.abs(affine[row][column]) - (row === column ? 1 : 0)) < EQUAL
    )
  );
}

/**
 * The order of a cohort: by the affines if they tell it of more than half of the scans that have
 * any, else as stored. Slices are taken across the axis where most anisotropic scans are thick, or
 * where none is, the last stored one of most.
 */
export function cohortOrder(grids: readonly GridOf[]): VoxelOrder {
  const scans = grids.map((grid) => ({ grid, ...orientationOf(grid) }));
  const telling = scans.filter(({ kind }) => kind !== "silent");
  const clear = telling.filter(({ kind }) => kind === "clear");
  const axes = 2 * clear.length > telling.length ? "RAS" : "stored";
  const codes = clear.map(({ code }) => code);
  const usual = axes === "RAS" || agree(codes, telling.length) ? mostFrequent(codes) ?? "" : "";
  const order = { axes, usual, slices: 2 } as const;
  const across = (pick: (grid: GridOf) => number | undefined) =>
    mostFrequent(scans.flatMap(({ grid }) => {
      const stored = pick(grid);
      return stored === undefined ? [] : [orderMap(grid, order).axes.indexOf(stored)];
    }));
  const slices = across(thickAxis) ?? across(() => 2) ?? 2;
  const untold = scans.length > 0 && telling.length === 0;
  return { ...order, slices: slices as 0 | 1 | 2, ...(untold && { untold }) };
}

/**
 * Whether orders of a cohort that stays as stored tell one from which a scan may stand out: where most
 * lie askew, the few that do not are stored by chance as they are.
 */
function agree(codes: readonly string[], telling: number): boolean {
  const most = mostFrequent(codes);
  return AGREEING * codes.length >= telling &&
    2 * codes.filter((code) => code === most).length > codes.length;
}

/** The axis of an order, 0 to 2, across which the slices of a scan are taken. */
export function slicesAcross(grid: GridOf, order: VoxelOrder): number {
  const thick = order.fixed ? undefined : thickAxis(grid);
  return thick === undefined ? order.slices : orderMap(grid, order).axes.indexOf(thick);
}

/**
 * How the axes of a scan run in an order, slices last: x, y and z of what a network sees, by the
 * stored axes.
 */
export function workingMap(grid: GridOf, order: VoxelOrder): AxisMap {
  const { axes, flipped } = orderMap(grid, order);
  const across = slicesAcross(grid, order);
  const positions = [0, 1, 2].filter((axis) => axis !== across).concat(across);
  return { axes: positions.map((at) => axes[at]), flipped: positions.map((at) => flipped[at]) };
}

/**
 * What turns voxels of a working order as is usual to look at them: where that follows the patient, the
 * patient's right on the left, front or head above.
 */
export function viewingMap(order?: VoxelOrder): AxisMap {
  return order?.axes === "RAS" ? { ...IDENTITY, flipped: [true, true, false] } : IDENTITY;
}

/** Where in the patient the edges of a picture lie, each as "R", "L", "A", "P", "S" or "I". */
export interface Sides {
  /** Before the first column. */
  left: string;
  /** After the last column. */
  right: string;
  /** Above the first row. */
  top: string;
  /** Below the last row. */
  bottom: string;
}

/**
 * Where the edges of a scan's slices lie that are looked at, rows along x, columns along y downwards.
 *
 * @param grid the scan's, in whichever order.
 * @param map what turns it as it is looked at.
 * @returns undefined where its affine does not tell, lies askew, or contradicts its voxel size.
 */
export function sidesOf(grid: GridOf, map: AxisMap): Sides | undefined {
  const { code, kind } = orientationOf(grid);
  if (kind !== "clear" || contradicts(grid)) return undefined;
  const ends = [0, 1].map((axis) => {
    const end = code[map.axes[axis]];
    return map.flipped[axis] ? [end, opposite(end)] : [opposite(end), end];
  });
  const [[left, right], [top, bottom]] = ends;
  return { left, right, top, bottom };
}

/** Whether the lengths of an affine's columns are not those of voxels. */
function contradicts({ affine, spacing }: GridOf): boolean {
  return spacing.some((length, axis) => {
    const along = Math.hypot(...[0, 1, 2].map((row) => affine[row][axis]));
    return Math.abs(along - length) > AGREED * length;
  });
}

function opposite(end: string): string {
  return ENDS.includes(end) ? STARTS[ENDS.indexOf(end)] : ENDS[STARTS.indexOf(end)];
}

/** Which way slices run in words, by the axis of an order across which they are taken. */
export function sliceDirection({ axes }: VoxelOrder, axis: number): string {
  return axes === "RAS"
    ? ["from left to right", "from back to front", "from foot to head"][axis]
    : `along the ${["first", "second", "third"][axis]} axis`;
}

/** How the axes of a scan run in an order, before slices come last. */
function orderMap(grid: GridOf, order: VoxelOrder): AxisMap {
  const { code, kind } = orientationOf(grid);
  const stored = order.axes === "stored" ? "" : kind === "clear" ? code : order.usual;
  return mapOfCode(stored || ENDS.join(""));
}

/** The map to the patient's right, front and head from axes that point as a code says. */
function mapOfCode(code: string): AxisMap {
  const axes = [0, 1, 2].map((axis) =>
    [...code].findIndex((letter) => letter === ENDS[axis] || letter === STARTS[axis])
  );
  return { axes, flipped: axes.map((stored) => STARTS.includes(code[stored])) };
}

/** The one stored axis with a single voxel, or with voxels much longer than others'. */
function thickAxis({ shape, spacing }: GridOf): number | undefined {
  const single = [0, 1, 2].filter((axis) => shape[axis] === 1);
  if (single.length === 1) return single[0];
  const longest = Math.max(...spacing);
  const long = [0, 1, 2].filter((axis) => spacing[axis] > longest * (1 - EQUAL));
  return long.length === 1 && longest > ANISOTROPIC * Math.min(...spacing) ? long[0] : undefined;
}

/** The columns of an affine, of length 1. */
function directions(affine: Affine): number[][] {
  return [0, 1, 2].map((column) => {
    const along = [0, 1, 2].map((row) => affine[row][column]);
    const length = Math.hypot(...along) || 1;
    return along.map((part) => part / length);
  });
}

/** The patient's axis that each column is nearest to, all different. */
function nearestAxes(columns: number[][]): { axis: number; sign: number; cosine: number }[] {
  const total = (axes: number[]) =>
    axes.reduce((sum, axis, column) => sum + Math.abs(columns[column][axis]) ** 2, 0);
  const best = PERMUTATIONS.reduce((a, b) => total(b) > total(a) ? b : a);
  return best.map((axis, column) => {
    const cosine = columns[column][axis];
    return { axis, sign: Math.sign(cosine), cosine: Math.abs(cosine) };
  });
}

const PERMUTATIONS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/** The most frequent of some values; among equals the first. */
function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return values.find((value) => counts.get(value) === most);
}

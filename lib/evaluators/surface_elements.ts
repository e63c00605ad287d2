/**
 * The surface of a mask as elements with areas: what it is made of where eight voxels meet.
 *
 * @module
 */

/** A point of the unit cube whose corners are the centres of eight voxels that meet. */
type Point = readonly [x: number, y: number, z: number];

type Triangle = readonly [Point, Point, Point];

/** The axes as bits: corner i of the cube has the coordinates (i & 1, i >> 1 & 1, i >> 2). */
const AXES = [1, 2, 4] as const;

/** The eight voxels are in the mask. */
const FULL = 255;

/**
 * Which of the eight voxels about each meeting point are in a mask: a bit for each corner of the cube
 * between their centres. 0 is outside the mask and 255 inside; between them runs the surface. What
 * lies outside the grid is not in the mask.
 *
 * @param mask Non-zero where set, [x, y, z] with x fastest.
 * @param shape Voxels along x, y, z.
 * @returns [x + 1, y + 1, z + 1], x fastest.
 */
export function neighbourCodes(
  mask: Uint8Array,
  [width, height, depth]: readonly number[],
): Uint8Array<ArrayBuffer> {
  const row = width + 1;
  const layer = row * (height + 1);
  const codes = new Uint8Array(layer * (depth + 1));
  // Of the point before it along every axis, a voxel is corner 7; of the one after it, corner 0.
  const offsets = Array.from({ length: 8 }, (_, corner) => {
    const after = 7 - corner;
    return (after & 1) + (after >> 1 & 1) * row + (after >> 2) * layer;
  });
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (!mask[i]) continue;
        const point = x + y * row + z * layer;
        for (let corner = 0; corner < 8; corner++) codes[point + offsets[corner]] |= 1 << corner;
      }
    }
  }
  return codes;
}

/** Whether a surface runs through a meeting point of this code. */
export function isSurface(code: number): boolean {
  return code !== 0 && code !== FULL;
}

/**
 * The area in mm² of the surface at a meeting point, by its code.
 *
 * Marching cubes with the surface half-way between voxel centres: voxels of the minority that have no
 * face in common are cut off one by one, and an outline that is not flat is divided into the
 * triangles of largest area, as voxels that are cubes would have it. These are the areas of Nikolov
 * et al. (JMIR 2021) in DeepMind's `surface-distance`.
 *
 * @param spacing Size of a voxel in mm along x, y, z.
 * @returns [256].
 */
export function elementAreas(spacing: readonly number[]): Float64Array {
  return Float64Array.from(TRIANGLES, (triangles) => areaOf(triangles, spacing));
}

const TRIANGLES = Array.from({ length: FULL + 1 }, (_, code) => trianglesOf(code));

function trianglesOf(code: number): Triangle[] {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].filter((corner) => code >> corner & 1);
  if (corners.length > 4) return trianglesOf(FULL - code);
  return connectedParts(corners).flatMap((part) => triangulate(outline(part)));
}

/** Corners that edges of the cube connect, part by part. */
function connectedParts([first, ...others]: readonly number[]): number[][] {
  if (first === undefined) return [];
  const part = [first];
  // The part grows as it is walked through.
  for (const corner of part) {
    const next = AXES.map((axis) => corner ^ axis);
    part.push(...next.filter((one) => others.includes(one) && !part.includes(one)));
  }
  return [part, ...connectedParts(others.filter((corner) => !part.includes(corner)))];
}

/** The closed line in which a surface around some corners cuts the cube: from edge to edge. */
function outline(part: readonly number[]): Point[] {
  const left = part.flatMap((corner) => AXES.map((axis) => ({ corner, axis })))
    .filter(({ corner, axis }) => !part.includes(corner ^ axis));
  const line = left.splice(0, 1);
  while (left.length > 0) {
    const last = line[line.length - 1];
    line.push(...left.splice(left.findIndex((edge) => shareFace(edge, last)), 1));
  }
  return line.map(({ corner, axis }) => {
    const at = (other: number) => other === axis ? 0.5 : corner & other ? 1 : 0;
    return [at(1), at(2), at(4)];
  });
}

/** An edge of the cube, from a corner along an axis. */
interface Edge {
  corner: number;
  axis: number;
}

function shareFace(a: Edge, b: Edge): boolean {
  return AXES.some((axis) =>
    axis !== a.axis && axis !== b.axis && (a.corner & axis) === (b.corner & axis)
  );
}

/** A polygon in triangles: of all ways to divide it, that of largest area. */
function triangulate(line: readonly Point[]): Triangle[] {
  if (line.length < 3) return [];
  const [first, last] = [line[0], line[line.length - 1]];
  const ways = line.slice(1, -1).map((apex, i): Triangle[] => [
    [first, apex, last],
    ...triangulate(line.slice(0, i + 2)),
    ...triangulate(line.slice(i + 1)),
  ]);
  return ways.reduce((a, b) => areaOf(b) > areaOf(a) ? b : a);
}

function areaOf(triangles: readonly Triangle[], [x, y, z]: readonly number[] = [1, 1, 1]): number {
  return triangles.reduce((sum, [a, b, c]) => {
    const [bx, by, bz] = [(b[0] - a[0]) * x, (b[1] - a[1]) * y, (b[2] - a[2]) * z];
    const [cx, cy, cz] = [(c[0] - a[0]) * x, (c[1] - a[1]) * y, (c[2] - a[2]) * z];
    return sum + Math.hypot(by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx) / 2;
  }, 0);
}

/**
 * Masks in 3D: the surfaces of their structures as a camera sees them from some side. The mask is
 * resampled to a cube before the camera, smoothed, and lit where a ray first meets a structure.
 *
 * @module
 */
import type { GridOf } from "../data/volumes/voxel_order.ts";
import { inverse3 } from "../math/inverse3.ts";
import { structureRgb } from "../reports/pictures/palette.ts";
import type { Panel } from "../reports/pictures/panels_png.ts";

/** Pixels of a picture, and nodes of the cube, along each axis. */
const SIDE = 128;

/** Share of the picture's width that the structures fill at most. */
const FILLED = 0.94;

/** How far above the horizon the camera stands. */
const ELEVATION = 25 * Math.PI / 180;

/** Towards the light in columns, rows and depth: left of the camera, above and behind it. */
const LIGHT = [-0.4, -0.6, -0.7].map((part, _, all) => part / Math.hypot(...all));

/** Brightness of what the light does not reach. */
const AMBIENT = 0.35;

/** The density at a surface: 1 within, 0 outside. */
const SURFACE = 0.5;

/** The ground is white. */
const GROUND = 1;

/** Steps of the cube from a node to the next column, row and depth. */
const STRIDES = [1, SIDE, SIDE * SIDE] as const;

type Vector = readonly number[];

/** What pictures show: a sphere in a scan. */
export interface Scene {
  /** Voxels along x, y, z. */
  shape: Vector;
  /** From steps in voxels to steps in mm to the right, front and head. */
  steps: readonly Vector[];
  /** The sphere's middle in voxels. */
  centre: Vector;
  /** Its radius in mm. */
  radius: number;
}

/**
 * The smallest scene about the middle of all that some masks of a scan label; of empty ones, all of
 * the scan.
 *
 * @param masks Labels on the scan's grid, x fastest; 0 is background.
 */
export function sceneOf(masks: readonly Uint8Array[], { shape, spacing, affine }: GridOf): Scene {
  const steps = affine.slice(0, 3).map((row) => row.slice(0, 3)).map((row, _, all) =>
    row.map((part, column) => part * spacing[column] / Math.hypot(...all.map((of) => of[column])))
  );
  const bounds = boundsOf(masks, shape);
  const centre = bounds.map(([low, high]) => (low + high) / 2);
  const halves = bounds.map(([low, high]) => (high - low + 1) / 2);
  // Opposite corners are equally far away.
  const corners = [[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]]
    .map((signs) => times(steps, signs.map((sign, axis) => sign * halves[axis])));
  return { shape, steps, centre, radius: Math.max(...corners.map((at) => Math.hypot(...at))) };
}

/** The first and last voxel, along each axis, that a mask labels; where none does, of the scan. */
function boundsOf(masks: readonly Uint8Array[], [nx, ny, nz]: Vector): [number, number][] {
  const found = [nx, ny, nz].map((): [number, number] => [Infinity, -Infinity]);
  for (const mask of masks) {
    mask.forEach((label, i) => {
      if (!label) return;
      [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].forEach((at, axis) => {
        found[axis] = [Math.min(found[axis][0], at), Math.max(found[axis][1], at)];
      });
    });
  }
  return Number.isFinite(found[0][0]) ? found : [nx, ny, nz].map((length) => [0, length - 1]);
}

/**
 * What a camera sees that stands before the patient, a little above, and then walks around.
 *
 * @param mask Labels on the scan's grid, x fastest; 0 is background.
 * @param turn How far it walks about the axis from foot to head, in degrees; from 90, it sees the
 * patient's left side.
 */
export function surfacePanel(mask: Uint8Array, scene: Scene, turn: number): Panel {
  const { labels, density } = cubeBefore(turn, mask, scene);
  const pixels = new Float32Array(3 * STRIDES[2]).fill(GROUND);
  for (let pixel = 0; pixel < STRIDES[2]; pixel++) {
    const node = firstNode(pixel, (at) => density[at] >= SURFACE);
    const inside = node < 0 ? node : firstNode(node, (at) => labels[at] > 0);
    if (inside < 0) continue;
    const shade = AMBIENT + (1 - AMBIENT) * Math.max(0, facing(density, node));
    structureRgb(labels[inside]).forEach((value, i) => pixels[3 * pixel + i] = shade * value / 255);
  }
  return { pixels, size: SIDE };
}

/** The first node on a ray away from the camera, from a node on, that passes a test; -1 if none does. */
function firstNode(from: number, passes: (node: number) => boolean): number {
  for (let node = from; node < SIDE ** 3; node += STRIDES[2]) if (passes(node)) return node;
  return -1;
}

/** The cosine between the light and the normal of the surface at a node. */
function facing(density: Float32Array, node: number): number {
  const slope = STRIDES.map((stride) => density[node - stride] - density[node + stride]);
  const length = Math.hypot(...slope) || 1;
  return slope.reduce((sum, part, axis) => sum + part / length * LIGHT[axis], 0);
}

/** A mask on a cube of nodes, by columns, rows, then away from the camera. */
interface Cube {
  /** The label of the voxel that is nearest to each node. */
  labels: Uint8Array;
  /** How much of the voxels about it is labelled, 0 to 1. */
  density: Float32Array;
}

function cubeBefore(turn: number, mask: Uint8Array, scene: Scene): Cube {
  const { shape, centre } = scene;
  const axes = axesBefore(turn, scene);
  const labels = new Uint8Array(SIDE ** 3);
  const density = new Float32Array(SIDE ** 3);
  // Millions of nodes: positions are numbers, not arrays.
  const along = (i: number, column: number, row: number, depth: number) =>
    centre[i] + column * axes[0][i] + row * axes[1][i] + depth * axes[2][i];
  const middle = (SIDE - 1) / 2;
  for (let depth = 0, node = 0; depth < SIDE; depth++) {
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++, node++) {
        const steps = [column - middle, row - middle, depth - middle] as const;
        const [x, y, z] = [along(0, ...steps), along(1, ...steps), along(2, ...steps)];
        labels[node] = labelAt(mask, shape, Math.round(x), Math.round(y), Math.round(z));
        density[node] = densityAt(mask, shape, x, y, z);
      }
    }
  }
  return { labels, density: smoothed(density) };
}

/** Steps in voxels from node to node: to the camera's right, down, and away from it. */
function axesBefore(turn: number, { steps, radius }: Scene): Vector[] {
  const angle = turn * Math.PI / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const [up, level] = [Math.sin(ELEVATION), Math.cos(ELEVATION)];
  const mm = 2 * radius / FILLED / SIDE;
  const right = [-cos, -sin, 0];
  const down = [-up * sin, up * cos, -level];
  const away = [level * sin, -level * cos, -up];
  const toVoxels = inverse3(steps);
  return [right, down, away].map((axis) => times(toVoxels, axis.map((part) => part * mm)));
}

/** The label of a voxel; 0 outside the scan. */
function labelAt(mask: Uint8Array, shape: Vector, x: number, y: number, z: number): number {
  const within = x >= 0 && y >= 0 && z >= 0 && x < shape[0] && y < shape[1] && z < shape[2];
  return within ? mask[(z * shape[1] + y) * shape[0] + x] : 0;
}

/** The share of labelled voxels among the eight about a point, the nearer the more. */
function densityAt(mask: Uint8Array, shape: Vector, x: number, y: number, z: number): number {
  const [left, top, front] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [i, j, k] = [left + (corner & 1), top + (corner >> 1 & 1), front + (corner >> 2)];
    if (labelAt(mask, shape, i, j, k) === 0) continue;
    sum += (1 - Math.abs(x - i)) * (1 - Math.abs(y - j)) * (1 - Math.abs(z - k));
  }
  return sum;
}

/** The density with weights of 1, 2, 1 along each axis, twice; nothing lies at the cube's faces. */
function smoothed(density: Float32Array): Float32Array {
  let from = density;
  for (const stride of [...STRIDES, ...STRIDES]) {
    const to = new Float32Array(from.length);
    for (let i = stride; i < from.length - stride; i++) {
      to[i] = (from[i - stride] + 2 * from[i] + from[i + stride]) / 4;
    }
    from = to;
  }
  return from;
}

function times(matrix: readonly Vector[], vector: Vector): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
}

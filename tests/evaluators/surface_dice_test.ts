import assert from "node:assert/strict";
import { surfaceDice } from "../../lib/evaluators/surface_dice.ts";
import { elementAreas, neighbourCodes } from "../../lib/evaluators/surface_elements.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

const shape = [16, 14, 12];
const size = shape[0] * shape[1] * shape[2];

function maskOf(inside: (x: number, y: number, z: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => {
    const [x, y, z] = [i % 16, Math.floor(i / 16) % 14, Math.floor(i / 224)];
    return inside(x, y, z) ? 1 : 0;
  });
}

/** 6 × 7 × 6 voxels, moved along x. */
const box = (shift: number) =>
  maskOf((x, y, z) => x >= 3 + shift && x < 9 + shift && y >= 3 && y < 10 && z >= 3 && z < 9);

Deno.test("elementAreas() of a wall are the faces of its voxels, of a corner a triangle", () => {
  const areas = elementAreas([1.5, 2, 8]);
  assertClose([areas[0], areas[255]], [0, 0]);
  // Corners 0, 2, 4, 6 lie to the left, 0, 1, 4, 5 in front, 0 to 3 below.
  assertClose([areas[0b01010101], areas[0b00110011], areas[0b00001111]], [16, 12, 3], 1e-12);
  // Half the parallelogram of two edges, from (x/2, 0, 0) to (0, y/2, 0) and to (0, 0, z/2).
  assertClose(areas[1], Math.hypot(2 * 8, 1.5 * 8, 1.5 * 2) / 8, 1e-12);
});

Deno.test("elementAreas() are the same of a mask and of what it leaves", () => {
  const areas = elementAreas([0.7, 1.3, 3]);
  areas.forEach((area, code) => assertClose(area, areas[255 - code], 1e-12));
});

Deno.test("elementAreas() come close to the area of a sphere", () => {
  const sphere = maskOf((x, y, z) => Math.hypot(x - 7.5, y - 6.5, z - 5.5) < 5);
  const areas = elementAreas([2, 2, 2]);
  const area = neighbourCodes(sphere, shape).reduce((sum, code) => sum + areas[code], 0);
  const share = area / (4 * Math.PI * 10 ** 2);
  // Of the faces of voxels it is 1.5; halves of voxels leave steps too.
  assert.ok(share > 1 && share < 1.15, `${share}`);
});

Deno.test("surfaceDice() of a box and itself is 1, of boxes far apart 0", () => {
  const grid = { shape, spacing: [1, 1, 1], tolerance: 0 };
  assert.equal(surfaceDice(box(0), box(0), grid), 1);
  const far = maskOf((x, y, z) => x === 15 && y === 13 && z === 11);
  const corner = maskOf((x, y, z) => x + y + z === 0);
  assert.equal(surfaceDice(corner, far, grid), 0);
  assert.equal(surfaceDice(corner, new Uint8Array(size), grid), 0);
});

Deno.test("surfaceDice() of a shifted box lacks the walls that are too far, and nothing else", () => {
  // Six voxels along x, 7 × 6 across; shifted by two voxels, which are 4 mm.
  const at = (tolerance: number) =>
    surfaceDice(box(0), box(2), { shape, spacing: [2, 1, 1], tolerance });
  assert.equal(at(4), 1);
  // A ring of elements around the box: 22 flat ones, and 4 edges that are cut.
  const ring = 22 * 2 + 4 * 2 * Math.SQRT1_2;
  // The rim of a wall: 22 edges that are cut, and 4 corners; within it, 6 × 5 flat elements.
  const rim = 22 * Math.hypot(2 / 2, 1 / 2) + 4 * Math.hypot(1, 2, 2) / 8;
  const whole = 5 * ring + 2 * (30 + rim);
  // At the same place: four rings, where one box's are the other's or its wall's rim, and a rim.
  assertClose([at(0), at(0.9)], Array(2).fill((4 * ring + rim) / whole), 1e-12);
});

/**
 * What `compute_surface_dice_at_tolerance()` of DeepMind's surface-distance 0.1 makes of random masks,
 * to ten digits.
 */
// deno-fmt-ignore
const DEEPMIND = [
  0.8488026047, 0.9629584324, 1, 0.8875638842, 0.9077092045, 1, 0.9526277127, 1, 0.999142226,
  0.8635730761, 0.7567562873, 1, 1, 0.9973982164, 0.9012333056, 0.9708385225, 0.9660034772,
  0.883191325, 1, 0.8875687863, 0.9182417031, 0.9646205754, 0.922489854, 0.9544866491,
  0.6459182171, 0.8297418747, 1, 0.9720885215, 0.9555755029, 0.9668611466, 0.5918764512, 1,
  0.8704191452, 0.8726079769, 1, 0.6666666667, 1, 1, 1, 0.882467639, 0.9675216227, 0.9747741832,
  0.8452454338, 0.7788214313, 0.9989024466, 1, 0.9032314083, 0.8939555255, 0.9760499326, 1,
  0.9926911046, 0.9695704226, 0.7040964626, 0.9260284722, 0.6918272494, 1, 1, 1, 0.9112875001,
  0.9695381619,
];

Deno.test("surfaceDice() is DeepMind's", () => {
  const draw = random("surface dice");
  for (const [n, expected] of DEEPMIND.entries()) {
    const shape = [1, 2, 3].map(() => 1 + draw.integer(6));
    const length = shape[0] * shape[1] * shape[2];
    const density = 0.2 + 0.6 * draw.uniform();
    const mask = () =>
      Uint8Array.from(
        { length },
        (_, i) => i === n % length || draw.uniform() < density ? 1 : 0,
      );
    const spacing = [1, 2, 3].map(() => 0.5 + draw.uniform() * 4);
    const [tolerance, a, b] = [draw.uniform() * 4, mask(), mask()];
    const found = surfaceDice(a, b, { shape, spacing, tolerance });
    assert.ok(Math.abs(found - expected) < 1e-9, `${n}: ${found}, not ${expected}`);
  }
});

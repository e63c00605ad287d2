/**
 * The share of two surfaces that lie close to each other.
 *
 * @module
 */
import { distanceTransform, type Grid } from "../math/distance_transform.ts";
import { elementAreas, isSurface, neighbourCodes } from "./surface_elements.ts";

/**
 * Normalised surface distance, or surface Dice at a tolerance: the area of both surfaces that lies
 * within `tolerance` mm of the other one, divided by the area of both (Nikolov et al., "Clinically
 * applicable segmentation of head and neck anatomy for radiotherapy", JMIR 2021). Elements of surface
 * lie where eight voxels meet, and distances run from one to the nearest of the other mask; it is
 * `compute_surface_dice_at_tolerance` of DeepMind's `surface-distance`.
 *
 * @param a Non-zero where set, [x, y, z] with x fastest.
 * @param b The same form.
 * @param options The masks' grid, and the tolerance in mm, 0 or more.
 * @returns a share, 0 to 1; 0 where one mask is empty, NaN where both are.
 */
export function surfaceDice(
  a: Uint8Array,
  b: Uint8Array,
  { shape, spacing, tolerance }: Grid & { tolerance: number },
): number {
  const areas = elementAreas(spacing);
  const surfaces = [a, b].map((mask) => surfaceOf(mask, { shape, spacing }));
  const [there, back] = [surfaces, surfaces.toReversed()].map(([from, to]) => {
    const distances = distanceTransform(to.elements, to.grid);
    let [near, whole] = [0, 0];
    from.elements.forEach((element, i) => {
      if (!element) return;
      const area = areas[from.codes[i]];
      whole += area;
      if (distances[i] <= tolerance) near += area;
    });
    return { near, whole };
  });
  return (there.near + back.near) / (there.whole + back.whole);
}

/** The elements of a mask's surface, on the grid of the points where eight voxels meet. */
function surfaceOf(
  mask: Uint8Array,
  { shape, spacing }: Grid,
): { codes: Uint8Array; elements: Uint8Array; grid: Grid } {
  const codes = neighbourCodes(mask, shape);
  return {
    codes,
    elements: codes.map((code) => isSurface(code) ? 1 : 0),
    grid: { shape: shape.map((size) => size + 1), spacing },
  };
}

/**
 * Cleaning of a predicted label map, as settings ask for it.
 *
 * @module
 */
import type { InferenceSettings } from "../config/config.ts";
import { fillHoles } from "./fill_holes.ts";
import { keepLargestComponents } from "./largest_component.ts";

/** How masks are cleaned up. */
export type Cleaning = Pick<InferenceSettings, "largestComponent" | "fillHoles">;

/**
 * A label map without small parts, and then without holes, where that is asked for.
 *
 * @param labels [x, y, z] with x fastest; 0 is the background.
 * @param shape Voxels along x, y, z.
 */
export function cleaned(
  labels: Uint8Array,
  shape: readonly number[],
  { largestComponent, fillHoles: filled }: Cleaning,
): Uint8Array {
  const whole = largestComponent ? keepLargestComponents(labels, shape) : labels;
  return filled ? fillHoles(whole, shape) : whole;
}

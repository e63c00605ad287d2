/**
 * The choice of an encoder–decoder by its settings.
 *
 * @module
 */
import type { BackboneName, BackboneSettings } from "../config/backbone.ts";
import type { Backbone, BackboneOptions } from "./backbone.ts";
import { convNextUNet } from "./convnext_unet.ts";
import { residualUNet } from "./residual_unet.ts";
import { unet } from "./unet.ts";

const MAKERS: Record<BackboneName, (options: BackboneOptions) => Backbone> = {
  "unet": unet,
  "residual-unet": residualUNet,
  "convnext-unet": convNextUNet,
};

/**
 * Makes the backbone that a configuration asks for.
 *
 * @param options The seed of the initial weights; 0 by default.
 * @throws {RangeError} for widths that it cannot have.
 */
export function createBackbone(
  { name, widths, features }: BackboneSettings,
  { seed }: Pick<BackboneOptions, "seed"> = {},
): Backbone {
  return MAKERS[name]({ widths, features, seed });
}

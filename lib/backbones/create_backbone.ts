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

/** What makes each backbone, and the weight of its first convolution, which sees the channels. */
const MAKERS: Record<
  BackboneName,
  { make: (options: BackboneOptions) => Backbone; stem: string }
> = {
  "unet": { make: unet, stem: "down.0.0.weight" },
  "residual-unet": { make: residualUNet, stem: "stem.weight" },
  "convnext-unet": { make: convNextUNet, stem: "stem.0.weight" },
};

/**
 * Makes the backbone that a configuration asks for.
 *
 * @param options The channels of the slices, 1 by default; the seed of the initial weights, 0 by default.
 * @throws {RangeError} for widths that it cannot have.
 */
export function createBackbone(
  { name, widths, features }: BackboneSettings,
  { channels, seed }: Pick<BackboneOptions, "channels" | "seed"> = {},
): Backbone {
  return MAKERS[name].make({ widths, features, channels, seed });
}

/** The name of a backbone's first convolution's weight: of all filters, those that see channels. */
export function stemName({ name }: Pick<BackboneSettings, "name">): string {
  return MAKERS[name].stem;
}

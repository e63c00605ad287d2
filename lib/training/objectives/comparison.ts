/**
 * Which function of `lib/losses` a configured loss is.
 *
 * @module
 */
import type { PretrainingLoss } from "../../config/config.ts";
import { barlowTwins } from "../../losses/barlow_twins.ts";
import { infoNce } from "../../losses/info_nce.ts";
import type { PretrainingFunctions } from "../own_functions.ts";

/** The comparison that a loss makes, of pixels or of whole slices. */
export function comparisonOf(loss: PretrainingLoss): NonNullable<PretrainingFunctions["loss"]> {
  switch (loss.name) {
    case "info-nce":
    case "simclr":
      return (u, v, mask) => infoNce(u, v, { temperature: loss.temperature, mask });
    case "barlow-twins":
    case "bt-unet":
      return (u, v, mask) => barlowTwins(u, v, { lambda: loss.lambda, mask });
  }
}

/**
 * Which function of `lib/losses` a configured loss is.
 *
 * @module
 */
import type { PretrainingLoss } from "../../config/config.ts";
import { barlowTwins } from "../../losses/barlow_twins.ts";
import { infoNce } from "../../losses/info_nce.ts";
import type { Scalar, Tensor1D, Tensor2D } from "../../ops/tensors.ts";

/**
 * Compares the vectors of two views, row by row: [n, d] each, and a mask [n], 0 for rows that do not
 * count.
 */
export type Comparison = (u: Tensor2D, v: Tensor2D, mask?: Tensor1D) => Scalar;

/** The comparison that a loss makes, of pixels or of whole slices. */
export function comparisonOf(loss: PretrainingLoss): Comparison {
  switch (loss.name) {
    case "info-nce":
    case "simclr":
      return (u, v, mask) => infoNce(u, v, { temperature: loss.temperature, mask });
    case "barlow-twins":
    case "bt-unet":
      return (u, v, mask) => barlowTwins(u, v, { lambda: loss.lambda, mask });
  }
}

/**
 * What a program must know of a model to use it, as metadata of the exported file.
 *
 * @module
 */
import { backboneDivisor } from "../config/backbone.ts";
import type { Config } from "../config/config.ts";
import type { Structure } from "../data/dataset.ts";
import { PERCENTILES } from "../data/preprocess.ts";

/** The version of the metadata. */
export const MODEL_FORMAT = "pix2rep.model/1";

/**
 * Describes a model as text by key: `format`; `spacing` in mm between pixels and `size` in pixels of
 * the grid that it was trained on; `divisor` of height and width; `percentiles` of the scan's
 * intensities that become 0 and 1; `structures` with their labels, which are channels of the logits
 * (0 is the background); the whole configuration as `config`. Lists and objects are JSON.
 *
 * @param structures None for a backbone alone.
 */
export function describeModel(
  config: Config,
  structures: readonly Structure[],
): Record<string, string> {
  const { grid: { size, spacing }, backbone: { widths } } = config;
  return {
    format: MODEL_FORMAT,
    spacing: `${spacing}`,
    size: `${size}`,
    divisor: `${backboneDivisor(widths)}`,
    percentiles: JSON.stringify(PERCENTILES),
    structures: JSON.stringify(structures),
    config: JSON.stringify(config),
  };
}

/**
 * Whether the tensors of a step are small enough for the backend.
 *
 * @module
 */
import { mostTensorBytes } from "../backends/select.ts";
import type { Config } from "../config/config.ts";

/**
 * Looks before the first step whether the backend can hold the largest tensor that every network
 * has: the features of all pixels of a batch, the input of the last level's convolution, or that of
 * the first.
 *
 * @param channels Of the slices; 1 by default.
 * @throws {RangeError} if it cannot.
 */
export function expectTensorsFit(
  { grid, backbone }: Config,
  batch: number,
  channels = 1,
): void {
  const most = mostTensorBytes() ?? Infinity;
  const values = Math.max(backbone.features, 2 * backbone.widths[0], channels);
  const bytes = 4 * batch * grid.size ** 2 * values;
  if (bytes <= most) return;
  const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`;
  throw new RangeError(
    `expected tensors of at most ${mebibytes(most)}, which is all that this GPU can use at once, ` +
      `found ${mebibytes(bytes)} for ${batch} slices of ${grid.size} × ${grid.size} with ` +
      `${values} channels: reduce the batch, grid.size, or the backbone's features and widths`,
  );
}

/**
 * What a pretraining would take, shown.
 *
 * @module
 */
import { type BackendName, mostBytes } from "../../../lib/backends/select.ts";
import type { Config } from "../../../lib/config/config.ts";
import type { SliceSource } from "../../../lib/data/slices/slice_source.ts";
import { forecastPretraining } from "../../../lib/training/forecast.ts";
import type { Outcome } from "../command/outcome.ts";
import { duration } from "../../../lib/io/text/amounts.ts";

/** What a pretraining would take, in words and numbers. */
export async function forecastOutcome(
  slices: SliceSource,
  config: Config,
  { steps, backend }: { steps: number; backend: BackendName },
): Promise<Outcome & { text: string }> {
  const forecast = await forecastPretraining(slices, config, { steps });
  const { bytes, secondsPerStep, weights } = forecast;
  const rounded = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 2 });
  const gigabytes = (count: number) => `${rounded(count / 2 ** 30)} GiB`;
  const { batch, patches: { perSlice } } = config.pretraining;
  const patches = perSlice ? ` with ${perSlice} patch each` : "";
  const lines = [
    `network  ${rounded(weights / 1e6)} million weights`,
    `steps    ${steps} of ${batch} slices${patches}, two views of each`,
    `memory   about ${gigabytes(bytes)} for tensors`,
    `time     about ${rounded(secondsPerStep)} s a step, ` +
    `${duration(steps * secondsPerStep)} in all, on ${backend}`,
  ];
  const most = mostBytes(backend);
  if (most !== undefined && bytes > most) {
    lines.push(
      `This is more than the ${gigabytes(most)} that ${backend} can hold: choose a smaller ` +
        "pretraining.batch, grid.size or backbone.widths, or a GPU.",
    );
  }
  return { text: lines.join("\n"), json: { ...forecast, backend } };
}

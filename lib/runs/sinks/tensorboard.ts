/**
 * Metrics for TensorBoard.
 *
 * @module
 */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes } from "../../io/concat_arrays.ts";
import { scalarEvent, startEvent, tfRecord, versionEvent } from "./event_file.ts";
import type { MetricSink } from "./sink.ts";

/**
 * Writes the numbers of a run to an event file in a folder, under tags such as "metrics/loss". A run
 * that goes on begins a file of its own, which tells TensorBoard to forget what came after the step.
 */
export function tensorboardSink(dir: string): MetricSink {
  const seconds = () => Date.now() / 1000;
  let path = "";
  return {
    begin: async (step) => {
      // TensorBoard reads the files in the order of their names.
      path = join(dir, `events.out.tfevents.${Date.now()}.pix2rep`);
      const events = [versionEvent(seconds()), startEvent(step + 1, seconds())];
      await appendFile(path, concatBytes(events.map(tfRecord)));
    },
    write: async (name, records) => {
      const events = records.flatMap(({ step, ...numbers }) =>
        Object.entries(numbers).map(([number, value]) =>
          scalarEvent(`${name}/${number}`, { step, value, seconds: seconds() })
        )
      );
      await appendFile(path, concatBytes(events.map(tfRecord)));
    },
  };
}

/**
 * The sinks of a run's folder.
 *
 * @module
 */
import { join } from "node:path";
import { writingExplained } from "../../io/write_file.ts";
import { csvSink } from "./csv.ts";
import { jsonlSink } from "./jsonl.ts";
import type { MetricSink } from "./sink.ts";
import { tensorboardSink } from "./tensorboard.ts";

/** The name of a sink that a run may have. */
export type SinkName = "csv" | "tensorboard";

/** The sinks that a run may have besides JSON lines, by name. */
const SINKS: Record<SinkName, (dir: string) => MetricSink> = {
  csv: csvSink,
  tensorboard: tensorboardSink,
};

/** The names of the sinks that a run may have. */
export const SINK_NAMES = Object.keys(SINKS) as readonly SinkName[];

/**
 * The sinks of a run's folder as one: JSON lines always, others by name.
 *
 * @param dir The run's folder, which exists when the sink begins.
 */
export function runSink(dir: string, names: readonly SinkName[] = []): MetricSink {
  const sinks = [jsonlSink(dir), ...names.map((name) => SINKS[name](dir))];
  return {
    begin: async (step) => {
      for (const sink of sinks) await sink.begin(step);
    },
    write: async (name, records) => {
      try {
        for (const sink of sinks) await sink.write(name, records);
      } catch (error) {
        throw writingExplained(error, join(dir, name));
      }
    },
  };
}

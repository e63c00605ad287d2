/**
 * Where metrics go: the one interface of all sinks.
 *
 * @module
 */
/**
 * What is recorded: "metrics" of every step; now and then "quality" of the features, or "validation" on
 * patients who are not trained on.
 */
export type MetricName = "metrics" | "quality" | "validation";

/** Numbers after a step. */
export interface MetricRecord {
  /** The step, from 1. */
  step: number;
  /** A number by its name. */
  [name: string]: number;
}

/** A place that metrics are written to. */
export interface MetricSink {
  /** Gets ready for what follows a step: 0, or the last one of a run that goes on. */
  begin: (step: number) => Promise<void>;
  /** Adds records, in the order of their steps; the same numbers in each of a name. */
  write: (name: MetricName, records: readonly MetricRecord[]) => Promise<void>;
}

/**
 * What is missing from the records of a run that goes on: its checkpoint tells how many there must be.
 *
 * @module
 */
import { join } from "node:path";
import { readRecords } from "./sinks/jsonl.ts";
import type { MetricName } from "./sinks/sink.ts";

/** The steps between two measurements, of those that are recorded now and then. */
export type Measurements = Partial<Record<Exclude<MetricName, "metrics">, number>>;

/** A run as far as its records are concerned. */
export interface RecordedRun {
  /** The step of the checkpoint that is gone on from. */
  step: number;
  /** What is measured of it. */
  measured: Measurements;
}

/**
 * A line on each file of records that lacks some: it was emptied, removed or cut short, or is older than
 * the checkpoint. The run can go on, its curve has a gap.
 *
 * @throws {SyntaxError} if a line is no record, with what to do: what follows it is not to be lost.
 */
export async function lostRecords(
  dir: string,
  { step, measured }: RecordedRun,
): Promise<string[]> {
  const recorded = Object.entries({ metrics: 1, ...measured }) as [MetricName, number][];
  const missing = recorded.map(([name, every]) => missingFrom(dir, name, { step, every }));
  return (await Promise.all(missing)).flat();
}

/** What is missing of the records after every step that is a multiple of `every`. */
async function missingFrom(
  dir: string,
  name: MetricName,
  { step, every }: { step: number; every: number },
): Promise<string[]> {
  const path = join(dir, `${name}.jsonl`);
  const records = await readRecords<{ step: number }>(dir, name).catch((error) => {
    throw new SyntaxError(
      `${error.message}; repair that line, or move ${path} away to go on without it`,
    );
  });
  const expected = Math.floor(step / every);
  const there = new Set(records?.map((record) => record.step));
  const found = Array.from({ length: expected }, (_, i) => (i + 1) * every)
    .filter((at) => there.has(at)).length;
  if (found === expected) return [];
  return [
    `${path}: expected ${expected} records up to step ${step}, found ${found}; the run goes on from ` +
    "its checkpoint, its curve lacks the others",
  ];
}

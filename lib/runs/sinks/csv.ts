/**
 * Metrics as CSV (RFC 4180), for spreadsheets and statistics programs: `training.csv`, `quality.csv`
 * and `validation.csv`. (`metrics.csv` is what an evaluation writes.)
 *
 * @module
 */
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfAny } from "../../io/folders.ts";
import { writeFileAtomically } from "../../io/write_file.ts";
import type { MetricName, MetricRecord, MetricSink } from "./sink.ts";

const FILES: Record<MetricName, string> = {
  metrics: "training.csv",
  quality: "quality.csv",
  validation: "validation.csv",
};

/** Writes a row per record to a file of each name in a folder; the first record names the columns. */
export function csvSink(dir: string): MetricSink {
  // Known once a file was looked at: a long run's file is long.
  const known = new Map<MetricName, string[]>();
  return {
    begin: async (step) => {
      for (const file of Object.values(FILES)) await keepRows(join(dir, file), step);
    },
    write: async (name, records) => {
      if (records.length === 0) return;
      const path = join(dir, FILES[name]);
      const head = known.get(name) ?? (await readTextIfAny(path))?.split("\r\n")[0].split(",");
      const columns = head ?? ["step", ...namesOf(records[0])];
      const rows = records.map((record) => columns.map((column) => record[column]));
      await appendFile(path, csv(head ? rows : [columns, ...rows]));
      known.set(name, columns);
    },
  };
}

/** Drops the rows after a step, and a torn last one; a file that has not even its head goes. */
async function keepRows(path: string, step: number): Promise<void> {
  const text = await readTextIfAny(path);
  if (text === undefined) return;
  const [head, ...rows] = text.split("\r\n").slice(0, -1).map((line) => line.split(","));
  if (!head) return await rm(path);
  await writeFileAtomically(path, csv([head, ...rows.filter(([at]) => Number(at) <= step)]));
}

function namesOf({ step: _, ...numbers }: MetricRecord): string[] {
  return Object.keys(numbers);
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((cells) => `${cells.join(",")}\r\n`).join("");
}

/**
 * Metrics as JSON lines: `metrics.jsonl`, `quality.jsonl` and `validation.jsonl`.
 *
 * @module
 */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { readTextIfAny } from "../../io/folders.ts";
import { parseJson } from "../../io/text/parse_json.ts";
import { writeFileAtomically } from "../../io/write_file.ts";
import type { MetricName, MetricSink } from "./sink.ts";

const RecordJson = v.objectWithRest({ step: v.number() }, v.nullable(v.number()));

/** Writes one line per record to `NAME.jsonl` in a folder. */
export function jsonlSink(dir: string): MetricSink {
  return {
    begin: async (step) => {
      for (const name of ["metrics", "quality", "validation"] as const) {
        const records = await readRecords<{ step: number }>(dir, name);
        if (!records) continue;
        const kept = records.filter((record) => record.step <= step);
        await writeFileAtomically(pathOf(dir, name), lines(kept));
      }
    },
    write: (name, records) => appendFile(pathOf(dir, name), lines(records)),
  };
}

/**
 * The records of `NAME.jsonl` in a folder; undefined where there is no such file. A last line without
 * its end is what a killed run leaves: it does not count.
 *
 * @throws {SyntaxError} If another line is no record, naming the file and the line.
 */
export async function readRecords<T>(dir: string, name: MetricName): Promise<T[] | undefined> {
  const text = await readTextIfAny(pathOf(dir, name));
  return text?.split("\n").slice(0, -1).map((line, i) =>
    parseJson(line, RecordJson, `${pathOf(dir, name)}:${i + 1}`) as T
  );
}

function pathOf(dir: string, name: MetricName): string {
  return join(dir, `${name}.jsonl`);
}

function lines(records: readonly object[]): string {
  return records.map((record) => JSON.stringify(record) + "\n").join("");
}

/**
 * Writing JSON as files that people read too.
 *
 * @module
 */
import { formatJson } from "./text/format_json.ts";
import { writeFileAtomically } from "./write_file.ts";

/** Writes a value as a file of JSON, whole or not at all. */
export async function writeJson(path: string, value: object): Promise<void> {
  await writeFileAtomically(path, formatJson(value));
}

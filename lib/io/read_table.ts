/**
 * Tables as files.
 *
 * @module
 */
import { readTextIfAny } from "./folders.ts";
import { naming } from "./text/naming.ts";
import { parseTable } from "./text/parse_table.ts";

/**
 * The rows of a table, see {@linkcode parseTable}; none where there is no such file.
 *
 * @param options A folder that the file must lie in, links followed.
 * @throws {RangeError} If the table is far too large, or lies outside `within`.
 */
export async function readTable(
  path: string,
  separator: string,
  options: { within: string },
): Promise<Record<string, string>[]> {
  const text = await readTextIfAny(path, options) ?? "";
  return naming(path, () => parseTable(text, separator));
}

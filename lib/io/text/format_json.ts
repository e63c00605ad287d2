/**
 * JSON files as people read them.
 *
 * @module
 */

/** A value as the text of a JSON file: indented, with a line end. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

/**
 * JSON files that others wrote, checked before use.
 *
 * @module
 */
import * as v from "valibot";

/**
 * A JSON file's content as `schema` describes it.
 *
 * @param path The file's path, for messages.
 * @throws {SyntaxError} If the text is not JSON, or not as described: naming the first such place.
 */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
  path: string,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: expected JSON, found ${(error as Error).message}`);
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? "the top";
  throw new SyntaxError(`${path}: expected ${issue.expected} at ${place}, found ${issue.received}`);
}

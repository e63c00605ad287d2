/**
 * JSON files that others wrote, checked before use.
 *
 * @module
 */
import * as v from "valibot";
import { excerpt } from "./printable.ts";

/** Characters of the longest text that is parsed: its values may take twenty times its memory. */
const LONGEST = 2 ** 26;

/** How deep lists and objects may lie in each other: what walks them calls itself. */
export const DEEPEST = 100;

/**
 * A JSON file's content as `schema` describes it.
 *
 * @param path The file's path, for messages.
 * @throws {SyntaxError} If the text is not JSON, or not as described: naming the first such place.
 * @throws {RangeError} If it is far too long or too deep.
 */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
  path: string,
): v.InferOutput<Schema> {
  if (text.length > LONGEST) {
    throw new RangeError(
      `${path}: expected at most ${LONGEST} characters of JSON, found ${text.length}`,
    );
  }
  if (depthOf(text) > DEEPEST) {
    throw new RangeError(`${path}: expected JSON of at most ${DEEPEST} levels, found more`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: expected JSON, found ${excerpt((error as Error).message)}`);
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = excerpt(v.getDotPath(issue) ?? "the top");
  throw new SyntaxError(
    `${path}: expected ${issue.expected ?? "another value"} at ${place}, found ${
      excerpt(issue.received)
    }`,
  );
}

/** How deep the brackets of a JSON text lie in each other; those in its strings do not count. */
export function depthOf(text: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    else if (quoted) i += character === "\\" ? 1 : 0;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}

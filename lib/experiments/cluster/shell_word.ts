/**
 * Words of commands that a shell is to read back as they are.
 *
 * @module
 */

/** A word in quotes, in which a shell finds nothing to interpret. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

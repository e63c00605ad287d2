/**
 * Text that others wrote, made fit to be shown: a patient's id or a line of JSON may hold whatever
 * moves a terminal's cursor, changes its colours or pretends to be another line.
 *
 * @module
 */

/** Control characters, those that turn the direction of writing, and Unicode's line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Characters of an excerpt. */
const EXCERPT = 100;

/** Whether a text can be shown as it is, in a line. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

/** A text in one line: unprintable characters as JSON writes them, "\n" or "\u001b". */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A text of several lines, each made printable. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** The beginning of a text in one line, to be quoted in a message. */
export function excerpt(text: string, longest = EXCERPT): string {
  const start = printable(text.slice(0, longest + 1));
  return start.length > longest ? `${start.slice(0, longest)}…` : start;
}

/**
 * What a task writes to: a terminal, where colours show and a line can be rewritten, or a pipe, a
 * file, the log of a CI.
 *
 * @module
 */

/** Where lines of text go. */
export interface Screen {
  /** Writes a line. */
  print: (line: string) => void;
  /** Shows a line in place of the last one; undefined where that cannot be done. */
  rewrite?: (line: string) => void;
  /** Characters in a line. */
  columns: () => number;
  /** How text is made to stand out. */
  style: Style;
}

/** Makes text stand out. */
export type Style = Record<"bold" | "dim" | "red" | "yellow" | "cyan", (text: string) => string>;

/** Columns where there is no terminal. */
const COLUMNS = 80;

/** The SGR codes (ECMA-48) that begin and end each style. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], cyan: [36, 39] };

/** The process's standard output or error. Colours obey NO_COLOR (https://no-color.org). */
export function screenOf(name: "stdout" | "stderr"): Screen {
  const stream = Deno[name];
  const terminal = stream.isTerminal() && Deno.env.get("TERM") !== "dumb";
  const write = (text: string) => stream.writeSync(new TextEncoder().encode(text));
  return {
    print: (line) => name === "stdout" ? console.log(line) : console.error(line),
    rewrite: terminal && !Deno.env.get("CI") ? (line) => write(`\r\x1b[K${line}`) : undefined,
    columns: () => terminal ? Deno.consoleSize().columns : COLUMNS,
    style: styles(terminal && !Deno.noColor),
  };
}

/** The styles in colour, or plain. */
export function styles(coloured: boolean): Style {
  const entries = Object.entries(CODES).map(([name, [begin, end]]) => [
    name,
    (text: string) => coloured ? `\x1b[${begin}m${text}\x1b[${end}m` : text,
  ]);
  return Object.fromEntries(entries) as Style;
}

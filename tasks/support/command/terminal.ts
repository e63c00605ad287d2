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

/** Codes of the errors of writing to a terminal that was closed, or a program that ended. */
const GONE = ["EIO", "EPIPE"];

/** The SGR codes (ECMA-48) that begin and end each style. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], cyan: [36, 39] };

/** The process's standard output or error. Colours obey NO_COLOR (https://no-color.org). */
export function screenOf(name: "stdout" | "stderr"): Screen {
  const stream = Deno[name];
  const terminal = stream.isTerminal() && Deno.env.get("TERM") !== "dumb";
  const print = name === "stdout" ? console.log : console.error;
  const write = (text: string) => stream.writeSync(new TextEncoder().encode(text));
  return {
    print: (line) => whileThere(() => print(line)),
    rewrite: terminal && !Deno.env.get("CI")
      ? (line) => whileThere(() => write(`\r\x1b[K${line}`))
      : undefined,
    columns: () => terminal ? columns() : COLUMNS,
    style: styles(terminal && !Deno.noColor),
  };
}

/** Writes to a terminal that may be gone: a run does not end with the window it was started in. */
function whileThere(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && GONE.includes(`${error.code}`))) throw error;
  }
}

/** The terminal's, until it is closed. */
function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return COLUMNS;
  }
}

/** The styles in colour, or plain. */
export function styles(coloured: boolean): Style {
  const entries = Object.entries(CODES).map(([name, [begin, end]]) => [
    name,
    (text: string) => coloured ? `\x1b[${begin}m${text}\x1b[${end}m` : text,
  ]);
  return Object.fromEntries(entries) as Style;
}

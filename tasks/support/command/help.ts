/**
 * What `--help` prints.
 *
 * @module
 */
import type { Screen } from "./terminal.ts";

/** An option of a task. */
export interface Option {
  /** What it takes: a value shown as this word, or "" for a switch. */
  value: string;
  /** What it does, in a line. */
  help: string;
  /** Its short form: a letter. */
  short?: string;
  /** The value when it is not given. */
  default?: string;
  /** Whether it may be given several times. */
  multiple?: boolean;
  /** Whether it must be given. */
  required?: boolean;
  /** Whether its value is options of another program, which begin with dashes too. */
  words?: boolean;
}

/** What a task's help tells. */
export interface Manual {
  /** Its name: `deno task NAME`. */
  name: string;
  /** One or two sentences that say what it does. */
  summary: string;
  /** Its options by name. */
  options: Record<string, Option>;
  /** Example arguments, each with what it is for. */
  examples: readonly (readonly [args: string, purpose: string])[];
}

/** Longest lines, even on a wider terminal. */
const WIDEST = 100;

/** A task's help, as wide as the screen; `common` are the options of all tasks. */
export function help(
  { name, summary, options, examples, common }: Manual & { common: Record<string, Option> },
  { columns, style: { bold, dim, cyan } }: Pick<Screen, "columns" | "style">,
): string {
  const width = Math.min(columns(), WIDEST);
  const shown = examples.map(([args, purpose]) =>
    `  ${dim(`# ${purpose}`)}\n  ${cyan(`deno task ${name} ${args}`.trimEnd())}`
  );
  return [
    `${bold("Usage:")} deno task ${name} [options]`,
    wrapped(summary, width).join("\n"),
    [bold("Options:"), ...optionLines(options, width)].join("\n"),
    [bold("Options of all tasks:"), ...optionLines(common, width)].join("\n"),
    [bold("Examples:"), ...shown].join("\n"),
  ].join("\n\n");
}

/** Each option with what it does beside it. */
function optionLines(options: Record<string, Option>, width: number): string[] {
  const usages = Object.entries(options).map(([name, { value, short }]) =>
    `  ${short ? `-${short}, ` : ""}--${name}${value && ` ${value}`}`
  );
  const indent = Math.max(...usages.map(({ length }) => length)) + 2;
  return Object.values(options).flatMap(({ help, required, default: preset }, i) => {
    const remark = required ? " (required)" : preset && ` (${preset})`;
    return wrapped(`${help}${remark ?? ""}`, width - indent)
      .map((line, n) => (n ? "" : usages[i]).padEnd(indent) + line);
  });
}

/** Text in lines of at most so many characters, broken at spaces. */
export function wrapped(text: string, width: number): string[] {
  return text.split(/\s+/).reduce((lines: string[], word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      return [...lines.slice(0, -1), `${last} ${word}`];
    }
    return [...lines, word];
  }, []);
}

/**
 * What a task came to, told alike by all tasks.
 *
 * @module
 */
import { shellWord } from "../../../lib/experiments/cluster/shell_word.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isPrintable, printable, printableLines } from "../../../lib/io/text/printable.ts";
import type { AdaptationInput } from "../../../lib/reports/inputs/adaptation_input.ts";
import type { PredictionInput } from "../../../lib/reports/inputs/prediction_input.ts";
import type { Screen } from "./terminal.ts";

/** What pages show that tasks wrote: for a task whose own page shows it too. */
export interface ShownPages {
  /** Of an adaptation. */
  adaptation?: AdaptationInput;
  /** Of predicted masks. */
  prediction?: PredictionInput;
}

/** What a task came to. */
export interface Outcome {
  /** What it found, for people; also told where the task is quiet. */
  text?: string;
  /** The same for programs: what `--json` prints. */
  json: object;
  /** What was written: a folder, and what may be in it by name; "*" stands for any letters. */
  written?: { folder: string; files: Record<string, string> };
  /** The command that follows, and what for. */
  next?: { purpose: string; command: string };
  /** What its page shows. */
  shown?: ShownPages;
  /** What is wrong, where a task reports on what turns out to be unusable: exit code 1. */
  failed?: string;
}

/** A command line in one line; words that a shell would take apart are quoted. */
export function commandLine(task: string, args: readonly string[]): string {
  return ["deno task", task, ...args.map(quoted)].join(" ");
}

/** Prints an outcome: its text, then the files that were written and the next command. */
export function showOutcome(
  { text, written, next }: Outcome,
  { quiet, screen }: { quiet: boolean; screen: Screen },
): void {
  const { bold, dim, cyan } = screen.style;
  const parts = [printableLines(text ?? "")];
  if (written && !quiet) {
    const { folder, files } = written;
    const names = Object.keys(files).filter((name) =>
      name.includes("*") || existsSync(join(folder, name))
    );
    const width = Math.max(...names.map(({ length }) => length));
    const lines = names.map((name) => `  ${name.padEnd(width)}  ${dim(printable(files[name]))}`);
    parts.push([bold(printable(`Written to ${folder}:`)), ...lines].join("\n"));
  }
  if (next && !quiet) {
    parts.push(`${bold(`Next, ${next.purpose}:`)}\n  ${cyan(printable(next.command))}`);
  }
  const told = parts.filter((part) => part !== "");
  // What was noted until here stands apart.
  const apart = written && !quiet ? "\n" : "";
  if (told.length) screen.print(apart + told.join("\n\n"));
}

function quoted(word: string): string {
  if (!isPrintable(word)) return `$'${escaped(word)}'`;
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : shellWord(word);
}

/** A word that no line can show, as shells read it back in $'…' (POSIX 2024): its bytes in octal. */
function escaped(word: string): string {
  return [...word].map((character) => {
    if (isPrintable(character) && !/['\\]/.test(character)) return character;
    const bytes = new TextEncoder().encode(character);
    return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  }).join("");
}

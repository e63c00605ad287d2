/**
 * How a task speaks while it works: as much as was asked for, and never into its progress line.
 *
 * @module
 */
import { printable, printableLines } from "../../../lib/io/text/printable.ts";
import { type Progress, startProgress } from "./progress.ts";
import type { Screen } from "./terminal.ts";

/** What a task says while it works. */
export interface Voice {
  /** Says what is going on. */
  note: (text: string) => void;
  /** Says more of it, where the task is verbose. */
  detail: (text: string) => void;
  /** Warns, also where the task is quiet. */
  warn: (text: string) => void;
  /** Starts a progress display, in place of the last one. */
  progress: () => Progress;
  /** Takes the progress line away. */
  clear: () => void;
}

/** Options of {@linkcode createVoice}. */
export interface VoiceOptions {
  /** How much is said: warnings alone, the usual, or more. */
  level: "quiet" | "normal" | "verbose";
  /** Where notes go. */
  out: Screen;
  /** Where warnings and progress go. */
  err: Screen;
}

/** A display of nothing. */
const NO_PROGRESS: Progress = { update: () => {}, clear: () => {} };

/** A voice that says as much as was asked for. */
export function createVoice({ level, out, err }: VoiceOptions): Voice {
  let shown = NO_PROGRESS;
  const clear = () => shown.clear();
  const say = (text: string, style = (plain: string) => plain) => {
    clear();
    out.print(style(printableLines(text)));
  };
  return {
    note: level === "quiet" ? () => {} : (text) => say(text),
    detail: level === "verbose" ? (text) => say(text, out.style.dim) : () => {},
    warn: (text) => {
      clear();
      err.print(`${err.style.yellow("warning:")} ${printable(text)}`);
    },
    progress: () => {
      clear();
      return shown = level === "quiet" ? NO_PROGRESS : startProgress(err);
    },
    clear,
  };
}

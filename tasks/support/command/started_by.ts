/**
 * What is told of how a task was started, in the records of its runs: its command, and the commit of
 * the toolkit.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { leadsOut } from "../../../lib/io/read_file.ts";
import { isPathOption } from "./access.ts";
import { commandLine } from "./outcome.ts";

/** Stands for the folders of a path that are left out. */
const CUT = "…/";

/** A piece of a word that leads out of this folder: from the root, the home or a folder above. */
const OUTER_PATH = /^(?:[A-Za-z]:|~|\.\.)?[\\/]/;

/**
 * The command of a task as it was given, but for paths that lead out of this folder: of these the last
 * name alone is kept, as no record tells where things lie on a machine.
 */
export function recordedCommand(task: string, args: readonly string[]): string {
  const words = args.map((word, i) => {
    const [, option, value] = word.match(/^--([\w-]+)=(.*)$/s) ?? [];
    if (option !== undefined) return `--${option}=${cut(value, isPathOption(option))}`;
    return cut(word, isPathOption(args[i - 1]?.replace(/^--/, "") ?? ""));
  });
  return commandLine(task, words);
}

function cut(word: string, isPath: boolean): string {
  if (isPath) {
    const inside = relative(".", word) || ".";
    return leadsOut(inside) ? CUT + basename(resolve(word)) : inside;
  }
  return word.split(/([\s"',=]+)/)
    .map((piece) => OUTER_PATH.test(piece) ? CUT + (piece.split(/[\\/]/).at(-1) ?? "") : piece)
    .join("");
}

/** The commit that a checkout is at, by its files alone; undefined where it is none. */
export function commitOf(root: string): string | undefined {
  try {
    const folder = gitFolder(root);
    const head = readFileSync(join(folder, "HEAD"), "utf8").trim();
    const [, ref] = head.match(/^ref: (.+)$/) ?? [];
    const commit = ref === undefined ? head : referenced(folder, ref);
    return commit?.match(/^[0-9a-f]{40,64}$/)?.[0];
  } catch {
    return undefined;
  }
}

/** The folder `.git`, or the one that a worktree's file of that name leads to. */
function gitFolder(root: string): string {
  const git = join(root, ".git");
  const text = textIfAny(git);
  const [, to] = text?.match(/^gitdir: (.+)$/m) ?? [];
  return to === undefined ? git : resolve(root, to);
}

/** What a branch is at: its own file, or its line among the packed ones. */
function referenced(folder: string, ref: string): string | undefined {
  const common = resolve(folder, textIfAny(join(folder, "commondir"))?.trim() ?? ".");
  const own = textIfAny(join(common, ref))?.trim();
  if (own !== undefined) return own;
  const lines = textIfAny(join(common, "packed-refs"))?.split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
}

/** A file's text; undefined where there is no such file. */
function textIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

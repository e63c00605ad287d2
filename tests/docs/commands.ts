/** The commands that the documentation shows. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** A block of commands of a page. */
export interface Block {
  /** The page, and the line that the block begins at. */
  place: string;
  /** Its commands, one line each, without comments. */
  commands: string[];
}

/** Every page of the documentation. */
export function pages(): string[] {
  return globSync(["*.md", "data/*.md", "docs/**/*.md"], { cwd: root }).sort();
}

/** Every block of shell commands, in the order of the pages. */
export function commandBlocks(): Block[] {
  return pages().flatMap((page) => {
    const text = readFileSync(`${root}/${page}`, "utf8");
    return [...text.matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms)].map(({ 1: code, index }) => ({
      place: `${page}:${text.slice(0, index).split("\n").length}`,
      commands: code.replaceAll("\\\n", " ").split("\n")
        .map((line) => line.replace(/(^|\s)#.*/, "").replaceAll(/\s+/g, " ").trim())
        .filter((line) => line !== ""),
    }));
  });
}

/** The guides of docs, followed step by step in a copy of the library. */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runDeno } from "./deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a guide asks its reader to do. */
export interface Guide {
  /** The code of the new file, without the lines with which it is tried out. */
  code: string;
  /** Its changes of files, as "+++ path" and lines that stay, go (-) and come (+). */
  diffs: string[];
}

/** Reads a guide of docs. */
export function readGuide(name: string): Guide {
  const text = readFileSync(`${root}/docs/${name}`, "utf8");
  const blocks = (language: string) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) =>
      code
    );
  const [whole, ...others] = blocks("ts");
  assert.equal(others.length, 0, "more than one file");
  const [code, trial] = whole.split(/^\/\/ Try it/m);
  assert.ok(trial, `${name} does not try its code out`);
  return { code, diffs: blocks("diff") };
}

/** Copies the library, for programs that import it as from its package; they run with {@linkcode runIn}. */
export function copyLibrary(dir: string): void {
  for (const name of ["lib", "mod.ts", "deno.json", "deno.lock"]) {
    cpSync(`${root}/${name}`, `${dir}/${name}`, { recursive: true });
  }
}

/** Changes a file as a diff tells. The lines that it names have to occur once. */
export function applyDiff(dir: string, diff: string): void {
  const [first, ...lines] = diff.trimEnd().split("\n");
  const path = `${dir}/${first.replace("+++ ", "")}`;
  const hunks = lines.join("\n").split("\n@@\n").map((hunk) => hunk.split("\n"));
  const text = hunks.reduce((text, hunk) => {
    const side = (sign: string) =>
      hunk.filter((line) => line === "" || " ".concat(sign).includes(line[0]))
        .map((line) => line.slice(1) + "\n").join("");
    const [before, after] = [side("-"), side("+")];
    assert.equal(text.split(before).length, 2, `${first}: once\n${before}`);
    return text.replace(before, () => after);
  }, readFileSync(path, "utf8"));
  Deno.writeTextFileSync(path, text);
}

/** Runs a program in a copy of the library, types checked; what it prints. */
export async function runIn(dir: string, program: string): Promise<string> {
  Deno.writeTextFileSync(`${dir}/main.ts`, program);
  const { code, stdout, stderr } = await runDeno(
    ["run", "--check", "--no-remote", "--no-prompt", "--allow-read", "--allow-write", "main.ts"],
    { cwd: dir },
  );
  assert.equal(code, 0, stderr);
  return stdout;
}

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files of lib whose subject has words that look like options of a command line, and what they are. */
const ALLOWED: Record<string, string> = {
  "build.ts": "the compiler's options",
  "encoding.ts": "another program that decompresses DICOM",
  "feature_explorer.ts": "a variable of CSS",
  "kubernetes.ts": "the command of a run, for a cluster",
  "slice_browser.ts": "a variable of CSS",
  "slices.ts": "a variable of CSS",
  "slurm.ts": "the command of a run, for a cluster",
};

Deno.test("lib speaks of settings and arguments, never of a command's options", () => {
  const found = globSync("lib/**/*.ts", { cwd: root }).flatMap((path) => {
    const code = readFileSync(join(root, path), "utf8").replaceAll(/^ *(\*|\/[*/]).*$/gm, "");
    const words = code.match(/(?<=[\s"'`])(--[a-z]|deno task).*/g) ?? [];
    return words.map((line) => ({ file: basename(path), line: `${path}: ${line}` }));
  });
  const wrong = found.filter(({ file }) => !Object.hasOwn(ALLOWED, file));
  assert.deepEqual(wrong.map(({ line }) => line), []);
  const excused = new Set(found.map(({ file }) => file));
  assert.deepEqual(Object.keys(ALLOWED).filter((file) => !excused.has(file)), []);
});

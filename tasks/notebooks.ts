/** `deno task notebooks`: runs every notebook from a fresh kernel. */
import { join } from "node:path";
import { main } from "./support/command/command.ts";
import {
  cleanNotebook,
  executeNotebook,
  notebookProblems,
  writeKernel,
} from "./support/notebooks/notebooks.ts";
import { duration } from "../lib/io/text/amounts.ts";

const FOLDER = "notebooks";

/** Where runs leave what they need meanwhile. */
const SCRATCH = "runs/notebooks";

await main({
  name: "notebooks",
  summary:
    "Runs every notebook top to bottom from a fresh Deno kernel, without a browser. Fails\n" +
    "when a cell throws or a figure is missing.",
  options: {
    only: { value: "NAME", help: "those whose names begin so, for instance 03" },
    write: { value: "", help: "keeps the outputs in the notebooks' files" },
  },
  examples: [
    ["", "check all, change nothing"],
    ["--only 03 --write", "run one anew and keep what it shows"],
  ],
  run: async (values, signal, voice) => {
    const names = await notebookNames(values.text("only"));
    await Deno.mkdir(SCRATCH, { recursive: true });
    const scratch = await Deno.makeTempDir({ dir: SCRATCH });
    const results: { name: string; seconds: number; problems: string[] }[] = [];
    try {
      await writeKernel(scratch);
      for (const name of names) {
        const started = performance.now();
        const options = { scratch, signal, write: values.given("write") };
        const problems = await run(join(FOLDER, name), options);
        const seconds = Math.round((performance.now() - started) / 1000);
        results.push({ name, seconds, problems });
        const verdict = problems.length ? "FAILED" : "ok";
        voice.note([`${verdict} ${name}, ${duration(seconds)}`, ...problems].join("\n  "));
      }
    } finally {
      await Deno.remove(scratch, { recursive: true });
    }
    const failed = results.filter(({ problems }) => problems.length).length;
    return {
      json: results,
      failed: failed ? `${failed} of ${names.length} notebooks failed` : undefined,
    };
  },
});

/** The notebooks' file names in order. */
async function notebookNames(beginning: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".ipynb") && name.startsWith(beginning)) names.push(name);
  }
  if (names.length) return names.sort();
  throw new Error(`${FOLDER}: expected a notebook whose name begins with "${beginning}"`);
}

/** Runs one notebook, and keeps it where that was asked for and all went well. */
async function run(
  path: string,
  { write, ...options }: { scratch: string; signal: AbortSignal; write: boolean },
): Promise<string[]> {
  try {
    const executed = await executeNotebook(path, options);
    const problems = notebookProblems(executed);
    if (write && problems.length === 0) {
      await Deno.writeTextFile(path, JSON.stringify(cleanNotebook(executed), null, 1) + "\n");
    }
    return problems;
  } catch (error) {
    options.signal.throwIfAborted();
    return [(error as Error).message];
  }
}

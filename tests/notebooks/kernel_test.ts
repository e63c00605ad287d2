/** Jupyter's real kernel: what it shows is kept, and it ends with the task that started it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  cleanNotebook,
  executeNotebook,
  type Notebook,
  writeKernel,
} from "../../tasks/support/notebooks/notebooks.ts";
import { outcome, startTask } from "../support/run_task.ts";
import { until } from "../support/until.ts";

const runs = fileURLToPath(new URL("../../runs", import.meta.url));

/** Runs a notebook of such code cells in the real kernel, within the clone, and returns it. */
async function execute(...sources: string[]): Promise<Notebook> {
  await Deno.mkdir(runs, { recursive: true });
  const dir = await Deno.makeTempDir({ dir: runs });
  const path = `${dir}/one.ipynb`;
  const cell = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
  const blank = cleanNotebook({
    cells: sources.map((source) => ({ ...cell, source: [source] })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 4,
  });
  try {
    await Deno.writeTextFile(path, JSON.stringify(blank));
    await writeKernel(dir);
    return await executeNotebook(path, { scratch: dir });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test({
  name: "executeNotebook() runs the real kernel (skipped without jupyter-nbconvert)",
  ignore: !existsSync("/usr/bin/jupyter-nbconvert"),
  fn: async (t) => {
    await t.step("and keeps what library objects and updated displays show", async () => {
      const { cells: [{ outputs = [] }] } = await execute(
        `import { liveSweep, showFigure } from "@pix2rep/pix2rep/notebook";
         const onProgress = liveSweep();
         onProgress({ stage: "one", part: 1, parts: 2, fraction: 0 });
         onProgress({ stage: "two", part: 2, parts: 2, fraction: 1 });
         showFigure({ data: [{ name: "a", x: [0, 1], y: [0, 1] }], layout: {} })`,
      );
      assert.deepEqual(outputs.map(({ output_type }) => output_type), [
        "display_data",
        "execute_result",
      ]);
      const [progress, figure] = outputs.map(({ data = {} }) => data);
      assert.match(`${progress["text/plain"]}`, /2 of 2: two/);
      assert.ok(figure["application/vnd.plotly.v1+json"] && figure["image/png"]);
    });
    await t.step("and loses no output that the kernel sends late", async () => {
      const source = '({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "shown" }) })';
      const { cells } = await execute(...Array(40).fill(source));
      const shown = cells.map(({ outputs = [] }) => outputs.length);
      assert.deepEqual(shown, Array(40).fill(1));
    });
    await t.step("and fails where a cell throws, with the cell and its error", async () => {
      const message = /one\.ipynb: An error occurred [^]*throw [^]*no such scan/;
      await assert.rejects(execute('throw new Error("no such " + "scan")'), { message });
    });
  },
});

/** Processes: their numbers, their parents', and their command lines. */
function processes(): { pid: number; parent: number; command: string }[] {
  const { stdout } = new Deno.Command("ps", { args: ["-eo", "pid=,ppid=,args="] }).outputSync();
  return [...new TextDecoder().decode(stdout).matchAll(/^ *(\d+) +(\d+) (.*)$/gm)]
    .map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

/** Numbers of a process's children, of theirs, and so on. */
function descendants(pid: number, all = processes()): number[] {
  return all.filter(({ parent }) => parent === pid)
    .flatMap((child) => [child.pid, ...descendants(child.pid, all)]);
}

/** Ends a task that runs notebooks once their kernel is there, and waits for all that it started. */
async function endWhileRunning(signal: Deno.Signal): Promise<void> {
  const task = startTask("notebooks", ["--only", "03"]);
  const ended = outcome(task);
  const isKernel = ({ command }: { command: string }) => / jupyter --kernel --conn /.test(command);
  await until("the kernel", () => {
    const all = processes();
    const started = descendants(task.pid, all);
    return all.filter(isKernel).some(({ pid }) => started.includes(pid));
  });
  const started = descendants(task.pid);
  task.kill(signal);
  await ended;
  const living = () => processes().filter(({ pid }) => started.includes(pid));
  await until("the kernel's end", () => !living().some(isKernel), { seconds: 20 });
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    name: `notebooks leaves no kernel behind on ${signal} (skipped without jupyter-nbconvert)`,
    ignore: !existsSync("/usr/bin/jupyter-nbconvert"),
    fn: () => endWhileRunning(signal),
  });
}

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Cell,
  cleanNotebook,
  executeNotebook,
  type Notebook,
  notebookProblems,
  readNotebook,
  writeKernel,
} from "../../tasks/support/notebooks.ts";
import { withFolder } from "../support/datasets.ts";
import { outcome, runTask, startTask } from "../support/run_task.ts";
import { until } from "../support/until.ts";

const folder = fileURLToPath(new URL("../../notebooks", import.meta.url));
const runs = fileURLToPath(new URL("../../runs", import.meta.url));

const NAMES = [
  "01_quickstart",
  "02_views_and_equivariance",
  "03_pretrain_and_watch",
  "04_few_labels",
  "05_look_inside_features",
  "06_your_own_data",
];

/** Bytes that a notebook may have, so that GitHub shows it. */
const MOST_BYTES = 1_200_000;

const figure = (...outputs: Cell["outputs"] & object): Cell => ({
  cell_type: "code",
  metadata: { tags: ["figure"] },
  source: ["show()"],
  outputs,
});

const notebook = (...cells: Cell[]): Notebook => ({
  cells,
  metadata: {},
  nbformat: 4,
  nbformat_minor: 4,
});

const image = { output_type: "display_data", data: { "image/png": "iVBOR" } };

Deno.test("notebookProblems() finds cells that threw and figures that are missing", () => {
  assert.deepEqual(notebookProblems(notebook(figure(image))), []);
  const text = { output_type: "execute_result", data: { "text/plain": "Figure" } };
  assert.deepEqual(
    notebookProblems(notebook(figure(image), figure(text), figure({ output_type: "error" }))),
    [
      "cell 2: expected a figure with an image, found none",
      "cell 3 threw",
      "cell 3: expected a figure with an image, found none",
    ],
  );
  const plain = { ...figure(image), metadata: {} };
  assert.deepEqual(notebookProblems(notebook(plain)), [
    'expected a cell with the tag "figure", found none',
  ]);
});

Deno.test("cleanNotebook() keeps outputs, and nothing that another run would change", () => {
  const executed = notebook({
    ...figure(image),
    metadata: {
      tags: ["figure"],
      execution: { "iopub.execute_input": "2026" },
    } as Cell["metadata"],
    execution_count: 3,
  });
  executed.metadata = { language_info: { version: "6.0.3" }, widgets: {} };
  const { cells, metadata } = cleanNotebook(executed);
  assert.deepEqual(cells, [{ ...figure(image), execution_count: 3 }]);
  assert.deepEqual(Object.keys(metadata), ["kernelspec", "language_info"]);
  assert.ok(!JSON.stringify(metadata).includes("version"));
});

Deno.test("writeKernel() makes a kernel of the Deno that runs", () =>
  withFolder(async (dir) => {
    await writeKernel(dir);
    const { argv } = JSON.parse(await Deno.readTextFile(`${dir}/kernels/deno/kernel.json`));
    assert.deepEqual(argv.slice(-5, -3), [Deno.execPath(), "jupyter"]);
  }));

/** Runs a notebook of such code cells in the real kernel, within the clone, and returns it. */
async function execute(...sources: string[]): Promise<Notebook> {
  await Deno.mkdir(runs, { recursive: true });
  const dir = await Deno.makeTempDir({ dir: runs });
  const path = `${dir}/one.ipynb`;
  const cell = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
  const blank = cleanNotebook(
    notebook(...sources.map((source) => ({ ...cell, source: [source] }))),
  );
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

Deno.test("notebooks refuses a name that there is not", async () => {
  const { code, stderr } = await runTask("notebooks", "--only", "07");
  assert.deepEqual([code, stderr], [
    1,
    'notebooks: notebooks: expected a notebook whose name begins with "07"\n',
  ]);
});

for (const name of NAMES) {
  Deno.test(`${name} is committed with what it shows, and with nothing of the machine`, async () => {
    const path = `${folder}/${name}.ipynb`;
    const text = await Deno.readTextFile(path);
    assert.ok(text.length < MOST_BYTES, `${text.length} bytes`);
    const committed = await readNotebook(path);
    assert.deepEqual(notebookProblems(committed), []);
    assert.deepEqual(cleanNotebook(committed), committed);
    const code = committed.cells.filter(({ cell_type }) => cell_type === "code");
    assert.deepEqual(
      code.map(({ execution_count }) => execution_count),
      code.map((_, i) => i + 1),
    );
    const sources = committed.cells.flatMap(({ source }) => source);
    const lines = code.flatMap(({ source }) => source);
    assert.equal(lines.filter((line) => line.includes("← your data")).length, 1);
    assert.ok(sources.some((line) => line.includes("jsr:@pix2rep/pix2rep")));
    assert.ok(sources.some((line) => line.includes('permissions.revoke({ name: "net" })')));
    const words = committed.cells.flatMap(({ outputs = [] }) => outputs)
      .map(({ data = {}, ...output }) => JSON.stringify([output, data["text/plain"]]));
    for (const word of words) assert.doesNotMatch(word, /\/(home|root|tmp|work|Users)\//);
  });
}

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  type Cell,
  cleanNotebook,
  type Notebook,
  notebookProblems,
  readNotebook,
  writeKernel,
} from "../../tasks/support/notebooks.ts";
import { withFolder } from "../support/datasets.ts";
import { runTask } from "../support/run_task.ts";

const folder = fileURLToPath(new URL("../../notebooks", import.meta.url));

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

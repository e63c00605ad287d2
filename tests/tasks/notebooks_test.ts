import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  type Cell,
  cleanNotebook,
  type Notebook,
  notebookProblems,
  readNotebook,
  writeKernel,
} from "../../tasks/support/notebooks/notebooks.ts";
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
  "07_what_fails",
  "08_real_data",
  "09_training_loop",
];

/** Names that a notebook may import before its first picture. */
const MOST_IMPORTS = 3;

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
  const { code, stderr } = await runTask("notebooks", "--only", "99");
  assert.deepEqual([code, stderr], [
    1,
    'notebooks: notebooks: expected a notebook whose name begins with "99"\n',
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

/** The names that code imports, types left out. */
function importedNames(code: string): string[] {
  const clauses = [...code.matchAll(/^import ([^;"]*?) from "/gm)].map(([, clause]) => clause);
  return clauses.flatMap((clause) => clause.replace(/[{}]/g, "").split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "));
}

Deno.test("importedNames() counts names, not lines", () => {
  const code = 'import * as p from "p";\nimport {\n  a,\n  type B,\n  c as d,\n} from "q";\n';
  assert.deepEqual(importedNames(code), ["* as p", "a", "c as d"]);
});

for (const name of NAMES) {
  Deno.test(`${name} shows a picture after ${MOST_IMPORTS} imports at most, and has an exercise`, async () => {
    const { cells } = await readNotebook(`${folder}/${name}.ipynb`);
    const isPicture = ({ outputs = [] }: Cell) =>
      outputs.some(({ data = {} }) => data["image/png"] !== undefined);
    const before = cells.slice(0, cells.findIndex(isPicture) + 1)
      .filter(({ cell_type }) => cell_type === "code");
    const names = before.flatMap(({ source }) => importedNames(source.join("")));
    assert.ok(names.length > 0 && names.length <= MOST_IMPORTS, names.join(", "));

    const task = cells.findIndex(({ source }) => source.join("").includes("## Exercise\n"));
    const answer = cells[task + 1];
    assert.ok(task > 0 && answer.metadata.tags?.includes("answer"), `cell ${task + 1}`);
    assert.ok(answer.outputs?.length);
  });
}

Deno.test("08_real_data is committed with the phantom: no scan of a person is in the repository", async () => {
  const { cells } = await readNotebook(`${folder}/08_real_data.ipynb`);
  const printed = cells.flatMap(({ outputs = [] }) => outputs)
    .map((output) => JSON.stringify(output)).join("");
  assert.match(printed, /no such folder, so the drawn phantom: 40 patients/);
  assert.doesNotMatch(printed, /[Hh]ippocamp/);
});

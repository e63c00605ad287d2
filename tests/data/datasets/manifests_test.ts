import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readSplit, splitPatients } from "../../../lib/data/datasets/splits.ts";
import { realDataPath, withRealData } from "../../support/datasets.ts";

const manifest = (name: string) =>
  fileURLToPath(new URL(`../../../data/manifests/acdc-${name}.json`, import.meta.url));

const patient = (n: number) => `patient${String(n).padStart(3, "0")}`;
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => patient(first + i));

/** ACDC with its test part, as far as a manifest needs it. */
const acdc: Dataset = {
  name: "acdc",
  root: ".",
  layout: "acdc",
  structures: [],
  patients: range(1, 150).map((id) => ({ id, group: "", part: "training", scans: [] })),
};

/** DCM, HCM, MINF, NOR and RV are twenty patients each, one after the other. */
const groupOf = (id: string) => Math.floor((Number(id.slice(-3)) - 1) / 20);

/** Each subset is the start of the next one. */
function expectNested(subsets: Record<string, string[]>, sizes: number[]): void {
  assert.deepEqual(Object.keys(subsets).map(Number), sizes);
  const longest = subsets[sizes.at(-1)!];
  for (const size of sizes) assert.deepEqual(subsets[size], longest.slice(0, size));
}

Deno.test("the manifest acdc-official tests on ACDC's test part", async () => {
  const { test, pool, subsets } = await readSplit(manifest("official"), acdc);
  assert.deepEqual([pool, test], [range(1, 100), range(101, 150)]);
  expectNested(subsets, [1, 2, 5, 10, 20, 50, 100]);
  for (const size of [5, 10, 20, 50, 100]) {
    const groups = Map.groupBy(subsets[size], groupOf);
    assert.ok([0, 1, 2, 3, 4].every((group) => groups.get(group)?.length === size / 5));
  }
});

Deno.test("the manifest acdc-80-20 tests on each group's last four training patients", async () => {
  const { test, pool, subsets } = await readSplit(manifest("80-20"), acdc);
  assert.deepEqual(test, [20, 40, 60, 80, 100].flatMap((last) => range(last - 3, last)));
  assert.deepEqual([...pool, ...test].sort(), range(1, 100));
  expectNested(subsets, [1, 2, 5, 10, 20, 50]);
  for (const size of [5, 10, 20, 50]) {
    const groups = Map.groupBy(subsets[size], groupOf);
    assert.ok([0, 1, 2, 3, 4].every((group) => groups.get(group)?.length === size / 5));
  }
});

Deno.test("the manifest acdc-ssl4mis is that of SSL4MIS", async () => {
  const { test, pool, validation, subsets } = await readSplit(manifest("ssl4mis"), acdc);
  assert.deepEqual([test.length, pool.length], [20, 70]);
  assert.deepEqual([...test, ...pool, ...validation!].sort(), range(1, 100));
  assert.deepEqual(validation, [2, 19, 28, 30, 39, 45, 78, 82, 85, 87].map(patient));
  expectNested(subsets, [1, 3, 7, 14, 21, 28, 35]);
  assert.deepEqual(subsets[3], [99, 38, 50].map(patient));
  assert.deepEqual(subsets[7].toSorted(), [21, 38, 49, 50, 58, 99, 100].map(patient));
});

Deno.test(withRealData("acdc", "the manifests fit the real ACDC"), async () => {
  const real = await openDataset(realDataPath("acdc"));
  assert.deepEqual(await readSplit(manifest("80-20"), real), splitPatients(real));
  // SSL4MIS names its subsets by their slices.
  const rows = Deno.readTextFileSync(`${realDataPath("acdc")}/VOLUMES.csv`).split("\n").slice(1);
  const slices = Map.groupBy(rows.map((row) => row.split(",")), (row) => row[1]);
  const { subsets } = await readSplit(manifest("ssl4mis"), real);
  const counted = Object.values(subsets).map((subset) =>
    subset.flatMap((id) => slices.get(id)!).reduce((sum, row) => sum + Number(row[7]), 0)
  );
  assert.deepEqual(counted, [32, 68, 136, 256, 396, 512, 664]);
});

import assert from "node:assert/strict";
import type { Dataset, Patient } from "../../../lib/data/datasets/dataset.ts";
import { pseudonymised } from "../../../lib/data/datasets/pseudonyms.ts";
import { readSplit, splitPatients, writeSplit } from "../../../lib/data/datasets/splits.ts";
import { withFolder } from "../../support/datasets.ts";

const patient = (id: string, group: string): Patient => ({
  id,
  group,
  part: "training",
  scans: [{ image: `${id}.nii`, mask: `${id}_gt.nii` }],
});

const names = ["anna", "ben", "carl", "dora", "emil", "fay"];
const dataset: Dataset = {
  name: "clinic",
  root: "/clinic",
  layout: "folder",
  structures: [{ label: 1, name: "LV" }],
  patients: names.map((name, i) => patient(name, `${i % 2}`)),
};

Deno.test("pseudonymised() numbers patients in their order, and changes nothing else", () => {
  const { patients, pseudonyms, ...rest } = pseudonymised(dataset);
  assert.deepEqual(patients.map(({ id }) => id), ["P001", "P002", "P003", "P004", "P005", "P006"]);
  assert.deepEqual(
    patients.map(({ id: _, ...others }) => others),
    dataset.patients.map(({ id: _, ...others }) => others),
  );
  assert.deepEqual({ ...rest, patients: dataset.patients }, dataset);
  assert.equal(pseudonyms?.get("dora"), "P004");
});

Deno.test("splits are the same with pseudonyms, and manifests of either kind are read", () =>
  withFolder(async (dir) => {
    const hidden = pseudonymised(dataset);
    const named = splitPatients(dataset, { seed: 3, sizes: [2] });
    const expected = splitPatients(hidden, { seed: 3, sizes: [2] });
    const rename = (ids: readonly string[]) => ids.map((id) => hidden.pseudonyms!.get(id));
    assert.deepEqual(expected.test, rename(named.test));
    assert.deepEqual(expected.subsets[2], rename(named.subsets[2]));
    for (const [i, split] of [named, expected].entries()) {
      const path = `${dir}/${i}.json`;
      await writeSplit(path, split);
      assert.deepEqual(await readSplit(path, hidden), expected);
    }
  }));

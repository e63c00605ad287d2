import assert from "node:assert/strict";
import fc from "fast-check";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readScan } from "../../../lib/data/datasets/read_scan.ts";
import { writePhantomCohort } from "../../../lib/data/phantom/cohort.ts";
import {
  isFarFromSeen,
  joinVolumes,
  type LabelVolumes,
  seenOf,
  seenVolumes,
  volumesOf,
} from "../../../lib/data/slices/seen_volumes.ts";
import { realDataPath, withFolder, withRealData } from "../../support/datasets.ts";

Deno.test("volumesOf() counts the voxels of each label, in ml", () => {
  const spacing = [10, 5, 20];
  assert.deepEqual(volumesOf(Uint8Array.of(0, 1, 1, 3, 0, 1), spacing), { 1: 3, 3: 1 });
  assert.deepEqual(volumesOf(new Uint8Array(6), spacing), {});
  // What nobody looked at may be of any structure.
  assert.equal(volumesOf(Uint8Array.of(0, 1, 255), spacing), undefined);
});

Deno.test("seenVolumes() spans all masks, be they joined in parts, and counts what one lacks as 0", () => {
  const ml = fc.double({ min: 0.01, max: 1000, noNaN: true });
  const volumes = fc.record({ 1: ml, 2: ml }, { requiredKeys: [] });
  const lists = fc.array(volumes, { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(lists, lists, (a, b) => {
    const all = seenVolumes([...a, ...b])!;
    const parts = joinVolumes(seenVolumes(a), undefined, seenVolumes(b))!;
    assert.deepEqual([all.masks, parts.masks], [
      a.length + b.length,
      Math.max(a.length, b.length),
    ]);
    for (const label of [1, 2]) {
      const values = [...a, ...b].map((of: LabelVolumes) => of[label] ?? 0);
      const extent = [Math.min(...values), Math.max(...values)];
      assert.deepEqual([seenOf(all, label), seenOf(parts, label)], [extent, extent]);
    }
  }));
  assert.equal(seenVolumes([]), undefined);
});

Deno.test("isFarFromSeen() allows one volume more than the median of many, and of few masks more than of many", () => {
  const far = (ml: number, masks: number, of: "one" | "median") =>
    isFarFromSeen(ml, { masks, ml: { 1: [10, 100] } }, { label: 1, of });
  assert.deepEqual([1, 100].map((masks) => far(350, masks, "one")), [false, false]);
  assert.deepEqual([1, 100].map((masks) => far(500, masks, "one")), [false, true]);
  assert.deepEqual([1, 100].map((masks) => far(2, masks, "one")), [false, true]);
  assert.deepEqual([1, 10, 100].map((masks) => far(500, masks, "median")), [false, true, true]);
  assert.deepEqual([1, 10, 100].map((masks) => far(2, masks, "median")), [false, true, true]);
  assert.deepEqual([5000, 0].map((ml) => far(ml, 1, "one")), [true, true]);
});

Deno.test("isFarFromSeen() takes any smaller volume where a mask that was seen has none", () => {
  const references = seenVolumes([{ 1: 20 }, {}])!;
  assert.equal(isFarFromSeen(0, references, { label: 1, of: "one" }), false);
  // A structure that no mask has cannot have been learnt.
  assert.equal(isFarFromSeen(1, references, { label: 2, of: "one" }), true);
});

/** The volumes of all masks of a dataset, by patient. */
async function volumesByPatient(data: string): Promise<LabelVolumes[][]> {
  const dataset = await openDataset(data);
  const all: LabelVolumes[][] = [];
  for (const { scans } of dataset.patients) {
    const of: LabelVolumes[] = [];
    for (const scan of scans) {
      const { mask } = await readScan(scan, dataset);
      if (mask) of.push(volumesOf(Uint8Array.from(mask.voxels), mask.spacing)!);
    }
    if (of.length > 0) all.push(of);
  }
  return all;
}

/** Makes sure that whoever is trained on, nobody else of a cohort is far from it. */
async function expectNoneFar(data: string): Promise<void> {
  const patients = await volumesByPatient(data);
  const labels = Object.keys(patients[0][0]).map(Number);
  for (const count of [1, 2, 5]) {
    for (let first = 0; first + count <= patients.length; first += count) {
      const seen = seenVolumes(patients.slice(first, first + count).flat())!;
      const others = patients.flatMap((of, i) => i < first || i >= first + count ? of : []);
      for (const label of labels) {
        const volumes = others.map((of) => of[label]);
        const far = volumes.filter((ml) => isFarFromSeen(ml, seen, { label, of: "one" }));
        assert.deepEqual(far, [], `${count} from ${first}: label ${label}`);
        const median = volumes.sort((a, b) => a - b)[volumes.length >> 1];
        assert.ok(!isFarFromSeen(median, seen, { label, of: "median" }), `median of ${label}`);
      }
    }
  }
}

Deno.test("no volume of the phantom's masks is far from those of any of its patients", () =>
  withFolder(async (dir) => {
    await writePhantomCohort(dir, { patients: 10 });
    await expectNoneFar(dir);
  }));

for (const name of ["acdc", "Task04_Hippocampus"]) {
  Deno.test({
    ...withRealData(name, `no volume of ${name}'s masks is far from those of any of its patients`),
    fn: () => expectNoneFar(realDataPath(name)),
  });
}

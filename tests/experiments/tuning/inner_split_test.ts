import assert from "node:assert/strict";
import type { Dataset, Patient } from "../../../lib/data/datasets/dataset.ts";
import { splitPatients } from "../../../lib/data/datasets/splits.ts";
import { crossedGroups, type SweepPlan } from "../../../lib/experiments/sweep/plan.ts";
import { sweepSplits } from "../../../lib/experiments/sweep/sweep_data.ts";
import { innerSplit } from "../../../lib/experiments/tuning/inner_split.ts";
import { TINY } from "../../training/tiny.ts";

/** Patients of three groups, of whom every tenth has no masks. */
function cohort(count: number): Dataset {
  const patients = Array.from({ length: count }, (_, i): Patient => ({
    id: `p${String(i).padStart(3, "0")}`,
    group: ["DCM", "HCM", "NOR"][i % 3],
    part: "training",
    scans: [{ image: `${i}.nii`, ...(i % 10 !== 9 && { mask: `${i}_gt.nii` }) }],
  }));
  return { name: "hearts", root: "hearts", layout: "acdc", structures: [], patients };
}

function planOf(patients: number[], seeds: number[]): SweepPlan {
  const groups = crossedGroups([TINY], { strategies: ["scratch", "finetune"], patients });
  return { configs: [TINY], groups, seeds };
}

/** The ids of all whom a plan's runs of these numbers adapt to. */
function drawn(dataset: Dataset, plan: SweepPlan, numbers: number[]): Set<string> {
  const splits = [...sweepSplits(dataset, plan).values()];
  return new Set(splits.flatMap(({ subsets }) => numbers.flatMap((number) => subsets[number])));
}

Deno.test("innerSplit() knows no test patient, and measures on none whom tries adapt to", () => {
  for (
    const [size, numbers, seeds] of [[100, [1, 2, 5, 10, 20, 72], [0, 1, 2, 3, 4]], [40, [1, 5], [
      0,
      7,
    ]], [12, [1, 2], [0]]] as const
  ) {
    const [dataset, plan] = [cohort(size), planOf([...numbers], [...seeds])];
    const inner = innerSplit(dataset, plan);
    const { test, pool } = splitPatients(dataset, { sizes: [1] });
    const known = inner.dataset.patients.map(({ id }) => id);
    assert.deepEqual(known, pool);
    assert.ok(test.length > 0 && test.every((id) => !known.includes(id)));

    for (const seed of inner.seeds) {
      const split = splitPatients(inner.dataset, { seed, sizes: inner.patients });
      assert.deepEqual(split.test, inner.measured);
      const adaptedTo = [...split.pool, ...Object.values(split.subsets).flat()];
      assert.ok(adaptedTo.every((id) => !inner.measured.includes(id) && !test.includes(id)));
    }
    const few = drawn(dataset, plan, inner.patients);
    assert.ok(inner.measured.every((id) => !few.has(id)));
    assert.equal(new Set(inner.measured).size, inner.measured.length);
  }
});

Deno.test("innerSplit() takes the smallest and the middle number of patients, and two draws", () => {
  const chosen = (numbers: number[], seeds: number[]) => {
    const { patients, seeds: draws } = innerSplit(cohort(100), planOf(numbers, seeds));
    return [patients, draws];
  };
  assert.deepEqual(chosen([3], [4]), [[3], [4]]);
  assert.deepEqual(chosen([72, 1], [4, 2]), [[1], [4, 2]]);
  assert.deepEqual(chosen([20, 1, 5], [0, 1, 2]), [[1, 5], [0, 1]]);
  assert.deepEqual(chosen([1, 2, 5, 10, 20, 72], [0]), [[1, 5], [0]]);
});

Deno.test("innerSplit() measures on up to 20, of all groups, and first on those whom no run needs", () => {
  const dataset = cohort(100);
  const { measured } = innerSplit(dataset, planOf([1, 5, 20], [0]));
  assert.equal(measured.length, 20);
  const groups = Object.groupBy(
    dataset.patients.filter(({ id }) => measured.includes(id)),
    ({ group }) => group,
  );
  assert.deepEqual(Object.values(groups).map((of) => of!.length).sort(), [6, 7, 7]);
  const any = drawn(dataset, planOf([1, 5, 20], [0]), [20]);
  assert.ok(measured.every((id) => !any.has(id)));

  // A run of all 72 needs everybody: those of the fewest come last, and are left out.
  const all = innerSplit(dataset, planOf([1, 5, 72], [0]));
  assert.equal(all.measured.length, 20);
});

Deno.test("innerSplit() refuses where all are drawn", () => {
  const dataset = cohort(9);
  const most = splitPatients(dataset).pool.length;
  assert.throws(() => innerSplit(dataset, planOf([most], [0])), {
    name: "RangeError",
    message:
      `hearts: expected training patients with masks beside the ${most} that the plan's runs ` +
      `of ${most} adapt to, to measure a search's tries on, found none; give fewer seeds or numbers ` +
      "of patients",
  });
});

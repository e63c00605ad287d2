/** Dice by its definition, to compare with what the tasks and sweeps write. */
import assert from "node:assert/strict";
import type { Voxels } from "../../lib/data/volumes/volume.ts";

/** Dice of a label in two masks of one grid. */
export function plainDice(a: Voxels, b: Voxels, label: number): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [Number(a[i] === label), Number(b[i] === label)];
    both += inA * inB;
    sum += inA + inB;
  }
  return 2 * both / sum;
}

/** Mean Dice of each structure in the text of a metrics.csv, without empty cells, and their mean. */
export function diceOfMetrics(csv: string): Record<string, number> {
  const rows = csv.trimEnd().split("\r\n").slice(1).map((line) => line.split(","));
  const dice: Record<string, number> = {};
  for (const name of new Set(rows.map(([, , , structure]) => structure))) {
    const of = rows.filter(([, , , structure, value]) => structure === name && value !== "");
    dice[name] = mean(of.map(([, , , , value]) => Number(value)));
  }
  return { ...dice, mean: mean(Object.values(dice)) };
}

/** Checks that numbers by name are those expected, to rounding. */
export function assertAlike(
  found: Record<string, number | null>,
  expected: Record<string, number>,
): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs(found[name]! - value) < 1e-12, `${name}: ${found[name]}, not ${value}`);
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

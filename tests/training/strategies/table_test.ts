import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Strategy } from "../../../lib/training/strategies/strategy.ts";
import {
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyName,
  strategyOf,
} from "../../../lib/training/strategies/table.ts";
import { TINY } from "../tiny.ts";

Deno.test("STRATEGIES compile only where none is forgotten and each is whole", () => {
  const { probe, ...others } = STRATEGIES;
  // @ts-expect-error: a strategy that the table lacks
  const lacking: typeof STRATEGIES = others;
  // @ts-expect-error: a strategy under another's name
  const misnamed: typeof STRATEGIES = { ...others, probe: others.finetune };
  // @ts-expect-error: a strategy whose name is none
  const foreign: typeof STRATEGIES = { ...STRATEGIES, other: probe };
  assert.ok(lacking && misnamed && foreign);

  // Every part of it has to be there, whatever parts there are.
  type Optional = { [P in keyof Strategy]: Omit<Strategy, P> extends Strategy ? P : never };
  const forgettable = [] as Optional[keyof Strategy][] satisfies never[];
  const { label: _, ...unnamed } = probe;
  // @ts-expect-error: a strategy without what readers know it as
  const incomplete: Strategy = unnamed;
  assert.deepEqual([incomplete.label, forgettable], [undefined, []]);
});

Deno.test("STRATEGIES stand in one order, each told from the others", () => {
  assert.deepEqual(STRATEGY_NAMES, [
    ...["scratch", "probe", "finetune", "probe-finetune", "mean-teacher"],
    ...["weak-to-strong", "in-context"],
  ]);
  for (const name of STRATEGY_NAMES) assert.equal(STRATEGIES[name].name, name);
  const all = Object.values(STRATEGIES);
  assert.equal(new Set(all.map(({ label }) => label)).size, all.length);
  assert.equal(new Set(all.map(({ how }) => how)).size, all.length);
  const lines = all.filter(({ name }) => name !== "scratch").map(({ line }) =>
    JSON.stringify(line)
  );
  // Of two colours, for only one has a pretraining, the baseline and fine-tuning look the same.
  assert.equal(new Set(lines).size, all.length - 1);
});

Deno.test("STRATEGIES tell how long they take, unlabelled slices included", () => {
  const settings = {
    ...{ ...TINY.adaptation, iterations: 3, batch: 1 },
    probe: { learningRate: 0.1, iterations: 4 },
    meanTeacher: { ...TINY.adaptation.meanTeacher, batch: 2 },
    weakToStrong: { ...TINY.adaptation.weakToStrong, batch: 5 },
  };
  const expected: Record<StrategyName, { steps: number; batch: number }> = {
    "scratch": { steps: 3, batch: 1 },
    "probe": { steps: 4, batch: 1 },
    "finetune": { steps: 3, batch: 1 },
    "probe-finetune": { steps: 7, batch: 1 },
    "mean-teacher": { steps: 3, batch: 3 },
    "weak-to-strong": { steps: 7, batch: 6 },
    "in-context": { steps: 0, batch: 0 },
  };
  for (const name of STRATEGY_NAMES) {
    const { steps, batch } = STRATEGIES[name];
    const found = { steps: steps(settings, { pretrained: true }), batch: batch(settings) };
    assert.deepEqual(found, expected[name], name);
  }
  // There is nothing to probe in random weights.
  assert.equal(STRATEGIES["weak-to-strong"].steps(settings, { pretrained: false }), 3);
});

Deno.test("strategyOf() finds no strategy by what every object has", () => {
  assert.equal(strategyOf("probe"), STRATEGIES.probe);
  for (const name of ["", "toString", "__proto__"]) assert.equal(strategyOf(name), undefined);
});

Deno.test("the documentation tells of every strategy, and whether it needs a pretraining", () => {
  const page = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../../../docs/${name}.md`, import.meta.url)), "utf8");
  const needs = { none: "takes none", optional: "can do without", required: "yes" };
  for (const { name, pretraining } of Object.values(STRATEGIES)) {
    const row = new RegExp(`^\\| \`${name}\` +\\|.*\\| ${needs[pretraining]} +\\|$`, "m");
    assert.match(page("tasks"), row);
    assert.match(page("method"), new RegExp(`^\\| \`${name}\` +\\|`, "m"));
  }
});

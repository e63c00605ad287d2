import assert from "node:assert/strict";
import { parseConfig } from "../../../lib/config/parse_config.ts";
import { PRESETS } from "../../../lib/config/presets.ts";
import { changeConfig } from "../../../lib/config/resolve.ts";
import { candidates } from "../../../lib/experiments/tuning/candidates.ts";
import type { SearchSpace } from "../../../lib/training/strategies/search_space.ts";
import { STRATEGIES } from "../../../lib/training/strategies/table.ts";
import { TINY } from "../../training/tiny.ts";

const space: SearchSpace = [
  { setting: "iterations", times: [1 / 4, 4], whole: true },
  { setting: "scratch.learningRate", times: [1 / 8, 8], whole: false },
];
const config = {
  ...TINY,
  adaptation: { ...TINY.adaptation, iterations: 64, scratch: { learningRate: 0.008 } },
};

Deno.test("candidates() begin with the configuration's own, then spread by the logarithm", () => {
  const [own, ...tried] = candidates(config, space, 5);
  assert.deepEqual(own, ["adaptation.iterations=64", "adaptation.scratch.learningRate=0.008"]);
  // Halton's points: 1/2, 1/4, 3/4, 1/8 and 1/3, 2/3, 1/9, 4/9; multiples 4^(2x − 1) and 8^(2y − 1).
  const expected = [[1, 8 ** (-1 / 3)], [1 / 2, 8 ** (1 / 3)], [2, 8 ** (-7 / 9)], [
    4 ** (-3 / 4),
    8 ** (-1 / 9),
  ]];
  tried.forEach((set, n) => {
    const [steps, rate] = set.map((change) => Number(change.split("=")[1]));
    assert.equal(steps, Math.round(64 * expected[n][0]));
    assert.ok(Math.abs(rate / (0.008 * expected[n][1]) - 1) < 5e-3, `${rate}`);
  });
});

Deno.test("candidates() of more tries begin with those of fewer", () => {
  assert.deepEqual(candidates(config, space, 20).slice(0, 7), candidates(config, space, 7));
});

Deno.test("candidates() stay between the bounds, whole where they count, and differ", () => {
  const found = candidates(config, space, 200).map((set) =>
    set.map((change) => Number(change.split("=")[1]))
  );
  for (const [steps, rate] of found) {
    assert.ok(Number.isInteger(steps) && steps >= 16 && steps <= 256, `${steps}`);
    assert.ok(rate >= 0.001 && rate <= 0.064, `${rate}`);
  }
  assert.equal(new Set(found.map(String)).size, found.length);
  const once = { ...config, adaptation: { ...config.adaptation, iterations: 1 } };
  for (const [steps] of candidates(once, space, 50)) assert.doesNotMatch(steps, /=0/);
});

Deno.test("candidates() of every strategy and preset are settings that a configuration takes", () => {
  for (const preset of Object.values(PRESETS)) {
    for (const { search } of Object.values(STRATEGIES)) {
      for (const pretrained of [true, false]) {
        const sets = candidates(preset, search({ pretrained }), 8);
        assert.deepEqual(changeConfig(preset, sets[0]), parseConfig(preset, preset.preset));
        for (const set of sets) changeConfig(preset, set);
      }
    }
  }
});

Deno.test("candidates() refuse a space that no sequence is known for", () => {
  const five = Array(5).fill(space[0]) as unknown as SearchSpace;
  assert.throws(() => candidates(config, five, 2), {
    message: "expected at most 4 settings to search, found 5",
  });
});

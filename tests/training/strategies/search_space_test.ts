import assert from "node:assert/strict";
import type { Config } from "../../../lib/config/config.ts";
import { changeConfig } from "../../../lib/config/resolve.ts";
import { adapt } from "../../../lib/training/adapt.ts";
import { pretrain } from "../../../lib/training/pretrain.ts";
import { searchedSteps, type SearchSpace } from "../../../lib/training/strategies/search_space.ts";
import { STRATEGIES, STRATEGY_NAMES } from "../../../lib/training/strategies/table.ts";
import type { Safetensors } from "../../../lib/training/weights/safetensors.ts";
import { onCpu, TINY, tinySlices, unlabelled } from "../tiny.ts";

const config: Config = {
  ...TINY,
  adaptation: {
    ...{ ...TINY.adaptation, iterations: 2, batch: 2 },
    probe: { learningRate: 0.1, iterations: 2 },
    meanTeacher: { ...TINY.adaptation.meanTeacher, warmup: 0, batch: 2 },
  },
};

Deno.test("a search space compiles only with settings that there are, and not without any", () => {
  // @ts-expect-error: a setting that is none
  searchedSteps("probe.steps");
  // @ts-expect-error: a setting that is no number
  searchedSteps("loss");
  // @ts-expect-error: nothing to search
  const empty: SearchSpace = [];
  assert.ok(empty);
});

/** Weights and labelled pixels that a model segments by. */
function essence({ tensors }: Safetensors): string {
  return JSON.stringify(Object.entries(tensors).map(([name, { values }]) => [name, [...values]]));
}

Deno.test(
  "every setting that a strategy's search varies makes another model of it",
  onCpu(async () => {
    const slices = tinySlices(4);
    const pretrained = await pretrain(unlabelled(slices), config, { steps: 1 });
    for (const strategy of STRATEGY_NAMES) {
      const { pretraining, search } = STRATEGIES[strategy];
      const starts = {
        none: [undefined],
        required: [pretrained],
        optional: [undefined, pretrained],
      };
      for (const start of starts[pretraining]) {
        const model = async (set: string[]) => {
          const options = { strategy, classes: 3, pretrained: start, unlabelled: slices };
          return essence(await adapt(slices, changeConfig(config, set), options));
        };
        const plain = await model([]);
        // The vote of the memory is no weight: it is not told from here.
        const told = search({ pretrained: start !== undefined })
          .filter(({ setting }) => setting !== "inContext.neighbours");
        for (const { setting, whole } of told) {
          const value = whole ? 1 : 0.003;
          assert.notEqual(await model([`adaptation.${setting}=${value}`]), plain, setting);
        }
      }
    }
  }),
);

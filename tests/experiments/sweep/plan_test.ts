import assert from "node:assert/strict";
import { PRESETS } from "../../../lib/config/presets.ts";
import {
  crossedGroups,
  plannedPatients,
  plannedPretrainings,
  plannedRuns,
  plannedStages,
  pretrainingName,
  runFolder,
  runTitle,
  type SweepPlan,
} from "../../../lib/experiments/sweep/plan.ts";

const configs = [PRESETS["pix2rep-small"], PRESETS["pix2rep-bt-small"]];
const plan: SweepPlan = {
  configs,
  groups: crossedGroups(configs, {
    strategies: ["scratch", "probe", "mean-teacher", "finetune"],
    patients: [1, 5],
  }),
  seeds: [0, 3],
};

Deno.test("plannedRuns() plans what needs no pretraining once, and from each what can", () => {
  const runs = plannedRuns(plan);
  assert.equal(runs.length, (1 + 2 + 3 + 2) * 2 * 2);
  const settings = new Set(runs.map(({ pretraining, strategy }) => `${pretraining} ${strategy}`));
  assert.deepEqual([...settings], [
    "none scratch",
    "none mean-teacher",
    "pix2rep probe",
    "pix2rep-bt probe",
    "pix2rep mean-teacher",
    "pix2rep-bt mean-teacher",
    "pix2rep finetune",
    "pix2rep-bt finetune",
  ]);
  for (const { config, seed, pretraining } of runs) {
    assert.equal(config.seed, seed);
    if (pretraining !== "none") assert.equal(pretrainingName(config), pretraining);
  }
});

Deno.test("plannedRuns() gives settings of its own to one strategy from one pretraining", () => {
  const own = { pretraining: "pix2rep-bt", strategy: "finetune" as const };
  const set = ["adaptation.iterations=77", "adaptation.finetune.headLearningRate=0.5"];
  const runs = plannedRuns({ ...plan, tuned: [{ ...own, set }] });
  for (const [i, run] of plannedRuns(plan).entries()) {
    const { adaptation } = run.config;
    const finetune = { ...adaptation.finetune, headLearningRate: 0.5 };
    const tuned = { ...run.config, adaptation: { ...adaptation, iterations: 77, finetune } };
    const isOwn = run.pretraining === own.pretraining && run.strategy === own.strategy;
    assert.deepEqual(runs[i], isOwn ? { ...run, config: tuned } : run);
  }
  const [pretraining] = plannedPretrainings({ ...plan, tuned: [{ ...own, set }] });
  assert.deepEqual(pretraining, configs[0]);
});

Deno.test("plannedStages() puts each pretraining before its first run, and after it its own runs", () => {
  const stages = plannedStages(plan);
  assert.deepEqual(stages.map(({ id }) => id), [...stages.keys()]);
  const seen = new Map<string, number>();
  for (const { id, run, config, after } of stages) {
    if (!run) seen.set(pretrainingName(config), id);
    const own = run && seen.get(run.pretraining);
    assert.deepEqual(after, own === undefined ? [] : [own]);
    assert.equal(own !== undefined, run !== undefined && run.pretraining !== "none");
  }
  assert.deepEqual([...seen.keys()], ["pix2rep", "pix2rep-bt"]);
  const few = plannedStages(plan, ({ pretraining }) => pretraining === "pix2rep-bt");
  assert.ok(
    few.every(({ config, run }) => pretrainingName(run?.config ?? config) === "pix2rep-bt"),
  );
  assert.equal(few.length, 1 + 3 * 2 * 2);
});

Deno.test("runFolder() names each run's folder apart", () => {
  const runs = plannedRuns(plan);
  assert.equal(new Set(runs.map(runFolder)).size, runs.length);
  assert.equal(runFolder(runs[0]), "runs/none-scratch-1-patients-seed-0");
});

Deno.test("runTitle() says what is run", () => {
  const titles = plannedRuns(plan).map(runTitle);
  assert.equal(titles[0], "From scratch, 1 patient, seed 0");
  assert.equal(titles.at(-1), "Fine-tuned, pix2rep-bt, 5 patients, seed 3");
});

Deno.test("plannedPatients() and plannedPretrainings() are what the groups ask for", () => {
  assert.deepEqual(plannedPatients(plan), [1, 5]);
  assert.deepEqual(plannedPretrainings(plan), configs);
  const groups = [
    { pretrainings: ["none"], strategies: ["scratch" as const], patients: [20, 3] },
    { pretrainings: ["pix2rep-bt"], strategies: ["probe" as const], patients: [3] },
  ];
  assert.deepEqual(plannedPatients({ ...plan, groups }), [3, 20]);
  assert.deepEqual(plannedPretrainings({ ...plan, groups }), [configs[1]]);
});

Deno.test("plannedRuns() refuses plans that are empty, repeat themselves or differ in slices", () => {
  const [config] = plan.configs;
  const [coarse, fine] = [{ ...config.grid, size: 64 }, {
    ...config.grid,
    size: 128,
    spacing: 1.5,
  }];
  const [fromRandom, pretrained] = plan.groups;
  const scratch = { ...fromRandom, strategies: ["scratch" as const] };
  const cases: [Partial<SweepPlan>, string][] = [
    [{ configs: [] }, "expected one or more different pretrainings, found none"],
    [
      { configs: [config, PRESETS["pix2rep"]] },
      "expected one or more different pretrainings, found pix2rep, pix2rep; presets that differ in " +
      "their sizes alone belong into sweeps of their own",
    ],
    [{ groups: [] }, "expected one or more different runs, found none"],
    [
      { groups: [{ ...scratch, strategies: [] }] },
      "expected one or more different strategies, found none",
    ],
    [
      { groups: [{ ...scratch, patients: [2, 1, 2] }] },
      "expected one or more different patients, found 2, 1, 2",
    ],
    [
      { seeds: [0], groups: [scratch, { ...scratch, patients: [5] }] },
      "expected one or more different runs, found runs/none-scratch-1-patients-seed-0, " +
      "runs/none-scratch-5-patients-seed-0, runs/none-scratch-5-patients-seed-0",
    ],
    [
      { groups: [{ ...scratch, strategies: ["probe"] }] },
      "expected one of scratch, mean-teacher, weak-to-strong for the pretraining none, found probe",
    ],
    [
      { groups: [{ ...pretrained, pretrainings: ["simclr"] }] },
      "expected a pretraining of none, pix2rep, pix2rep-bt, found simclr",
    ],
    [{ seeds: [4, 4] }, "expected one or more different seeds, found 4, 4"],
    [
      { configs: plan.configs.map((config, i) => ({ ...config, grid: i ? fine : coarse })) },
      "expected one grid, found 64 px of 2.5 mm and 128 px of 1.5 mm",
    ],
    [
      {
        configs: plan.configs.map((config, i) => ({
          ...config,
          inference: { ...config.inference, window: i ? "sliding" : "centre" },
        })),
      },
      "expected one inference.window, found centre and sliding",
    ],
    [
      {
        configs: plan.configs.map((config, i) => ({
          ...config,
          inference: { ...config.inference, largestComponent: i > 0 },
        })),
      },
      "expected one inference.largestComponent, found false and true",
    ],
    [
      { tuned: [{ pretraining: "none", strategy: "finetune", set: [] }] },
      "expected settings of a strategy that the plan runs, found finetune from none",
    ],
    [
      { tuned: [{ pretraining: "none", strategy: "scratch", set: ["inference.fillHoles=true"] }] },
      "expected settings of adaptation for one strategy alone, found inference.fillHoles=true",
    ],
  ];
  for (const [part, message] of cases) {
    assert.throws(() => plannedRuns({ ...plan, ...part }), {
      name: "RangeError",
      message,
    });
  }
});

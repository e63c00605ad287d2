import type { Mistakes } from "./mistake.ts";

/** Mistakes in sweeps, statistics and reports. */
export const EXPERIMENTS: readonly Mistakes[] = [
  {
    file: "lib/experiments/cross_validation.ts",
    tests: ["tests/experiments/cross_validation_test.ts"],
    mistakes: [
      {
        what: "a fold learns from whom it holds out",
        text: "const learned = scans.filter(({ patient }) => !held.has(patient));",
        instead: "const learned = scans;",
      },
      {
        what: "held-out scans are cut about their reference masks",
        text: "loadCohort(dataset, split.test, { grid, labelled: true, window, onScan })",
        instead:
          'loadCohort(dataset, split.test, { grid, labelled: true, window: "labels", onScan })',
      },
      {
        what: "a teacher sees the scans that are held out",
        text: "await loadSlices(dataset, split.pool,",
        instead: "await loadSlices(dataset, [...split.pool, ...split.test],",
      },
    ],
  },
  {
    file: "lib/experiments/sweep/sweep_data.ts",
    tests: ["tests/experiments/sweep/sweep_data_test.ts"],
    mistakes: [
      {
        what: "test scans are cut about their reference masks",
        text: "loadCohort(dataset, test, { grid, labelled: true, window, onScan })",
        instead: 'loadCohort(dataset, test, { grid, labelled: true, window: "labels", onScan })',
      },
      {
        what: "labelled scans are cut about their centre",
        text: '      window: "labels",\n',
        instead: "",
      },
      {
        what: "every seed draws the first seed's patients",
        text: "splitPatients(dataset, { seed, sizes })",
        instead: "splitPatients(dataset, { seed: plan.seeds[0], sizes })",
      },
      {
        what: "every seed is trained on the first seed's patients",
        text: "const subset = splits.get(seed)!.subsets[patients];",
        instead: "const subset = [...splits.values()][0].subsets[patients];",
      },
    ],
  },
  {
    file: "lib/experiments/statistics.ts",
    tests: ["tests/experiments/statistics_test.ts"],
    mistakes: [
      {
        what: "p is one-sided",
        text: "Math.min(1, 2 * tail / 2 ** n)",
        instead: "Math.min(1, tail / 2 ** n)",
      },
      {
        what: "ties are not corrected for",
        text: "(2 * n + 1) / 24 - tied / 48",
        instead: "(2 * n + 1) / 24",
      },
      {
        what: "Holm's factors begin too low",
        text: "(ps.length - rank) * ps[i]",
        instead: "(ps.length - rank - 1) * ps[i]",
      },
      {
        what: "corrected p-values may fall",
        text: "least = Math.max(least, Math.min(1,",
        instead: "least = Math.max(0, Math.min(1,",
      },
      {
        what: "equal magnitudes have the rank of the first",
        text: "(first + end + 1) / 2",
        instead: "(first + 1)",
      },
    ],
  },
  {
    file: "lib/experiments/patient_dice.ts",
    tests: ["tests/experiments/patient_dice_test.ts"],
    mistakes: [
      {
        what: "seeds that one side lacks count on the other",
        text: "commonSeeds(runs, scratch.runs).map(patientDice)",
        instead: "[runs, scratch.runs].map(patientDice)",
      },
      {
        what: "scratch of another number of patients is compared",
        text: "other.patients === patients",
        instead: "other.patients !== patients",
      },
      {
        what: "p-values are not corrected",
        text: "p: adjusted[i]",
        instead: "p: comparison.p",
      },
    ],
  },
  {
    file: "lib/experiments/sweep/plan.ts",
    tests: ["tests/experiments/sweep/plan_test.ts"],
    mistakes: [
      {
        what: "every run has the configuration's own seed",
        text: "config: { ...config, seed } }",
        instead: "config: { ...config } }",
      },
      {
        what: "runs need every pretraining before them",
        text: "const after = [pretrainings.get(pretraining) ?? []].flat();",
        instead: "const after = [...pretrainings.values()];",
      },
    ],
  },
  {
    file: "lib/experiments/tuning/inner_split.ts",
    tests: ["tests/experiments/tuning/inner_split_test.ts"],
    mistakes: [
      {
        what: "a search knows the test patients",
        text: "const inPool = dataset.patients.filter(({ id }) => pool.includes(id));",
        instead: "const inPool = dataset.patients;",
      },
      {
        what: "tries are measured on patients whom runs of as few adapt to",
        text: "isLabelled(one) && !few.has(one.id)",
        instead: "isLabelled(one)",
      },
      {
        what: "patients whom larger runs adapt to are measured on before others",
        text: "sizes: [size], last }",
        instead: "sizes: [size] }",
      },
    ],
  },
  {
    file: "lib/experiments/tuning/candidates.ts",
    tests: ["tests/experiments/tuning/candidates_test.ts"],
    mistakes: [
      {
        what: "the first try has not the plan's settings",
        text: "n === 0 ? own : varied(",
        instead: "n < 0 ? own : varied(",
      },
      {
        what: "all settings of a try have the same place between their bounds",
        text: "radicalInverse(n, BASES[i])",
        instead: "radicalInverse(n, BASES[0])",
      },
    ],
  },
  {
    file: "lib/experiments/tuning/tuning.ts",
    tests: [
      "tests/experiments/tuning/tune_sweep_test.ts",
      "tests/reports/sections/sweep/tuning_section_test.ts",
    ],
    mistakes: [
      {
        what: "a try without a Dice of every model has a mean",
        text: "known ? meanOfKnown",
        instead: "models.length > 0 ? meanOfKnown",
      },
      {
        what: "the worst try is chosen",
        text: "means.indexOf(Math.max(...means))",
        instead: "means.indexOf(Math.min(...means))",
      },
    ],
  },
  {
    file: "lib/experiments/result.ts",
    tests: ["tests/experiments/result_test.ts"],
    mistakes: [
      {
        what: "a setting without Dice counts as 0",
        text: "runs.map((run) => run.dice.mean).filter((value) => value !== null)",
        instead: "runs.map((run) => run.dice.mean ?? 0)",
      },
      {
        what: "more patients come first",
        text: "a.patients - b.patients",
        instead: "b.patients - a.patients",
      },
    ],
  },
  {
    file: "lib/experiments/known_runs.ts",
    tests: ["tests/experiments/known_runs_test.ts", "tests/experiments/sweep/sweep_test.ts"],
    mistakes: [
      {
        what: "known runs of other settings are taken over",
        text: "rows.has(folder) && same(config, before.get(folder))",
        instead: "rows.has(folder)",
      },
    ],
  },
  {
    file: "lib/experiments/cluster/shell_word.ts",
    tests: ["tests/experiments/cluster/shell_word_test.ts"],
    mistakes: [
      {
        what: "words are not quoted",
        text: "return `'${word.replaceAll(\"'\", `'\\\\''`)}'`;",
        instead: "return word;",
      },
    ],
  },
  {
    file: "lib/experiments/cluster/shell_word.ts",
    tests: ["tests/experiments/cluster/slurm_test.ts"],
    mistakes: [
      {
        what: "quotes within a word end it",
        text: "word.replaceAll(\"'\", `'\\\\''`)",
        instead: "word",
      },
    ],
  },
  {
    file: "lib/experiments/cluster/slurm.ts",
    tests: ["tests/experiments/cluster/slurm_test.ts"],
    mistakes: [
      {
        what: "ranges lack their last number",
        text: "range[1] = number;",
        instead: "range[1] = number - 1;",
      },
      {
        what: "runs are requeued without end",
        text: "-lt ${MOST_RESTARTS} ]",
        instead: "-ge 0 ]",
      },
    ],
  },
  {
    file: "lib/reports/sections/sweep/results_table.ts",
    tests: ["tests/reports/sections/sweep/results_table_test.ts"],
    mistakes: [
      {
        what: "the gain has the wrong sign",
        text: "signed(entry.dice_mean - scratch.dice_mean)",
        instead: "signed(scratch.dice_mean - entry.dice_mean)",
      },
      {
        what: "the best is of all numbers of patients",
        text: ".filter(({ patients }) => patients === entry.patients);\n  return rivals",
        instead: ";\n  return rivals",
      },
      {
        what: "misses are those of one seed",
        text: "runs.reduce((sum, run) => sum + run.missed, 0)",
        instead: "runs[0].missed",
      },
      {
        what: "p has a star too many",
        text: "[0.05, 0.01, 0.001]",
        instead: "[0.1, 0.05, 0.01]",
      },
    ],
  },
  {
    file: "lib/reports/sections/sweep/finding.ts",
    tests: ["tests/reports/sections/sweep/finding_test.ts"],
    mistakes: [
      {
        what: "the finding is of the most patients",
        text: ".toSorted((a, b) => a.patients - b.patients)",
        instead: ".toSorted((a, b) => b.patients - a.patients)",
      },
      {
        what: "a loss is told as no difference",
        text: "if (high < 0) return",
        instead: "if (high < -1) return",
      },
      {
        what: "any gain is sure",
        text: "interval.low > 0",
        instead: "interval.high > 0",
      },
      {
        what: "the choice among pretrainings goes uncorrected",
        text: "1 - ALPHA / candidates.length",
        instead: "1 - ALPHA",
      },
    ],
  },
  {
    file: "lib/experiments/difference_interval.ts",
    tests: ["tests/experiments/difference_interval_test.ts"],
    mistakes: [
      {
        what: "an interval has one tail",
        text: "[(1 - level) / 2, (1 + level) / 2]",
        instead: "[1 - level, level]",
      },
    ],
  },
  {
    file: "lib/experiments/resample.ts",
    tests: ["tests/experiments/difference_interval_test.ts"],
    mistakes: [
      {
        what: "seeds are not drawn anew",
        text: "statistic(drawn(seeds), tested)",
        instead: "statistic([...Array(seeds).keys()], tested)",
      },
      {
        what: "patients are not drawn anew",
        text: "const tested = drawn(patients);",
        instead: "const tested = [...Array(patients).keys()];",
      },
    ],
  },
  {
    file: "lib/experiments/labels_needed.ts",
    tests: ["tests/experiments/labels_needed_test.ts"],
    mistakes: [
      {
        what: "the curve is straight over the number of patients",
        text: "before.patients * (after.patients / before.patients) ** share",
        instead: "before.patients + (after.patients - before.patients) * share",
      },
      {
        what: "a curve that stays below is taken for its end",
        text: "at < 0 ? Infinity : curve[0].patients",
        instead: "at < 0 ? curve.at(-1)!.patients : curve[0].patients",
      },
      {
        what: "runs of seeds that others lack count",
        text: "sides.every((runs) => runs.some(",
        instead: "sides.some((runs) => runs.some(",
      },
    ],
  },
  {
    file: "lib/reports/figures.ts",
    tests: ["tests/reports/figures_test.ts"],
    mistakes: [
      {
        what: "error bars are of other settings",
        text: "array: entries.map((entry) => entry.dice_sd)",
        instead: "array: result.summary.map((entry) => entry.dice_sd)",
      },
    ],
  },
  {
    file: "lib/reports/ranked_cases.ts",
    tests: ["tests/reports/ranked_cases_test.ts"],
    mistakes: [
      {
        what: "the worst cases are the best",
        text: ".sort((a, b) => a.dice - b.dice)",
        instead: ".sort((a, b) => b.dice - a.dice)",
      },
    ],
  },
];

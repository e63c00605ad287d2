/** `deno task finetune`: adapts a model to a few labelled patients. */
import { type CohortScan, labelledShare, loadCohort, loadSlices } from "../lib/data/cohort.ts";
import type { SliceGrid } from "../lib/data/preprocess.ts";
import { stackSlices } from "../lib/data/slices.ts";
import { changeConfig } from "../lib/config/resolve.ts";
import { adapt, adaptationLength, pretrainingNeed, STRATEGIES } from "../lib/training/adapt.ts";
import { expectNoRun, keepCheckpoint, openRun } from "../lib/training/run_folder.ts";
import { main, oneOf, usage, UsageError } from "./support/command.ts";
import {
  BACKEND_OPTION,
  configOf,
  DATA_OPTIONS,
  datasetOf,
  PRESET_OPTION,
  SEED_OPTION,
  SET_OPTION,
  SPLIT_OPTION,
  splitOf,
  startBackend,
} from "./support/options.ts";
import { showRun } from "./support/run.ts";

/** Less of a scan's labels than this within the grid is worth a warning. */
const ENOUGH = 0.75;

await main({
  name: "finetune",
  summary: "Adapts a model to the masks of a few patients: from scratch, by a linear probe, by\n" +
    "fine-tuning, with a Mean Teacher on all training patients, or in context, without training.",
  options: {
    ...DATA_OPTIONS,
    pretrained: { value: "RUN", help: "the folder of a pretraining; not for scratch" },
    strategy: { value: "NAME", help: STRATEGIES.join(", "), default: "finetune" },
    patients: { value: "N", help: "how many labelled patients to train on", default: "1" },
    ...SPLIT_OPTION,
    ...SEED_OPTION,
    ...PRESET_OPTION,
    ...SET_OPTION,
    out: { value: "DIR", help: "the run's folder", default: "runs/finetune" },
    ...BACKEND_OPTION,
  },
  examples: [
    ["--pretrained runs/pretrain --patients 1", "one labelled patient of the phantom cohort"],
    ["--data ../acdc --pretrained runs/acdc --patients 5 --seed 2", "five of your patients"],
    ["--strategy scratch --out runs/scratch", "the baseline without pretraining"],
    ["--strategy mean-teacher --pretrained runs/pretrain", "with the slices of all patients"],
  ],
  run: async (values, signal) => {
    const out = values.text("out");
    const strategy = oneOf(values.text("strategy"), "strategy", STRATEGIES);
    const folder = values.optional("pretrained");
    const need = pretrainingNeed(strategy);
    if (folder === undefined ? need === "required" : need === "none") {
      throw new UsageError(
        need === "none"
          ? `--strategy ${strategy} takes no --pretrained`
          : `--strategy ${strategy}: expected --pretrained RUN, the folder of a pretraining`,
      );
    }
    if (folder !== undefined && values.given("preset")) {
      throw new UsageError("--pretrained has a configuration of its own: leave out --preset");
    }
    const patients = values.count("patients", 1)!;
    await expectNoRun(out);
    const earlier = folder === undefined ? undefined : await openRun(folder);
    const seed = values.count("seed")!;
    const config = earlier
      ? usage(() => changeConfig({ ...earlier.config, seed }, values.list("set")))
      : configOf(values);
    const { backend, deno } = await startBackend(values);
    const dataset = await datasetOf(values);
    const split = await splitOf(values.optional("split"), dataset, { seed, sizes: [patients] });
    const { grid, pretraining: { cineFrames } } = config;
    const onScan = () => signal.throwIfAborted();
    const options = { grid, labelled: true, window: "labels", onScan } as const;
    const scans = await loadCohort(dataset, split.subsets[patients], options);
    const slices = stackSlices(scans.map(({ slices }) => slices));
    console.log(`${slices.count} labelled slices of ${split.subsets[patients].join(", ")}`);
    warnOfCutLabels(scans, grid);
    const unlabelled = strategy === "mean-teacher"
      ? await loadSlices(dataset, split.pool, { grid, labelled: false, cineFrames, onScan })
      : undefined;
    if (unlabelled) {
      console.log(`${unlabelled.count} unlabelled slices of ${split.pool.length} patients`);
    }
    const { steps, batch } = adaptationLength(strategy, config.adaptation);
    const description = {
      kind: strategy,
      dataset: dataset.name,
      structures: dataset.structures,
      steps,
      backend,
      deno,
    };
    await showRun(out, { config, description, split, batch }, async (onSteps) => {
      const checkpoint = await adapt(slices, config, {
        strategy,
        classes: dataset.structures.length + 1,
        pretrained: earlier?.checkpoint,
        unlabelled,
        onSteps,
        signal,
      });
      await keepCheckpoint(out, checkpoint);
    });
    console.log(`next: deno task evaluate --data ${values.text("data")} --model ${out}`);
  },
});

/** A patient whose structures lie outside the grid has little to teach. */
function warnOfCutLabels(scans: readonly CohortScan[], { size, spacing }: SliceGrid): void {
  for (const scan of scans) {
    const share = labelledShare(scan);
    if (share >= ENOUGH) continue;
    console.warn(
      `${scan.image}: ${
        Math.round(100 * share)
      } % of the labelled volume fits into ${size} × ${size} pixels of ${spacing} mm; ` +
        "choose other labelled patients or a larger grid",
    );
  }
}

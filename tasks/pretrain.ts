/** `deno task pretrain`: trains a backbone on unlabelled volumes. */
import { loadCohort } from "../lib/data/cohort.ts";
import { stackSlices } from "../lib/data/slices.ts";
import { splitPatients, writeSplit } from "../lib/data/splits.ts";
import { pretrain, pretrainingSteps } from "../lib/training/pretrain.ts";
import { expectNoRun, keepCheckpoint, openRun } from "../lib/training/run_folder.ts";
import { main } from "./support/command.ts";
import {
  BACKEND_OPTION,
  configOf,
  DATA_OPTIONS,
  datasetOf,
  PRESET_OPTION,
  SEED_OPTION,
  SET_OPTION,
  startBackend,
} from "./support/options.ts";
import { progress } from "./support/progress.ts";
import { showRun } from "./support/run.ts";

await main({
  name: "pretrain",
  summary: "Pretrains a backbone on the slices of all training patients; no mask is read.",
  options: {
    ...DATA_OPTIONS,
    ...PRESET_OPTION,
    ...SET_OPTION,
    ...SEED_OPTION,
    epochs: { value: "N", help: "passes over the slices, instead of the preset's" },
    steps: { value: "N", help: "steps, instead of epochs" },
    out: { value: "DIR", help: "the run's folder", default: "runs/pretrain" },
    resume: { value: "", help: "goes on with the run in --out, with its own configuration" },
    ...BACKEND_OPTION,
  },
  examples: [
    ["", "on the built-in phantom cohort"],
    ["--data ../acdc --preset pix2rep-bt-small --out runs/bt", "on your data, with Barlow Twins"],
    ["--data ../acdc --out runs/bt --resume", "goes on after an interruption"],
  ],
  run: async (values, signal) => {
    const out = values.text("out");
    const earlier = values.flag("resume") ? await openRun(out) : undefined;
    if (!earlier) await expectNoRun(out);
    const epochs = values.count("epochs", 1);
    const asked = earlier?.config ?? configOf(values);
    const config = epochs ? { ...asked, pretraining: { ...asked.pretraining, epochs } } : asked;
    const { backend, deno } = await startBackend(values);
    const dataset = await datasetOf(values);
    const split = splitPatients(dataset, { seed: config.seed });
    const display = progress();
    const scans = await loadCohort(dataset, split.pool, {
      grid: config.grid,
      labelled: false,
      onScan: (done, total) => display.update(done / total, `reading ${done} of ${total} scans`),
    });
    display.end();
    const slices = stackSlices(scans.map(({ slices }) => slices));
    console.log(`${slices.count} slices of ${split.pool.length} patients of ${dataset.name}`);
    const steps = values.count("steps", 1) ?? earlier?.info.steps ??
      pretrainingSteps(slices.count, config.pretraining);
    const from = earlier &&
      { step: Number(earlier.checkpoint.metadata.step), seconds: earlier.info.seconds };
    const description = {
      kind: "pretrain",
      dataset: dataset.name,
      structures: [],
      steps,
      backend,
      deno,
    };
    const batch = config.pretraining.batch;
    await showRun(out, { config, description, batch, earlier: from }, async (onSteps) => {
      await writeSplit(`${out}/split.json`, split);
      return await pretrain(slices, config, {
        steps,
        resume: earlier?.checkpoint,
        onSteps,
        save: (checkpoint) => keepCheckpoint(out, checkpoint),
        signal,
      });
    });
    console.log(`next: deno task finetune --data ${values.text("data")} --pretrained ${out}`);
  },
});

/** `deno task pretrain`: trains a backbone on unlabelled volumes. */
import type { Config } from "../lib/config/config.ts";
import { join } from "node:path";
import { loadSlices } from "../lib/data/cohort.ts";
import { pretrain, pretrainingSteps } from "../lib/training/pretrain.ts";
import { expectNoRun, keepCheckpoint, openRun, type Run } from "../lib/training/run_folder.ts";
import { main, UsageError, type Values } from "./support/command.ts";
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
import { showForecast } from "./support/forecast.ts";
import { progress } from "./support/progress.ts";
import { showRun } from "./support/run.ts";

await main({
  name: "pretrain",
  summary:
    "Pretrains a backbone on the slices of all training patients. No mask is read, but for\n" +
    "--probe.",
  options: {
    ...DATA_OPTIONS,
    ...PRESET_OPTION,
    ...SET_OPTION,
    ...SEED_OPTION,
    epochs: { value: "N", help: "passes over the slices, instead of the preset's" },
    steps: { value: "N", help: "steps, instead of epochs" },
    ...SPLIT_OPTION,
    out: { value: "DIR", help: "the run's folder", default: "runs/pretrain" },
    probe: {
      value: "N",
      help: "reads the masks of N training patients to measure features by, not to train on",
    },
    "dry-run": {
      value: "",
      help: "tells how much memory and time it would take, and writes nothing",
    },
    resume: { value: "", help: "goes on with the run in --out, with its own configuration" },
    ...BACKEND_OPTION,
  },
  examples: [
    ["", "on the built-in phantom cohort"],
    ["--data ../acdc --preset pix2rep-bt-small --out runs/bt", "on your data, with Barlow Twins"],
    ["--data ../acdc --preset pix2rep --dry-run", "how long would the published sizes take here?"],
    ["--data ../acdc --out runs/bt --resume", "goes on after an interruption"],
  ],
  goOn: "--resume goes on from its last checkpoint",
  run: async (values, signal) => {
    const out = values.text("out");
    if (values.given("epochs") && values.given("steps")) {
      throw new UsageError("expected --epochs or --steps, found both");
    }
    const asked = values.count("steps", 1);
    const earlier = values.given("resume") ? await earlierRun(values) : undefined;
    if (!earlier) await expectNoRun(out);
    const config = earlier?.config ?? newConfig(values);
    const manifest = values.given("split") ? ` --split ${values.text("split")}` : "";
    const next = `next: deno task finetune --data ${
      values.text("data")
    } --pretrained ${out}${manifest}`;
    if (earlier?.info.status === "done" && (asked ?? 0) <= earlier.info.steps) {
      console.log(`${out}: all ${earlier.info.steps} steps are taken already\n${next}`);
      return;
    }
    const labelled = values.count("probe", 1);
    if (labelled && config.pretraining.qualityEvery === 0) {
      throw new UsageError(
        "--probe: expected pretraining.qualityEvery above 0, found 0; " +
          "add --set pretraining.qualityEvery=200",
      );
    }
    const { backend, deno } = await startBackend(values);
    const dataset = await datasetOf(values);
    const { seed, grid, pretraining: { cineFrames } } = config;
    const splitFile = earlier ? join(out, "split.json") : values.optional("split");
    const split = await splitOf(splitFile, dataset, { seed });
    const probed = labelled
      ? (await splitOf(splitFile, dataset, { seed, sizes: [labelled] })).subsets[labelled]
      : [];
    const display = progress();
    const read = async (patients: string[], labelled: boolean) => {
      const slices = await loadSlices(dataset, patients, {
        grid,
        labelled,
        cineFrames: labelled ? 0 : cineFrames,
        onScan: (done, total) => {
          display.update(done / total, `reading ${done} of ${total} scans`);
          signal.throwIfAborted();
        },
      });
      display.end();
      return slices;
    };
    const slices = await read(split.pool, false);
    console.log(`${slices.count} slices of ${split.pool.length} patients of ${dataset.name}`);
    const probe = probed.length
      ? { slices: await read(probed, true), classes: dataset.structures.length + 1 }
      : undefined;
    if (probe) {
      console.log(`${probe.slices.count} labelled slices of ${probed.join(", ")} to probe`);
    }
    const steps = asked ?? earlier?.info.steps ??
      pretrainingSteps(slices.count, config.pretraining);
    // A GPU's memory is small, and what it takes shows before it runs out.
    if (values.given("dry-run") || backend === "webgpu") {
      await showForecast(slices, config, { steps, backend });
    }
    if (values.given("dry-run")) return;
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
    const { batch } = config.pretraining;
    await showRun(
      out,
      { config, description, split, batch, earlier: from },
      (onSteps, onQuality) =>
        pretrain(slices, config, {
          steps,
          resume: earlier?.checkpoint,
          onSteps,
          onQuality,
          onCollapse: (warning) => {
            display.end();
            console.warn(warning);
          },
          probe,
          save: (checkpoint) => keepCheckpoint(out, checkpoint),
          signal,
        }),
    );
    console.log(next);
  },
});

/** The configuration of a run that begins. */
function newConfig(values: Values): Config {
  const config = configOf(values);
  const epochs = values.count("epochs", 1) ?? config.pretraining.epochs;
  return { ...config, pretraining: { ...config.pretraining, epochs } };
}

/** The run to go on with. */
async function earlierRun(values: Values): Promise<Run> {
  const fixed = ["preset", "set", "seed", "split", "epochs"].find(values.given);
  if (fixed) {
    throw new UsageError(
      `--resume goes on with the run's own configuration: leave out --${fixed}`,
    );
  }
  const out = values.text("out");
  const run = await openRun(out);
  if (run.info.kind !== "pretrain") {
    throw new TypeError(`${out}: expected a pretraining to go on with, found ${run.info.kind}`);
  }
  return run;
}

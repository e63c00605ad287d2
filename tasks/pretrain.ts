/** `deno task pretrain`: trains a backbone on unlabelled volumes. */
import { join } from "node:path";
import type { Config } from "../lib/config/config.ts";
import { type CohortScan, loadSlices, readCohort, sliceNames } from "../lib/data/slices/cohort.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { wideGridWarning } from "../lib/data/slices/grid_warnings.ts";
import { cohortWarnings } from "../lib/data/datasets/scan_warnings.ts";
import { gatherSlices, type SliceSource } from "../lib/data/slices/slice_source.ts";
import { pretrainingSteps } from "../lib/training/pretrain.ts";
import type { Probe } from "../lib/training/quality.ts";
import { makePretraining } from "../lib/runs/make_run.ts";
import { expectNoRun, type Run } from "../lib/runs/run_folder.ts";
import type { SinkName } from "../lib/runs/sinks/run_sink.ts";
import { main, UsageError, type Values } from "./support/command.ts";
import {
  BACKEND_OPTION,
  configOf,
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  dryRunOption,
  LOG_OPTION,
  logOf,
  outOption,
  PRESET_OPTION,
  PROTOCOL_OPTION,
  PSEUDONYMS_OPTION,
  SAVE_OPTION,
  SEED_OPTION,
  SET_OPTION,
  SPLIT_OPTION,
  splitOf,
  startBackend,
} from "./support/options.ts";
import { forecastOutcome } from "./support/forecast.ts";
import { commandLine, type Outcome } from "./support/outcome.ts";
import { howToGoOn, RESUME_OPTION, resumedRun } from "./support/resume.ts";
import { runFiles, showRun } from "./support/run.ts";
import type { Voice } from "./support/voice.ts";

await main({
  name: "pretrain",
  summary:
    "Pretrains a backbone on the slices of all training patients. No mask is read, but for --probe and --protocol.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    ...PRESET_OPTION,
    ...PROTOCOL_OPTION,
    ...SET_OPTION,
    ...SEED_OPTION,
    epochs: { value: "N", help: "passes over the slices, instead of the preset's" },
    steps: { value: "N", help: "steps, instead of epochs" },
    ...SPLIT_OPTION,
    ...outOption("pretrain", "the run's folder"),
    probe: {
      value: "N",
      help: "reads the masks of N training patients to measure features by, not to train on",
    },
    ...LOG_OPTION,
    ...dryRunOption("how much memory and time it would take"),
    ...SAVE_OPTION,
    ...RESUME_OPTION,
    ...BACKEND_OPTION,
  },
  examples: [
    ["", "on the built-in phantom cohort"],
    ["--data ../acdc --preset pix2rep-bt-small --out runs/bt", "on your data, with Barlow Twins"],
    ["--data ../mri --set grid.spacing=1 --out runs/mri", "on a grid that suits your scans"],
    ["--data ../acdc --preset pix2rep --dry-run", "how long would the published sizes take here?"],
    ["--data ../acdc --out runs/bt --resume", "goes on after an interruption"],
    ["--data ../acdc --out runs/bt --log tensorboard", "to watch in TensorBoard"],
  ],
  goOn: (values) => howToGoOn("pretrain", values),
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const asked = stepsOf(values);
    const earlier = values.given("resume") ? await earlierRun(values, voice) : undefined;
    if (!earlier) await expectNoRun(out);
    const config = earlier?.config ?? newConfig(values);
    const log = earlier ? earlier.info.log : logOf(values);
    const probed = earlier ? earlier.info.probe : values.count("probe", 1);
    expectMeasurements(probed, config);
    const end = outcome(values, log);
    if (earlier?.info.status === "done" && (asked ?? 0) <= earlier.info.steps) {
      voice.note(`${out}: all ${earlier.info.steps} steps are taken already`);
      return end;
    }
    const { backend, deno } = await startBackend(values, voice);
    const dataset = await datasetOf(values, { config, info: earlier?.info });
    const splitFile = earlier ? join(out, "split.json") : values.optional("split");
    const split = await splitOf(splitFile, dataset, { seed: config.seed });
    const read = { dataset, config, signal, voice };
    // A dry run writes nothing.
    const dir = values.given("dry-run") ? undefined : out;
    const { slices, nameOf } = await readUnlabelled(split.pool, { ...read, dir });
    const steps = asked ?? earlier?.info.steps ??
      pretrainingSteps(slices.count, config.pretraining);
    // A GPU's memory is small, and what it takes shows before it runs out.
    if (values.given("dry-run") || backend === "webgpu") {
      const forecast = await forecastOutcome(slices, config, { steps, backend });
      if (values.given("dry-run")) return forecast;
      voice.note(forecast.text);
    }
    const probe = await readProbe(probed, splitFile, read);
    const { batch } = config.pretraining;
    await showRun({ config, batch, backend, voice }, (onSteps) =>
      makePretraining(out, slices, {
        ...{ dataset, split, config, environment: { backend, deno }, log, earlier },
        ...{ steps, nameOf, probe, onSteps, onWarning: voice.warn, signal },
        saveEvery: values.count("save-every"),
      }));
    return end;
  },
});

/** What a run leaves, and what follows. */
function outcome(values: Values, log?: SinkName[]): Outcome {
  const out = values.text("out");
  const split = values.given("split") ? ["--split", values.text("split")] : [];
  return {
    json: { out },
    written: runFiles(out, log),
    next: {
      purpose: "adapt it to a few labelled patients",
      command: commandLine("finetune", [...dataArguments(values), "--pretrained", out, ...split]),
    },
  };
}

/** How many steps were asked for, where not as many as epochs take. */
function stepsOf(values: Values): number | undefined {
  if (!(values.given("epochs") && values.given("steps"))) return values.count("steps", 1);
  throw new UsageError("expected --epochs or --steps, found both");
}

/** The configuration of a run that begins. */
function newConfig(values: Values): Config {
  const config = configOf(values);
  const epochs = values.count("epochs", 1) ?? config.pretraining.epochs;
  return { ...config, pretraining: { ...config.pretraining, epochs } };
}

/** The run to go on with. */
async function earlierRun(values: Values, voice: Voice): Promise<Run> {
  const fixed = ["preset", "protocol", "set", "seed", "split", "epochs", "probe", "log"];
  return await resumedRun(values, { fixed, kinds: ["pretrain"], voice });
}

function expectMeasurements(probed: number | undefined, { pretraining }: Config): void {
  if (probed === undefined || pretraining.qualityEvery > 0) return;
  throw new UsageError(
    "--probe: expected pretraining.qualityEvery above 0, found 0; " +
      "add --set pretraining.qualityEvery=200",
  );
}

/** How patients are read. */
interface Reading {
  dataset: Dataset;
  config: Config;
  signal: AbortSignal;
  voice: Voice;
}

/** The slices of some patients and of their cines, one scan after the other. */
async function readUnlabelled(
  patients: readonly string[],
  { dataset, config: { grid, pretraining: { cineFrames } }, dir, ...reading }: Reading & {
    dir?: string;
  },
): Promise<{ slices: SliceSource; nameOf: (position: number) => string }> {
  const scans: CohortScan[] = [];
  const cohort = readCohort(dataset, patients, {
    ...{ grid, cineFrames, labelled: false, onScan: scanProgress(reading) },
  });
  const volumes = async function* () {
    for await (const scan of cohort) {
      scans.push({ ...scan, slices: { ...scan.slices, images: new Float32Array() } });
      yield scan.slices;
    }
  };
  const slices = await gatherSlices(volumes(), { dir });
  [...cohortWarnings(scans), ...wideGridWarning(scans, grid)].forEach(reading.voice.warn);
  reading.voice.note(`${slices.count} slices of ${patients.length} patients of ${dataset.name}`);
  return { slices, nameOf: sliceNames(scans) };
}

/** The labelled slices of so many patients to measure on, if any. */
async function readProbe(
  probed: number | undefined,
  splitFile: string | undefined,
  { dataset, config: { grid, seed }, ...reading }: Reading,
): Promise<Probe & { patients: number } | undefined> {
  if (probed === undefined) return undefined;
  const { subsets } = await splitOf(splitFile, dataset, { seed, sizes: [probed] });
  const patients = subsets[probed];
  const onScan = scanProgress(reading);
  const slices = await loadSlices(dataset, patients, { grid, labelled: true, onScan });
  reading.voice.note(`${slices.count} labelled slices of ${patients.join(", ")} to probe`);
  return { slices, classes: dataset.structures.length + 1, patients: probed };
}

/** Shows how many scans are read, and ends the reading where it is interrupted. */
function scanProgress(
  { signal, voice }: Pick<Reading, "signal" | "voice">,
): (done: number, total: number) => void {
  const display = voice.progress();
  return (done, total) => {
    display.update(done / total, { doing: `reading ${done} of ${total} scans` });
    signal.throwIfAborted();
  };
}

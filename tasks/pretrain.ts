/** `deno task pretrain`: trains a backbone on unlabelled volumes. */
import { join } from "node:path";
import type { Config } from "../lib/config/config.ts";
import { type CohortScan, loadSlices, readCohort, sliceNames } from "../lib/data/slices/cohort.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { wideGridWarning } from "../lib/data/slices/grid_warnings.ts";
import { cohortWarnings } from "../lib/data/datasets/check/scan_warnings.ts";
import { gatherSlices, type SliceSource } from "../lib/data/slices/slice_source.ts";
import type { Split } from "../lib/data/datasets/splits.ts";
import type { Plan } from "../lib/plan/plan.ts";
import { fitPretraining, type Pace, pretrainingPace } from "../lib/training/fit_time.ts";
import { pretrainingSteps } from "../lib/training/pretrain.ts";
import type { Probe } from "../lib/training/quality.ts";
import { makePretraining } from "../lib/runs/make_run.ts";
import { expectNoRun, type Run } from "../lib/runs/run_folder.ts";
import type { SinkName } from "../lib/runs/sinks/run_sink.ts";
import { type Command, main, UsageError, type Values } from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  configOf,
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  dryRunOption,
  type Environment,
  LOG_OPTION,
  logOf,
  MINUTES_OPTION,
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
} from "./support/command/options.ts";
import { forecastOutcome } from "./support/training/forecast.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import { planOf, secondsLeft, tellMeasuring, tellSteps } from "./support/training/plan.ts";
import { howToGoOn, RESUME_OPTION, resumedRun } from "./support/training/resume.ts";
import { runFiles, showRun } from "./support/training/run.ts";
import type { Voice } from "./support/command/voice.ts";

/** The task. */
export const pretrain: Command = {
  name: "pretrain",
  summary:
    "Pretrains a backbone on the slices of all training patients. It learns from no mask: a plan looks at where a few outlines lie, and --probe measures by some.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    ...PRESET_OPTION,
    ...PROTOCOL_OPTION,
    ...SET_OPTION,
    ...SEED_OPTION,
    epochs: { value: "N", help: "passes over the slices, instead of the preset's" },
    steps: { value: "N", help: "steps, instead of epochs" },
    ...MINUTES_OPTION,
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
    ["--data ../acdc --minutes 30 --out runs/acdc", "on your data, in half an hour"],
    ["--data ../mri --set grid.spacing=1 --out runs/mri", "a plan for your scans, but the spacing"],
    ["--data ../acdc --preset pix2rep-small --out runs/nce", "with the settings of a preset"],
    ["--data ../acdc --preset pix2rep --dry-run", "how long would the published sizes take here?"],
    ["--data ../acdc --out runs/bt --resume", "goes on after an interruption"],
    ["--data ../acdc --out runs/bt --log tensorboard", "to watch in TensorBoard"],
  ],
  goOn: (values) => howToGoOn("pretrain", values),
  run: async (values, signal, voice) => {
    const asked = stepsOf(values);
    const earlier = values.given("resume") ? await earlierRun(values, voice) : undefined;
    if (!earlier) await expectNoRun(values.text("out"));
    const log = earlier ? earlier.info.log : logOf(values);
    const end = outcome(values, log);
    if (earlier?.info.status === "done" && (asked ?? 0) <= earlier.info.steps) {
      voice.note(`${values.text("out")}: all ${earlier.info.steps} steps are taken already`);
      return end;
    }
    const environment = await startBackend(values, voice);
    const settings = await settingsOf(values, { earlier, signal, voice });
    const training = { ...settings, earlier, environment, asked, log, signal, voice };
    return await train(values, training) ?? end;
  },
};

if (import.meta.main) await main(pretrain);

/** What is trained on, and how. */
interface Settings {
  config: Config;
  plan?: Plan;
  /** How long a step takes, where the plan asked for that. */
  pace?: Pace;
  dataset: Dataset;
  split: Split;
  /** The manifest of the split, where it is one's. */
  splitFile?: string;
  /** How many patients features are measured on. */
  probed?: number;
}

/** The dataset, and the settings: those of the run that goes on, or else planned or a preset's. */
async function settingsOf(
  values: Values,
  { earlier, signal, voice }: { earlier?: Run; signal: AbortSignal; voice: Voice },
): Promise<Settings> {
  const asked = earlier?.config ?? configOf(values);
  const probed = earlier ? earlier.info.probe : values.count("probe", 1);
  expectMeasurements(probed, asked);
  const opened = await datasetOf(values, { config: asked, info: earlier?.info });
  const splitFile = earlier ? join(values.text("out"), "split.json") : values.optional("split");
  const split = await splitOf(splitFile, opened, { seed: asked.seed });
  const known = { split, splitFile, probed };
  if (earlier) return { ...known, config: asked, dataset: opened };
  const planned = await planOf(values, {
    dataset: opened,
    patients: split.pool,
    ...{ voice, signal },
  });
  return { ...known, ...planned, config: withEpochs(planned.config, values) };
}

/** What a training takes beside its settings. */
interface Training extends Settings {
  /** The run that goes on. */
  earlier?: Run;
  /** Where it computes. */
  environment: Environment;
  /** Steps, where they were asked for. */
  asked?: number;
  /** Where metrics go besides. */
  log?: SinkName[];
  signal: AbortSignal;
  voice: Voice;
}

/** Trains, or forecasts what it would take; returns the forecast. */
async function train(
  values: Values,
  { config, pace, splitFile, probed, asked, ...training }: Training,
): Promise<Outcome | undefined> {
  const { dataset, split, earlier, environment: { backend }, signal, voice } = training;
  const out = values.text("out");
  const isDry = values.given("dry-run");
  const read = { dataset, config, signal, voice };
  // A dry run writes nothing.
  const dir = isDry ? undefined : out;
  const { slices, nameOf } = await readUnlabelled(split.pool, { ...read, dir });
  const probe = await readProbe(probed, splitFile, read);
  const fitted = earlier
    ? config
    : await fitMinutes(config, { values, pace, slices, signal, voice });
  const steps = asked ?? earlier?.info.steps ?? pretrainingSteps(slices.count, fitted.pretraining);
  // A GPU's memory is small, and what it takes shows before it runs out.
  const forecast = isDry || backend === "webgpu"
    ? await forecastOutcome(slices, fitted, { steps, backend })
    : undefined;
  if (isDry) return forecast;
  if (forecast) voice.note(forecast.text);
  const { batch } = fitted.pretraining;
  await showRun(
    { config: fitted, batch, backend, voice },
    (onSteps) =>
      makePretraining(out, slices, {
        ...{ ...training, config: fitted },
        ...{ steps, nameOf, probe, onSteps, onWarning: voice.warn },
        saveEvery: values.count("save-every"),
      }),
  );
  return undefined;
}

/** The epochs that fit into `--minutes`, where it was given. */
async function fitMinutes(
  config: Config,
  { values, pace: measured, slices, signal, voice }: {
    values: Values;
    pace?: Pace;
    slices: SliceSource;
    signal: AbortSignal;
    voice: Voice;
  },
): Promise<Config> {
  if (!values.given("minutes")) return config;
  if (!measured) tellMeasuring(voice);
  const pace = measured ?? await pretrainingPace(config, { channels: slices.channels, signal });
  const seconds = secondsLeft(values)!;
  const fitted = fitPretraining(config, { pace, slices: slices.count, seconds });
  tellSteps(pretrainingSteps(slices.count, fitted.pretraining), { pace, voice });
  return fitted;
}

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

/** How many steps were asked for, where not as many as epochs or minutes take. */
function stepsOf(values: Values): number | undefined {
  const [length, other] = ["epochs", "steps", "minutes"].filter(values.given);
  if (other) throw new UsageError(`expected --${length} or --${other}, found both`);
  return values.count("steps", 1);
}

/** The configuration with the epochs that were asked for. */
function withEpochs(config: Config, values: Values): Config {
  const epochs = values.count("epochs", 1) ?? config.pretraining.epochs;
  return { ...config, pretraining: { ...config.pretraining, epochs } };
}

/** The run to go on with. */
async function earlierRun(values: Values, voice: Voice): Promise<Run> {
  const fixed = [
    ...["preset", "protocol", "set", "seed", "split"],
    ...["epochs", "minutes", "probe", "log"],
  ];
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

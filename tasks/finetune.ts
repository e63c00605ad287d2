/** `deno task finetune`: adapts a model to a few labelled patients. */
import { join } from "node:path";
import type { Config } from "../lib/config/config.ts";
import { changeConfig } from "../lib/config/resolve.ts";
import { type LabelledSlices, loadSlices } from "../lib/data/slices/cohort.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import type { SliceStack } from "../lib/data/slices/slices.ts";
import { readSplit, type Split, testsOthers } from "../lib/data/datasets/splits.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "../lib/training/strategies/table.ts";
import { matchTable, repetitionWarning } from "../lib/training/weight_tensors.ts";
import { makeAdaptation } from "../lib/runs/make_run.ts";
import { expectNoRun, type Run } from "../lib/runs/run_folder.ts";
import type { SinkName } from "../lib/runs/sinks/run_sink.ts";
import { type Command, main, oneOf, usage, UsageError, type Values } from "./support/command.ts";
import {
  BACKEND_OPTION,
  changesOf,
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
  startBackend,
} from "./support/options.ts";
import { chooseLabelled, type Reading, slicesToLearn } from "./support/labelled.ts";
import { commandLine, type Outcome } from "./support/outcome.ts";
import { openPretrained, type Pretrained } from "./support/pretrained.ts";
import { howToGoOn, RESUME_OPTION, resumedRun } from "./support/resume.ts";
import { runFiles, showRun } from "./support/run.ts";
import type { Voice } from "./support/voice.ts";
import { isFile } from "./support/weights_file.ts";

const WAYS = new Intl.ListFormat("en", { type: "disjunction" })
  .format(Object.values(STRATEGIES).map(({ how }) => how));

/** What is not known of a model that is trained on all who are labelled. */
const UNTESTED =
  "nobody with masks is left to test on, so that nothing is known of how good the model's masks are: " +
  "look at those of new scans, or outline another patient to measure on";

/** The task. */
export const finetune: Command = {
  name: "finetune",
  summary: `Adapts a model to the masks of a few patients: ${WAYS}.`,
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    pretrained: {
      value: "RUN|FILE",
      help:
        "the folder of a pretraining, or safetensors of deno task export or of PyTorch; not for " +
        "scratch",
    },
    best: { value: "", help: "starts from the checkpoint that did best by pretrain --probe" },
    partial: {
      value: "",
      help: "takes those weights of the pretraining that fit, and lists the rest",
    },
    strategy: { value: "NAME", help: STRATEGY_NAMES.join(", "), default: "finetune" },
    patients: {
      value: "N|all",
      help: "how many labelled patients to train on; of all, none is left to test on",
      default: "1",
    },
    ...SPLIT_OPTION,
    ...SEED_OPTION,
    ...PRESET_OPTION,
    ...PROTOCOL_OPTION,
    ...SET_OPTION,
    ...outOption("finetune", "the run's folder"),
    ...LOG_OPTION,
    ...dryRunOption("which patients and slices it would train on, and for how many steps"),
    ...SAVE_OPTION,
    ...RESUME_OPTION,
    ...BACKEND_OPTION,
  },
  examples: [
    ["--pretrained runs/pretrain --patients 1", "one labelled patient of the phantom cohort"],
    ["--data ../acdc --pretrained runs/acdc --patients 5 --seed 2", "five of your patients"],
    ["--data ../acdc --pretrained runs/acdc --patients 5 --dry-run", "which five would that be?"],
    ["--data ../acdc --pretrained runs/acdc --patients all", "the final model, of all your masks"],
    ["--strategy scratch --out runs/scratch", "the baseline without pretraining"],
    ["--strategy mean-teacher --pretrained runs/pretrain", "with the slices of all patients"],
    ["--data ../acdc --out runs/five --resume", "goes on after an interruption"],
  ],
  goOn: (values) => howToGoOn("finetune", values),
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const given = values.given("resume")
      ? await resumedAdaptation(values, voice)
      : await newAdaptation(values, voice);
    const { strategy, config, resume, log } = given;
    const end = outcome(values, log);
    if (resume?.info.status === "done") {
      voice.note(`${out}: all ${resume.info.steps} steps are taken already`);
      return end;
    }
    const { backend, deno } = await startBackend(values, voice);
    const { pretrained } = given;
    const info = resume?.info ?? pretrained?.known;
    const dataset = await datasetOf(values, { config, info });
    const learned = await readLearned(given, { dataset, config, signal, voice });
    const { slices, subset, split, unlabelled, nameOf } = learned;
    if (values.given("dry-run")) return forecast(given, learned);
    const { batch } = STRATEGIES[strategy].length(config.adaptation);
    await showRun({ config, batch, backend, voice }, (onSteps) =>
      makeAdaptation(out, slices, {
        ...{ dataset, split, config, environment: { backend, deno }, log, earlier: resume },
        ...{ strategy, patients: subset.length, unlabelled, nameOf, onSteps, signal },
        pretrained: pretrained?.checkpoint,
        partial: values.given("partial"),
        onMatch: (match) => {
          if (reportsMatch(values)) voice.note(matchTable(match));
          const warning = repetitionWarning(match);
          if (warning) voice.warn(warning);
        },
        saveEvery: values.count("save-every"),
      }));
    const next = split.test.length > 0 ? end.next : {
      purpose: "segment new scans, and look at them",
      command: commandLine("predict", ["--model", out, "--input", "scan.nii.gz"]),
    };
    return { ...end, json: { out, patients: subset }, next };
  },
};

if (import.meta.main) await main(finetune);

/** What an adaptation learns from. */
interface Learned extends LabelledSlices {
  /** Ids of the labelled patients. */
  subset: readonly string[];
  /** Who else is trained on and tested on. */
  split: Split;
  /** Slices without labels, where the strategy learns from them too. */
  unlabelled?: SliceStack;
}

/** Reads what is learned from, with warnings of what may spoil it. */
async function readLearned(
  { strategy, patients, split: manifest, pretrained }: Adapting,
  { voice, ...reading }: Reading & { voice: Voice },
): Promise<Learned> {
  const { dataset, config } = reading;
  const chosen = await chooseLabelled({ ...reading, patients, manifest, voice });
  const { split, subset, scans } = chosen;
  if (split.test.length === 0) voice.warn(UNTESTED);
  const folder = pretrained?.folder;
  if (folder) await warnOfOtherSplit(folder, { dataset, split, voice });
  const trained = pretrained?.config;
  const labelled = slicesToLearn(scans, { dataset, config, voice, trained });
  voice.note(`${labelled.slices.count} labelled slices of ${subset.join(", ")}`);
  if (!STRATEGIES[strategy].unlabelled) return { ...labelled, subset, split };
  const unlabelled = await readUnlabelled(split.pool, reading);
  voice.note(`${unlabelled.count} unlabelled slices of ${split.pool.length} patients`);
  return { ...labelled, subset, split, unlabelled };
}

/** What a dry run tells. */
function forecast({ strategy, config }: Adapting, { slices, subset, split }: Learned): Outcome {
  const { steps, batch } = STRATEGIES[strategy].length(config.adaptation);
  return {
    text: `${strategy} on ${slices.count} slices of ${subset.join(", ")}: ${steps} steps of ` +
      `${batch} slices; left to test on: ${counted(split.test.length, "patient")}`,
    json: { strategy, patients: subset, test: split.test, slices: slices.count, steps },
  };
}

/** What a run leaves, and what follows. */
function outcome(values: Values, log?: SinkName[]): Outcome {
  const out = values.text("out");
  return {
    json: { out },
    written: runFiles(out, log),
    next: {
      purpose: "measure it on the test patients",
      command: commandLine("evaluate", [...dataArguments(values), "--model", out]),
    },
  };
}

/** What is to be adapted, and how. */
interface Adapting {
  strategy: StrategyName;
  config: Config;
  /** Number of labelled patients. */
  patients: number | "all";
  /** Path of the split manifest; drawn if there is none. */
  split?: string;
  /** What it starts from. */
  pretrained?: Pretrained;
  /** The run to go on with. */
  resume?: Run;
  log?: SinkName[];
}

/** An adaptation that begins. */
async function newAdaptation(values: Values, voice: Voice): Promise<Adapting> {
  const strategy = strategyOf(values);
  const patients = patientsOf(values);
  const log = logOf(values);
  await expectNoRun(values.text("out"));
  const path = values.optional("pretrained");
  const split = values.optional("split");
  const pretrained = path === undefined
    ? undefined
    : await openPretrained(path, { best: values.given("best"), voice });
  const config = adaptedConfig(values, pretrained?.config);
  return { strategy, config, patients, split, pretrained, log };
}

/** How many labelled patients were asked for. */
function patientsOf(values: Values): number | "all" {
  if (values.text("patients") !== "all") return values.count("patients", 1)!;
  if (!values.given("split")) return "all";
  throw new UsageError("--patients all: expected no --split, which says who is trained on");
}

/** The configuration of a pretraining, where it is known, or the one that was asked for. */
function adaptedConfig(values: Values, trained?: Config): Config {
  if (!trained) return configOf(values);
  if (values.given("preset")) throw hasConfiguration();
  const seed = values.count("seed")!;
  return usage(() => changeConfig({ ...trained, seed }, changesOf(values)));
}

function hasConfiguration(): UsageError {
  return new UsageError("--pretrained has a configuration of its own: leave out --preset");
}

/** Whether it is told which weights fit: those of a file may come from anywhere. */
function reportsMatch(values: Values): boolean {
  return values.given("partial") || values.given("pretrained") && isFile(values.text("pretrained"));
}

/** An adaptation that goes on. */
async function resumedAdaptation(values: Values, voice: Voice): Promise<Adapting> {
  const fixed = [
    ...["pretrained", "best", "partial", "strategy", "patients", "split", "seed"],
    ...["preset", "protocol", "set", "log"],
  ];
  const resume = await resumedRun(values, { fixed, kinds: STRATEGY_NAMES, voice });
  const { config, info: { kind, patients = 1, log } } = resume;
  const split = join(values.text("out"), "split.json");
  return { strategy: kind as StrategyName, config, patients, split, resume, log };
}

/** The strategy that was asked for, with a pretraining or without, as it needs. */
function strategyOf(values: Values): StrategyName {
  const strategy = oneOf(values.text("strategy"), "strategy", STRATEGY_NAMES);
  const given = values.given("pretrained");
  const need = STRATEGIES[strategy].pretraining;
  if (!given && need === "required") {
    throw new UsageError(
      `--strategy ${strategy}: expected --pretrained RUN, the folder of a pretraining`,
    );
  }
  if (given && need === "none") {
    throw new UsageError(`--strategy ${strategy} takes no --pretrained`);
  }
  const fromPretraining = ["best", "partial"].find(values.given);
  if (!given && fromPretraining) {
    throw new UsageError(`--${fromPretraining}: expected --pretrained RUN, to take weights from`);
  }
  if (given && values.given("preset") && !isFile(values.text("pretrained"))) {
    throw hasConfiguration();
  }
  return strategy;
}

/** Patients that a pretraining was not to be tested on may be tested on here, and the reverse. */
async function warnOfOtherSplit(
  folder: string,
  { dataset, split, voice }: { dataset: Dataset; split: Split; voice: Voice },
): Promise<void> {
  // A pretraining of an earlier version's sweep has none, and one of another dataset has no say here.
  const earlier = await readSplit(join(folder, "split.json"), dataset).catch(() => undefined);
  if (!earlier || !testsOthers(earlier, split)) return;
  voice.warn(
    `${folder} was pretrained with another split, which keeps other patients for testing; ` +
      "--split takes the manifest that it was pretrained with",
  );
}

/** The slices of some patients, and of their cines, without labels. */
async function readUnlabelled(
  patients: readonly string[],
  { dataset, config: { grid, pretraining: { cineFrames } }, signal }: Reading,
): Promise<SliceStack> {
  const onScan = () => signal.throwIfAborted();
  return await loadSlices(dataset, patients, { grid, labelled: false, cineFrames, onScan });
}

/** `deno task finetune`: adapts a model to a few labelled patients. */
import { join } from "node:path";
import type { Config } from "../lib/config/config.ts";
import { changeConfig } from "../lib/config/resolve.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { splitAll } from "../lib/data/datasets/splits.ts";
import { type CrossValidation, foldFolder } from "../lib/experiments/cross_validation.ts";
import { counted } from "../lib/io/text/amounts.ts";
import type { Plan } from "../lib/plan/plan.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "../lib/training/strategies/table.ts";
import { matchTable, repetitionWarning } from "../lib/training/weights/weight_tensors.ts";
import { makeAdaptation } from "../lib/runs/make_run.ts";
import { expectNoRun, type Run } from "../lib/runs/run_folder.ts";
import type { SinkName } from "../lib/runs/sinks/run_sink.ts";
import {
  type Command,
  main,
  oneOf,
  usage,
  UsageError,
  type Values,
} from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  changesOf,
  configOf,
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  dryRunOption,
  type Environment,
  FOLDS_OPTION,
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
import { hasAdaptationPage, writeAdaptationPage } from "./support/training/adaptation_page.ts";
import { heldOut, keptStart, runFolds, startKeeper } from "./support/training/folds.ts";
import {
  cleaningText,
  crossValidatedQuality,
  crossValidationTable,
} from "./support/training/known_quality.ts";
import { type Learned, readLearned, type Teaching } from "./support/training/learned.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import { fitAdaptation, planOf } from "./support/training/plan.ts";
import { openPretrained } from "./support/models/pretrained.ts";
import { howToGoOn, RESUME_OPTION, resumedRun } from "./support/training/resume.ts";
import { runFiles, showRun } from "./support/training/run.ts";
import { writeValidationPng } from "./support/training/validation_png.ts";
import type { Voice } from "./support/command/voice.ts";
import { isFile } from "./support/models/weights_file.ts";

const WAYS = new Intl.ListFormat("en", { type: "disjunction" })
  .format(Object.values(STRATEGIES).map(({ how }) => how));

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
    strategy: { value: "NAME", help: STRATEGY_NAMES.join(", "), default: "weak-to-strong" },
    patients: {
      value: "N|all",
      help: "how many labelled patients to train on; of all, none is left to test on",
      default: "1",
    },
    ...FOLDS_OPTION,
    ...MINUTES_OPTION,
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
    ["--data ../acdc --pretrained runs/acdc --folds 5", "the same, and how good it should be"],
    ["--strategy scratch --out runs/scratch", "the baseline without pretraining"],
    ["--strategy finetune --pretrained runs/pretrain", "on labelled slices alone: quicker"],
    ["--data ../acdc --out runs/five --resume", "goes on after an interruption"],
  ],
  goOn: (values) => howToGoOn("finetune", values),
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const asked = values.given("resume")
      ? await resumedAdaptation(values, voice)
      : await newAdaptation(values, voice);
    const { resume, pretrained, folds } = asked;
    const done = resume?.info.status === "done";
    if (done) voice.note(`${out}: all ${resume.info.steps} steps are taken already`);
    // A page that was not written yet is what is left to do.
    if (done && folds === undefined && hasAdaptationPage(out)) return outcome(values, asked);
    const environment = await startBackend(values, voice);
    const info = resume?.info ?? pretrained?.known;
    const opened = await datasetOf(values, { config: asked.config, info });
    const { config, plan, dataset } = await settingsOf(values, {
      ...{ asked, dataset: opened, signal, voice },
    });
    const learned = await readLearned(asked, { dataset, config, signal, voice });
    const held = folds === undefined ? [] : heldOut({ dataset, ...learned, folds, config });
    held.forEach((patients, i) =>
      voice.note(`fold ${i + 1} of ${held.length} holds out ${patients.join(", ")}`)
    );
    const fitted = await fitAdaptation(values, config, {
      ...{ strategy: asked.strategy, channels: learned.slices.channels },
      ...{ trainings: 1 + held.length, signal, voice },
    });
    const given = { ...asked, plan, config: fitted };
    if (values.given("dry-run")) return forecast(given, learned, held);
    return await carryOut(values, { given, learned, dataset, environment, signal, voice });
  },
};

if (import.meta.main) await main(finetune);

/** What a model is trained, and measured, with. */
interface Setting {
  /** What is to be adapted, and how. */
  given: Adapting;
  /** What it learns from. */
  learned: Learned;
  /** The dataset. */
  dataset: Dataset;
  /** Where it computes. */
  environment: Environment;
  /** Ends it. */
  signal: AbortSignal;
  /** Shows it. */
  voice: Voice;
}

/** Trains what is not trained yet, measures it where that was asked for, and writes its page. */
async function carryOut(values: Values, setting: Setting): Promise<Outcome> {
  const { given, given: { strategy, config, resume, folds }, learned, ...rest } = setting;
  const out = values.text("out");
  if (resume?.info.status !== "done") await trainModel(values, setting);
  await writeValidationPng(out, [{ name: "validation patients", folder: out }]);
  const found = folds === undefined ? undefined : await measureByFolds(values, setting, folds);
  const page = { out, strategy, config, learned, found, ...rest };
  const shown = { adaptation: await writeAdaptationPage(page) };
  if (!found) return { ...outcome(values, given, learned), shown };
  return {
    ...{ ...outcome(values, given, learned), shown },
    text: [crossValidationTable(found), crossValidatedQuality(found), cleaningText(found)]
      .filter((line) => line !== undefined).join("\n"),
    json: { out, patients: learned.subset, cross_validation: found },
  };
}

/** Trains the model that is asked for, or goes on with it. */
async function trainModel(
  values: Values,
  { given, learned, dataset, environment, signal, voice }: Setting,
): Promise<void> {
  const { strategy, config, plan, resume, pretrained, folds, chooseCleaning, log } = given;
  const { slices, subset, split, unlabelled, validation, nameOf } = learned;
  const out = values.text("out");
  const batch = STRATEGIES[strategy].batch(config.adaptation);
  const start = pretrained && folds !== undefined
    ? startKeeper(out, pretrained.checkpoint)
    : undefined;
  await showRun(
    { config, batch, backend: environment.backend, voice },
    (onSteps) =>
      makeAdaptation(out, slices, {
        ...{ dataset, split, config, plan, environment, log, earlier: resume, folds },
        chooseCleaning,
        ...{ strategy, patients: subset.length, unlabelled, validation, nameOf, signal },
        onSteps: async (records, steps) => {
          await start?.();
          await onSteps?.(records, steps);
        },
        pretrained: pretrained?.checkpoint,
        seen: pretrained?.seen,
        partial: values.given("partial"),
        onMatch: (match) => {
          if (reportsMatch(values)) voice.note(matchTable(match));
          const warning = repetitionWarning(match);
          if (warning) voice.warn(warning);
        },
        saveEvery: values.count("save-every"),
      }),
  );
}

/** Cross-validates the labelled patients, with the settings of the model that all of them trained. */
async function measureByFolds(
  values: Values,
  { given, learned, ...setting }: Setting,
  folds: number,
): Promise<CrossValidation> {
  const { strategy, config, resume, pretrained, chooseCleaning, log } = given;
  const { scans, split, subset: patients } = learned;
  const out = values.text("out");
  const found = await runFolds(out, {
    ...{ ...setting, strategy, config, log, scans, split, patients, folds },
    chooseCleaning,
    saveEvery: values.count("save-every"),
    pretrained: resume ? await keptStart(out) : pretrained?.checkpoint,
    // What was kept did fit when the model of all patients started from it.
    partial: resume !== undefined || values.given("partial"),
  });
  await writeValidationPng(out, [
    { name: "validation patients", folder: out },
    ...found.folds.map((held, i) => ({ name: held.join(", "), folder: foldFolder(out, i + 1) })),
  ]);
  return found;
}

/** What a dry run tells. */
function forecast(
  { strategy, config, pretrained }: Adapting,
  { slices, subset, split }: Learned,
  folds: readonly string[][],
): Outcome {
  const steps = STRATEGIES[strategy].steps(config.adaptation, {
    pretrained: pretrained !== undefined,
  });
  const batch = STRATEGIES[strategy].batch(config.adaptation);
  const again = folds.length ? `, and as many of each of ${counted(folds.length, "fold")}` : "";
  return {
    text: `${strategy} on ${slices.count} slices of ${subset.join(", ")}: ${steps} steps of ` +
      `${batch} slices${again}; left to test on: ${counted(split.test.length, "patient")}`,
    json: {
      ...{ strategy, patients: subset, test: split.test, slices: slices.count, steps },
      ...(folds.length && { folds }),
    },
  };
}

/** What a run leaves, and what follows. */
function outcome(values: Values, { folds, log }: Adapting, learned?: Learned): Outcome {
  const out = values.text("out");
  const untested = learned?.split.test.length === 0;
  return {
    json: { out, ...(learned && { patients: learned.subset }) },
    written: runFiles(out, log),
    next: untested
      ? {
        purpose: "segment new scans" + (folds ? ", by it and its folds' models together" : "") +
          ", and look at them",
        command: commandLine("predict", [
          ...["--model", out, ...(folds ? ["--model", join(out, "folds")] : [])],
          ...["--input", "scan.nii.gz"],
        ]),
      }
      : {
        purpose: "measure it on the test patients, and look at its masks",
        command: commandLine("evaluate", [...dataArguments(values), "--model", out]),
      },
  };
}

/** What is to be adapted, and how. */
interface Adapting extends Teaching {
  config: Config;
  /** How the settings were planned, where they were. */
  plan?: Plan;
  /** Whether folds choose how masks are cleaned up. */
  chooseCleaning: boolean;
  /** The run to go on with. */
  resume?: Run;
  log?: SinkName[];
}

/** An adaptation that begins. */
async function newAdaptation(values: Values, voice: Voice): Promise<Adapting> {
  const strategy = strategyOf(values);
  const patients = patientsOf(values);
  const folds = values.count("folds", 2);
  const log = logOf(values);
  await expectNoRun(values.text("out"));
  const path = values.optional("pretrained");
  const split = values.optional("split");
  const pretrained = path === undefined
    ? undefined
    : await openPretrained(path, { best: values.given("best"), voice });
  const config = adaptedConfig(values, pretrained?.config);
  const chooseCleaning = folds !== undefined && leavesCleaning(config, changesOf(values));
  return { strategy, config, patients, folds, chooseCleaning, split, pretrained, log };
}

/** Whether it is left to the folds how masks are cleaned up. */
function leavesCleaning({ inference }: Config, changes: readonly string[]): boolean {
  return (["largestComponent", "fillHoles"] as const).every((setting) =>
    !inference[setting] && !changes.some((change) => change.startsWith(`inference.${setting}=`))
  );
}

/** The settings of what is gone on from, or those that are planned for a network without any past. */
async function settingsOf(
  values: Values,
  { asked: { config, patients, split, pretrained, resume }, dataset, signal, voice }: {
    asked: Adapting;
    dataset: Dataset;
    signal: AbortSignal;
    voice: Voice;
  },
): Promise<{ config: Config; plan?: Plan; dataset: Dataset }> {
  if (pretrained || resume) return { config, dataset };
  const { pool } = patients === "all"
    ? splitAll(dataset)
    : await splitOf(split, dataset, { seed: config.seed });
  return await planOf(values, { dataset, patients: pool, voice, signal });
}

/** How many labelled patients were asked for: where they are cross-validated, all if not said. */
function patientsOf(values: Values): number | "all" {
  if (values.given("folds") && !values.given("patients")) return "all";
  return values.text("patients") === "all" ? "all" : values.count("patients", 1)!;
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
    ...["pretrained", "best", "partial", "strategy", "patients", "folds", "split", "seed"],
    ...["preset", "protocol", "set", "minutes", "log"],
  ];
  const resume = await resumedRun(values, { fixed, kinds: STRATEGY_NAMES, voice });
  const { config, info: { kind, patients = 1, folds, chooseCleaning = false, log } } = resume;
  const split = join(values.text("out"), "split.json");
  const strategy = kind as StrategyName;
  return { strategy, config, patients, folds, chooseCleaning, split, resume, log };
}

/** The strategy that was asked for, with a pretraining or without, as it needs. */
function strategyOf(values: Values): StrategyName {
  const strategy = oneOf(values.text("strategy"), "strategy", STRATEGY_NAMES);
  const given = values.given("pretrained");
  const need = STRATEGIES[strategy].pretraining;
  if (!given && (need === "required" || !values.given("strategy"))) {
    throw new UsageError(
      `--strategy ${strategy}: expected --pretrained RUN, the folder of a pretraining; ` +
        "--strategy scratch needs none",
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

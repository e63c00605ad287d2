/** `deno task run`: from a folder of scans to masks of those that have none, in one command. */
import { join } from "node:path";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { isLabelled, splitPatients, writeSplit } from "../lib/data/datasets/splits.ts";
import type { CrossValidation } from "../lib/experiments/cross_validation.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { makeFolder } from "../lib/io/write_file.ts";
import type { AdaptationInput } from "../lib/reports/inputs/adaptation_input.ts";
import type { ComparedWay } from "../lib/reports/inputs/run_input.ts";
import { writeRunReport } from "../lib/reports/run_report.ts";
import { hasCheckpoint } from "../lib/runs/kept_checkpoints.ts";
import { STRATEGIES, type StrategyName } from "../lib/training/strategies/table.ts";
import { checkData } from "./check_data.ts";
import { finetune } from "./finetune.ts";
import { predict } from "./predict.ts";
import { pretrain } from "./pretrain.ts";
import { type Command, main, runStep, type Values } from "./support/command/command.ts";
import { crossValidatedQuality, unknownQuality } from "./support/training/known_quality.ts";
import {
  BACKEND_OPTION,
  configOf,
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  MINUTES_OPTION,
  outOption,
  PRESET_OPTION,
  PSEUDONYMS_OPTION,
  SEED_OPTION,
  SET_OPTION,
} from "./support/command/options.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import { minutesOf } from "./support/training/plan.ts";
import {
  CANDIDATES,
  folderOf,
  foldsOf,
  type RunStep,
  runSteps,
  tookText,
  whereText,
} from "./support/training/run_plan.ts";
import type { Voice } from "./support/command/voice.ts";

/** The only patient with a mask is the one that was trained on. */
const ALONE = { subset: [""], split: { test: [] }, labelled: 1 };

/** The task. */
export const run: Command = {
  name: "run",
  summary: "From a folder of scans, some with masks, to masks of all others: checks the files, " +
    "plans, pretrains on all scans, adapts to those with masks by the way that does best in folds, " +
    "segments the rest. It prints the command of each step; the same command again goes on.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    minutes: { ...MINUTES_OPTION.minutes, default: "30" },
    ...PRESET_OPTION,
    ...SET_OPTION,
    ...SEED_OPTION,
    ...outOption("run", "the folder of all that it makes"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--data ../scans --minutes 30", "masks of all scans without, in half an hour"],
    ["--data ../scans --minutes 600 --out runs/night", "better ones, overnight"],
  ],
  goOn: () => "the same command goes on where it was",
  run: async (values, signal, voice) => {
    const minutes = minutesOf(values);
    const out = values.text("out");
    const dataset = await datasetOf(values, { config: configOf(values) });
    const labelled = labelledPatients(dataset);
    const goesOn = hasCheckpoint(folderOf(out, {}));
    const steps = runSteps({ minutes, labelled, unlabelled: unlabelledScans(dataset) });
    const taking: Taking = {
      ...{ dataset, labelled, steps, voice, take: stepTaker(values, { steps, signal, voice }) },
    };
    await taking.take(checkData, "Reads every file", dataArguments(values));
    voice.note(`  ${readText(dataset, labelled)}`);
    if (goesOn) {
      voice.note(
        `\n${out}: goes on; what is finished stays, what has begun keeps its length, and ` +
          "--minutes is for the rest alone; another --out begins anew",
      );
    }
    await pretrainAll(values, taking);
    const outcome = labelled === 0
      ? withoutMasks(folderOf(out, {}))
      : await segmentRest(values, { ...taking, ...await adaptBest(values, taking) });
    const took = tookText((performance.now() - values.began) / 1000, { minutes, goesOn });
    return { ...outcome, text: `${outcome.text}\n${took}` };
  },
};

if (import.meta.main) await main(run);

/** Takes the next step, whose own command it prints. */
type StepTaker = (step: Command, purpose: string, args: readonly string[]) => Promise<Outcome>;

/** What the steps of a run have in common. */
interface Taking {
  dataset: Dataset;
  /** How many patients have masks to adapt to. */
  labelled: number;
  steps: readonly RunStep[];
  take: StepTaker;
  voice: Voice;
}

function stepTaker(
  values: Values,
  { steps, signal, voice }: { steps: readonly RunStep[]; signal: AbortSignal; voice: Voice },
): StepTaker {
  let at = 0;
  return async (step, purpose, args) => {
    const computes = "backend" in step.options ? given(values, ["backend", "precision"]) : [];
    const all = [...args, ...computes];
    const where = await whereText(steps, at++, values.text("out"));
    voice.note(`\n${where}\n${purpose}:\n  ${commandLine(step.name, all)}`);
    const outcome = await runStep(step, all, { signal, voice });
    if (outcome.failed !== undefined) throw new Error(outcome.failed);
    return outcome;
  };
}

/** Options as they were given. */
function given(values: Values, names: readonly string[]): string[] {
  return names.filter(values.given).flatMap((name) =>
    name === "pseudonyms" ? [`--${name}`] : values.list(name).flatMap((text) => [`--${name}`, text])
  );
}

function minutesArguments(minutes: number): string[] {
  return ["--minutes", `${Number(minutes.toPrecision(3))}`];
}

/** The arguments of a training in a folder: those of its beginning, or by which it goes on. */
function trainingArguments(values: Values, out: string, first: readonly string[]): string[] {
  const rest = hasCheckpoint(out) ? ["--resume"] : first;
  return [...dataArguments(values), "--out", out, ...rest];
}

/** Pretrains on everybody: a run tests on nobody but, by folds, those with masks. */
async function pretrainAll(values: Values, { dataset, steps, take }: Taking): Promise<void> {
  const out = values.text("out");
  const folder = folderOf(out, {});
  const split = join(out, "split.json");
  const everybody = splitPatients(dataset, { seed: values.count("seed"), testFraction: 0 });
  if (!hasCheckpoint(folder)) {
    await makeFolder(out);
    await writeSplit(split, everybody);
  }
  const { minutes } = steps.find(({ name }) => name === "pretraining")!;
  await take(
    pretrain,
    `Learns from the scans of ${counted(everybody.pool.length, "patient")}`,
    trainingArguments(values, folder, [
      ...["--split", split],
      ...given(values, ["pseudonyms", "preset", "set", "seed"]),
      ...minutesArguments(minutes),
    ]),
  );
}

/** How many scans have no mask. */
function unlabelledScans({ patients }: Dataset): number {
  return patients.flatMap(({ scans }) => scans).filter(({ mask }) => mask === undefined).length;
}

/** How many patients have masks, and are no part of a test. */
function labelledPatients({ patients }: Dataset): number {
  return patients.filter((one) => one.part === "training" && isLabelled(one)).length;
}

/** What was read, in a line. */
function readText({ patients, structures }: Dataset, labelled: number): string {
  const scans = patients.reduce((sum, { scans }) => sum + scans.length, 0);
  const names = structures.map(({ name }) => name).join(", ");
  return `${counted(scans, "scan")} of ${counted(patients.length, "patient")}; ` +
    `${counted(labelled, "patient")} with masks${names && ` of ${names}`}`;
}

/** What a run came to, in words too. */
type Told = Outcome & { text: string };

/** What there is where nobody has a mask. */
function withoutMasks(pretrained: string): Told {
  return {
    text: "no patient has a mask: outline one, put the mask beside the scans, and run this again",
    json: { pretraining: pretrained, masks: [] },
  };
}

/** A model for the scans that are left, and what is known of how good it is. */
interface Adapted {
  /** Its folder. */
  model: string;
  /** What folds tell of each way to adapt; none of a single labelled patient. */
  compared: Compared[];
  /** The way that is kept. */
  kept?: Compared;
}

/** What folds tell of a way to adapt. */
interface Compared {
  strategy: StrategyName;
  found: CrossValidation;
  /** What its page shows. */
  adaptation?: AdaptationInput;
}

/** Adapts in every way that folds can compare, and keeps the one that did best. */
async function adaptBest(
  values: Values,
  { steps, take, labelled, voice }: Taking,
): Promise<Adapted> {
  const out = values.text("out");
  const folds = foldsOf(labelled);
  const ways = steps.flatMap(({ strategy, minutes }) => strategy ? [{ strategy, minutes }] : []);
  const compared: Compared[] = [];
  for (const { strategy, minutes } of ways) {
    const { json, shown } = await take(
      finetune,
      `Adapts to ${counted(labelled, "patient")} with masks ${STRATEGIES[strategy].how}`,
      trainingArguments(values, folderOf(out, { strategy }), [
        ...["--pretrained", folderOf(out, {}), "--strategy", strategy],
        ...(folds ? ["--folds", `${folds}`] : ["--patients", "all"]),
        ...given(values, ["seed"]),
        ...minutesArguments(minutes),
      ]),
    );
    const { cross_validation: found } = json as { cross_validation?: CrossValidation };
    if (found) compared.push({ strategy, found, adaptation: shown?.adaptation });
  }
  const dice = ({ found }: Compared) => found.patient_dice.mean ?? 0;
  const [best] = compared.toSorted((a, b) => dice(b) - dice(a));
  if (best) voice.note(`\n${STRATEGIES[best.strategy].label} does best in the folds.`);
  return { model: folderOf(out, best ?? ways[0]), compared, kept: best };
}

/** Segments the scans that have no mask, writes the page of it all, and says what came of it. */
async function segmentRest(
  values: Values,
  { take, dataset, model, compared, kept }: Adapted & Taking,
): Promise<Told> {
  const out = values.text("out");
  const left = unlabelledScans(dataset);
  const masks = left > 0 ? join(out, "masks") : undefined;
  const segmented = masks && await take(
    predict,
    `Segments ${counted(left, "scan")} without masks`,
    ["--model", model, "--input", dataset.root, "--unlabelled", "--out", masks],
  );
  const known = kept ? crossValidatedQuality(kept.found) : unknownQuality(ALONE)!;
  const adaptation = kept?.adaptation;
  const prediction = segmented ? segmented.shown?.prediction : undefined;
  if (adaptation || prediction) {
    const ways = waysOf(compared, kept);
    await writeRunReport(out, {
      ...{ dataset: dataset.name, known, compared: ways, adaptation, prediction },
    });
  }
  const done = left > 0
    ? `${counted(left, "scan")} segmented`
    : "every scan has a mask: none was left to segment";
  return {
    text: `${done}\n${known}`,
    json: { model, masks, compared: compared.map(({ adaptation: _, ...way }) => way) },
    ...whatIsLeft(out, model),
  };
}

/** The files of it all, and the command that follows. */
function whatIsLeft(out: string, model: string): Pick<Outcome, "written" | "next"> {
  return {
    written: {
      folder: out,
      files: {
        "report.html": "the masks, and what is known of them; open it in a browser",
        "masks/": "of the scans that had none",
        "split.json": "who was pretrained on: all but those of an official test part",
        "pretraining/": "what their scans taught",
        ...Object.fromEntries(
          CANDIDATES.map(({ strategy }) => [
            `${strategy}/`,
            `the model adapted ${STRATEGIES[strategy].how}`,
          ]),
        ),
      },
    },
    next: {
      purpose: "segment a new scan",
      command: commandLine("predict", ["--model", model, "--input", "scan.nii.gz"]),
    },
  };
}

/** The ways that were compared, for the page. */
function waysOf(compared: readonly Compared[], kept?: Compared): ComparedWay[] {
  return compared.map((way) => ({
    label: STRATEGIES[way.strategy].label,
    dice: way.found.patient_dice,
    kept: way === kept,
  }));
}

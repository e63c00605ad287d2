/**
 * What an adaptation learns from, read with warnings of what may spoil it.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient } from "../../../lib/data/datasets/dataset.ts";
import {
  isLabelled,
  readSplit,
  type Split,
  testsOthers,
} from "../../../lib/data/datasets/splits.ts";
import {
  type CohortScan,
  type LabelledSlices,
  labelledSlicesOf,
  loadCohort,
  loadSlices,
} from "../../../lib/data/slices/cohort.ts";
import type { SliceStack } from "../../../lib/data/slices/slices.ts";
import type { RunValidation } from "../../../lib/runs/make_run.ts";
import { STRATEGIES, type StrategyName } from "../../../lib/training/strategies/table.ts";
import { unknownQuality } from "./known_quality.ts";
import { chooseLabelled, type Reading, slicesToLearn } from "./labelled.ts";
import type { Pretrained } from "../models/pretrained.ts";
import type { Voice } from "../command/voice.ts";

/** Whom an adaptation is to learn from. */
export interface Teaching {
  /** How it learns. */
  strategy: StrategyName;
  /** Number of labelled patients. */
  patients: number | "all";
  /** By how many folds they are cross-validated, if at all. */
  folds?: number;
  /** Path of the split manifest; drawn if there is none. */
  split?: string;
  /** What it starts from. */
  pretrained?: Pretrained;
}

/** What an adaptation learns from. */
export interface Learned extends LabelledSlices {
  /** Ids of the labelled patients. */
  subset: readonly string[];
  /** Their scans. */
  scans: CohortScan[];
  /** Who else is trained on and tested on. */
  split: Split;
  /** Slices without labels, where the strategy learns from them too. */
  unlabelled?: SliceStack;
  /** Slices of the split's own validation patients, where it has any. */
  validation?: RunValidation;
}

/** Reads what is learned from. */
export async function readLearned(
  { strategy, patients, folds, split: manifest, pretrained }: Teaching,
  { voice, ...reading }: Reading & { voice: Voice },
): Promise<Learned> {
  const { dataset, config } = reading;
  const chosen = await chooseLabelled({ ...reading, patients, manifest, voice });
  const { split, subset, scans } = chosen;
  const unknown = folds === undefined &&
    unknownQuality({ ...chosen, labelled: foldable(dataset, manifest ? split.pool : undefined) });
  // Few to test on may be what an experiment wants; nobody is known of too late.
  if (unknown) (split.test.length === 0 ? voice.warn : voice.note)(unknown);
  const folder = pretrained?.folder;
  if (folder) await warnOfOtherSplit(folder, { dataset, split, voice });
  const trained = pretrained?.config;
  const labelled = slicesToLearn(scans, { dataset, config, voice, trained });
  voice.note(`${labelled.slices.count} labelled slices of ${subset.join(", ")}`);
  const learned = { ...labelled, subset, scans, split, validation: await watched(split, reading) };
  if (!STRATEGIES[strategy].unlabelled) return learned;
  const unlabelled = await readUnlabelled(split.pool, reading);
  voice.note(`${unlabelled.count} unlabelled slices of ${split.pool.length} patients`);
  return { ...learned, unlabelled };
}

/** How many patients could be cross-validated: of a pool, or else of no test part, those with masks. */
function foldable({ patients }: Dataset, pool?: readonly string[]): number {
  const within = ({ id, part }: Patient) => pool?.includes(id) ?? part === "training";
  return patients.filter((one) => within(one) && isLabelled(one)).length;
}

/** The slices of a split's validation patients. */
async function watched(
  { validation = [] }: Split,
  { dataset, config: { grid }, signal }: Reading,
): Promise<RunValidation | undefined> {
  if (validation.length === 0) return undefined;
  const onScan = () => signal.throwIfAborted();
  const options = { grid, labelled: true, window: "labels", onScan } as const;
  const { slices } = labelledSlicesOf(await loadCohort(dataset, validation, options));
  return { slices, patients: validation.length };
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

/**
 * Pretrainings that are done elsewhere: a sweep takes them over and does not train them again.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../config/config.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { readSplit } from "../../data/datasets/splits.ts";
import { digestSource, type SliceSource } from "../../data/slices/slice_source.ts";
import { excerpt } from "../../io/text/printable.ts";
import { isDone, openRun, type Run } from "../../runs/run_folder.ts";
import { pretrainingSteps } from "../../training/pretrain.ts";
import { plannedPretrainings, pretrainingName, type SweepPlan } from "./plan.ts";
import { sweepSplits } from "./sweep_data.ts";

/** A pretraining that is done elsewhere. */
export interface FinishedPretraining {
  /** The run's folder. */
  folder: string;
  /** Whether it was asked for: one that does not fit is an error then, and else trained anew. */
  named: boolean;
}

/** Pretrainings that are done elsewhere, by the names that a plan has for them. */
export type FinishedPretrainings = ReadonlyMap<string, FinishedPretraining>;

/**
 * Which pretrainings of a plan some runs stand for. All that decides a pretraining must be equal: its
 * settings, but for those of adaptation and inference, its dataset and its patients. Slices are
 * compared once they are read, when the sweep comes to that pretraining.
 *
 * @param folders Of runs of `pretrain`, or of pretrainings of a sweep.
 * @throws {Error} if one is not done.
 * @throws {TypeError} if one is no pretraining of the plan, or differs, or two are of one name.
 */
export async function namedPretrainings(
  dataset: Dataset,
  plan: SweepPlan,
  folders: readonly string[],
): Promise<FinishedPretrainings> {
  const planned = plannedByName(plan);
  const found = new Map<string, FinishedPretraining>();
  for (const folder of folders) {
    const run = await openRun(folder);
    const { kind, status } = run.info;
    const name = kind === "pretrain" ? pretrainingName(run.config) : `a run of ${kind}`;
    const config = planned.get(name);
    if (!config) {
      const names = [...planned.keys()].join(", ") || "none: this plan needs none";
      throw new TypeError(`${folder}: expected a pretraining of ${names}, found ${excerpt(name)}`);
    }
    if (status !== "done") {
      throw new Error(`${folder}: expected a pretraining that is done, found ${status}`);
    }
    const difference = await settingDifference(dataset, plan, { folder, run, config });
    if (difference !== undefined) throw differs(folder, difference);
    const twin = found.get(name);
    if (twin) {
      throw new TypeError(`expected one pretraining ${name}, found ${twin.folder} and ${folder}`);
    }
    found.set(name, { folder, named: true });
  }
  return found;
}

/**
 * The same of the pretrainings that lie beside the `result.json` of an earlier sweep, of which those
 * that differ are left out.
 */
export async function pretrainingsBeside(
  dataset: Dataset,
  plan: SweepPlan,
  result: string,
): Promise<FinishedPretrainings> {
  const found = new Map<string, FinishedPretraining>();
  for (const [name, config] of plannedByName(plan)) {
    const folder = join(dirname(result), "pretraining", name);
    if (!existsSync(folder) || !await isDone(folder)) continue;
    const run = await openRun(folder);
    const difference = await settingDifference(dataset, plan, { folder, run, config });
    if (difference === undefined) found.set(name, { folder, named: false });
  }
  return found;
}

/** In what a pretraining's slices, or its number of steps, differ from what a sweep has of them. */
export function sliceDifference(
  { info: { steps }, checkpoint: { metadata } }: Run,
  slices: SliceSource,
  { pretraining }: Config,
): string | undefined {
  const planned = pretrainingSteps(slices.count, pretraining);
  if (steps !== planned) return `its steps: expected ${planned}, found ${steps}`;
  return metadata.slices === digestSource(slices)
    ? undefined
    : "its slices, which the same patients' scans do not give any more";
}

/** The error of a pretraining that cannot be taken over. */
export function differs(folder: string, difference: string): TypeError {
  return new TypeError(
    `${folder}: expected what decides a pretraining to be as it is here, but it differs in ` +
      difference,
  );
}

function plannedByName(plan: SweepPlan): Map<string, Config> {
  return new Map(plannedPretrainings(plan).map((config) => [pretrainingName(config), config]));
}

/** The first of a run's settings, or of what is known of its data, that differs from a plan's. */
async function settingDifference(
  dataset: Dataset,
  plan: SweepPlan,
  { folder, run: { config: found, info }, config }: { folder: string; run: Run; config: Config },
): Promise<string | undefined> {
  const setting = firstDifference(decisive(config), decisive(found));
  if (setting !== undefined) return setting;
  const data = firstDifference(
    { dataset: dataset.name, order: dataset.order, channels: namesOf(dataset.channels) },
    { dataset: info.dataset, order: info.order, channels: namesOf(info.channels) },
  );
  if (data !== undefined) return data;
  if (info.own) return `its own ${info.own.join(" and ")}, functions that no sweep has`;
  // A pretraining of an earlier version's sweep tells of no patients; its slices do.
  if (!existsSync(join(folder, "split.json"))) return undefined;
  const { pool } = await readSplit(join(folder, "split.json"), dataset);
  const [split] = sweepSplits(dataset, plan).values();
  return isDeepStrictEqual(pool, split.pool) ? undefined : "its training patients";
}

/** The settings that decide a pretraining. */
function decisive({ preset: _, adaptation: __, inference: ___, ...config }: Config): object {
  return config;
}

/** Names of several channels; one alone has none in a run. */
function namesOf(channels: readonly string[] = []): readonly string[] | undefined {
  return channels.length > 1 ? channels : undefined;
}

/** The path of the first value that differs between two trees, with both; undefined where none does. */
function firstDifference(expected: unknown, found: unknown, path = ""): string | undefined {
  if (isDeepStrictEqual(expected, found)) return undefined;
  if (!isTree(expected) || !isTree(found)) return `${path}: ${both(expected, found)}`;
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names.map((name) =>
    firstDifference(expected[name], found[name], path === "" ? name : `${path}.${name}`)
  ).find((difference) => difference !== undefined);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function both(expected: unknown, found: unknown): string {
  const text = (value: unknown) => excerpt(JSON.stringify(value) ?? "none");
  return `expected ${text(expected)}, found ${text(found)}`;
}

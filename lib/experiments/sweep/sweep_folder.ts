/**
 * The folder of a sweep: whose it is, and its `result.json`.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { renewedConfig } from "../../config/parse_config.ts";
import { protocolWarnings } from "../../data/slices/midl2024.ts";
import type { Dataset } from "../../data/datasets/dataset.ts";
import { readTextIfAny } from "../../io/folders.ts";
import { formatJson } from "../../io/text/format_json.ts";
import { inGroups } from "../../io/in_groups.ts";
import { makeFolder, writeFileAtomically } from "../../io/write_file.ts";
import { writeJson } from "../../io/write_json.ts";
import { expectNoRun } from "../../runs/run_folder.ts";
import { knownRows } from "../known_runs.ts";
import { type PlannedStage, plannedStages, runFolder, type SweepPlan } from "./plan.ts";
import { type SweepResult, sweepResult, type SweepRow } from "../result.ts";
import { rowPath, stageList, sweepState } from "./stages.ts";
import { sweepSplits } from "./sweep_data.ts";

/** A sweep and its folder. */
export interface SweepFolderOptions {
  /** The folder of the sweep. */
  out: string;
  /** The result of an earlier sweep, whose runs of the same settings are taken over. */
  known?: SweepResult;
}

/**
 * Makes a folder this sweep's, or finds that it is: `config.json` and `splits/` say of which plan and
 * patients, `plan.json` lists the stages.
 *
 * @returns the stages.
 * @throws {RangeError} if the plan is not sound, or asks for more labelled patients than there are.
 * @throws {Error} if the folder holds anything else.
 */
export async function prepareSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out }: Pick<SweepFolderOptions, "out">,
): Promise<PlannedStage[]> {
  const stages = plannedStages(plan);
  const files = claims(dataset, plan, out);
  const present = await readClaims(files, out);
  if (present.every((text) => text === undefined)) await expectNoRun(out);
  // The plan comes first: by it, whatever a kill leaves is known for this sweep's.
  for (const [i, [path, text]] of files.entries()) {
    if (present[i] === undefined) await writeText(path, text);
  }
  const list = formatJson(stageList(plan, dataset.name));
  const path = join(out, "plan.json");
  if (await readTextIfAny(path) !== list) await writeText(path, list);
  return stages;
}

/**
 * Makes sure that a folder is this sweep's, as {@linkcode prepareSweep} leaves it.
 *
 * @throws {Error} if it is another's, or no sweep's yet.
 */
export async function expectSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out }: Pick<SweepFolderOptions, "out">,
): Promise<void> {
  const present = await readClaims(claims(dataset, plan, out), out);
  if (present.every((text) => text !== undefined)) return;
  throw new Error(
    `${out}: expected a sweep that was prepared, found none; prepare it first`,
  );
}

/**
 * Makes sure that a folder holds no other sweep.
 *
 * @throws {Error} if it does.
 */
export async function expectNoOtherSweep(
  dataset: Dataset,
  plan: SweepPlan,
  { out }: Pick<SweepFolderOptions, "out">,
): Promise<void> {
  await readClaims(claims(dataset, plan, out), out);
}

/**
 * Writes `result.json` where all runs are done, by whichever process.
 *
 * @returns its content, or undefined where runs are left to do.
 */
export async function collectSweep(
  dataset: Pick<Dataset, "name">,
  plan: SweepPlan,
  { out, known }: SweepFolderOptions,
): Promise<SweepResult | undefined> {
  const elsewhere = rowsOf(dataset, plan, known);
  // Most processes of a sweep find soon that they are not the last.
  const runs = plannedStages(plan, (run) => !elsewhere.has(runFolder(run)))
    .filter(({ run }) => run);
  if (!runs.every(({ folder }) => existsSync(rowPath(out, folder)))) return undefined;
  const { rows } = await sweepState(out, plan, elsewhere);
  return await writeResult(rows, { out, dataset: dataset.name, plan });
}

/** The rows that an earlier result has for a plan, by their run's folder. */
export function rowsOf(
  { name }: Pick<Dataset, "name">,
  plan: SweepPlan,
  known?: SweepResult,
): Map<string, SweepRow> {
  return known ? knownRows(plan, { dataset: name, earlier: known }) : new Map();
}

/** Writes `result.json` from the rows that there are. */
export async function writeResult(
  rows: readonly SweepRow[],
  { out, dataset, plan }: { out: string; dataset: string; plan: SweepPlan },
): Promise<SweepResult> {
  const [{ data: { protocol } }] = plan.configs;
  const result = sweepResult(rows, { dataset, config: plan, warnings: protocolWarnings(protocol) });
  await writeJson(join(out, "result.json"), result);
  return result;
}

/** A plan as it was asked for: what its search chose follows from that. */
function askedPlan({ tuned, ...plan }: SweepPlan): SweepPlan {
  return plan.tries === undefined && tuned ? { ...plan, tuned } : plan;
}

/** The files by which a folder is this sweep's. */
function claims(dataset: Dataset, plan: SweepPlan, out: string): [path: string, text: string][] {
  return [
    [join(out, "config.json"), formatJson({ dataset: dataset.name, plan: askedPlan(plan) })],
    ...[...sweepSplits(dataset, plan)].map(([seed, split]): [string, string] => [
      join(out, "splits", `seed-${seed}.json`),
      formatJson(split),
    ]),
  ];
}

/** What is there of those files. */
async function readClaims(
  files: readonly (readonly [path: string, text: string])[],
  out: string,
): Promise<(string | undefined)[]> {
  const present = await inGroups(files, ([path]) => readTextIfAny(path));
  if (files.some(([, text], i) => present[i] !== undefined && !sameClaim(present[i], text))) {
    throw new Error(
      `${out}: holds a sweep of another plan or dataset; choose another folder, or the options ` +
        "that it was started with to continue it",
    );
  }
  return present;
}

/** Whether a file says the same, be it of a version before some of the settings. */
function sameClaim(present: string, text: string): boolean {
  return present === text || isDeepStrictEqual(renewedPlan(present), JSON.parse(text));
}

/** A sweep's `config.json` with the settings that came later; another file's content as it is. */
function renewedPlan(text: string): unknown {
  try {
    const value = JSON.parse(text);
    const configs = value.plan?.configs?.map(renewedConfig);
    return configs ? { ...value, plan: { ...value.plan, configs } } : value;
  } catch {
    return undefined;
  }
}

async function writeText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFileAtomically(path, text);
}

/**
 * The folder of a run: `config.json`, `run.json`, `split.json`, `metrics.jsonl`, `checkpoint/` and, where
 * it is watched, `quality.jsonl` of a pretraining, `validation.jsonl` of an adaptation.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Config } from "../config/config.ts";
import { parseConfig } from "../config/parse_config.ts";
import type { Region, Structure } from "../data/datasets/dataset.ts";
import { listFolderIfAny, readTextIfAny } from "../io/folders.ts";
import { parseJson } from "../io/text/parse_json.ts";
import { SEEN_SCHEMA, type SeenScans } from "../data/slices/seen_scans.ts";
import { VOXEL_ORDER_SCHEMA, type VoxelOrder } from "../data/volumes/voxel_order.ts";
import { makeFolder, removeTemporaryFiles } from "../io/write_file.ts";
import { writeJson } from "../io/write_json.ts";
import { dropDamaged, hasCheckpoint, readKept } from "./kept_checkpoints.ts";
import { type Provenance, PROVENANCE_SCHEMA } from "./provenance.ts";
import type { StepRecord } from "../training/loop.ts";
import { lostRecords, type Measurements } from "./lost_records.ts";
import type { QualityRecord } from "../training/quality.ts";
import type { Safetensors } from "../training/weights/safetensors.ts";
import type { ValidationRecord } from "../training/validation.ts";
import { readRecords } from "./sinks/jsonl.ts";
import { SINK_NAMES, type SinkName } from "./sinks/run_sink.ts";

const RunInfoJson = v.object({
  schema: v.literal("pix2rep.run/1"),
  kind: v.string(),
  status: v.picklist(["running", "interrupted", "done"]),
  dataset: v.string(),
  structures: v.array(v.object({
    label: v.number(),
    name: v.string(),
    values: v.optional(v.array(v.number())),
  })),
  regions: v.optional(v.array(v.object({ name: v.string(), labels: v.array(v.number()) }))),
  channels: v.optional(v.array(v.string())),
  order: v.optional(VOXEL_ORDER_SCHEMA),
  steps: v.number(),
  backend: v.string(),
  deno: v.string(),
  seconds: v.number(),
  log: v.optional(v.array(v.picklist(SINK_NAMES))),
  probe: v.optional(v.number()),
  patients: v.optional(v.number()),
  own: v.optional(v.array(v.picklist(["augment", "loss"]))),
  validation: v.optional(v.object({ patients: v.number(), every: v.number() })),
  folds: v.optional(v.number()),
  chooseCleaning: v.optional(v.literal(true)),
  pseudonyms: v.optional(v.literal(true)),
  seen: v.optional(SEEN_SCHEMA),
  provenance: v.optional(PROVENANCE_SCHEMA),
});

/** The content of `run.json`: what the run is, for those who use it and for the record. */
export interface RunInfo {
  /** Version of this form. */
  schema: "pix2rep.run/1";
  /** What was run: "pretrain", or the strategy of the adaptation. */
  kind: string;
  /** Whether the run reached its end. */
  status: "running" | "interrupted" | "done";
  /** The dataset's name. */
  dataset: string;
  /** What the model segments; empty for a pretraining. */
  structures: Structure[];
  /** Unions of them that it is evaluated by, where there are any. */
  regions?: readonly Region[];
  /** Names of the channels that it sees, where there are several. */
  channels?: readonly string[];
  /** The order of voxels that it was trained in; absent of runs of earlier versions: as stored. */
  order?: VoxelOrder;
  /** Number of steps of the whole run. */
  steps: number;
  /** Where it computed. */
  backend: string;
  /** Deno's version. */
  deno: string;
  /** Seconds it took so far. */
  seconds: number;
  /** Where its metrics go besides JSON lines. */
  log?: SinkName[];
  /** Of a pretraining: how many patients' masks its features are measured with. */
  probe?: number;
  /** Of an adaptation: how many labelled patients it has. */
  patients?: number;
  /** Which functions of the caller's own it was trained with, in the place of the library's. */
  own?: ("augment" | "loss")[];
  /** Of an adaptation that is watched: on how many other patients, and the steps between. */
  validation?: { patients: number; every: number };
  /** Of an adaptation that is cross-validated beside: by how many folds. */
  folds?: number;
  /** Whether these choose how masks are cleaned up. */
  chooseCleaning?: true;
  /** Whether patients are called by pseudonyms in it. */
  pseudonyms?: true;
  /** What the scans were like that it was trained on; absent of runs of earlier versions. */
  seen?: SeenScans;
  /** Where it comes from; unknown of runs of earlier versions. */
  provenance?: Provenance;
}

/** A run that was read back. */
export interface Run {
  /** Its configuration. */
  config: Config;
  /** What it is. */
  info: RunInfo;
  /** Its weights and, while it is not done or of a pretraining, its optimiser's state. */
  checkpoint: Safetensors;
  /** What is wrong with its last checkpoint, where `checkpoint` is the one before. */
  damage?: string;
}

/** A run to go on with. */
export interface ReopenedRun extends Run {
  /** What is damaged or lost of it, a line each. */
  warnings: string[];
}

/**
 * Makes sure that a folder can take a new run: it does not exist, is empty, or holds a run that was
 * stopped before its first checkpoint.
 *
 * @throws {Error} if it holds anything else, or is a file.
 */
export async function expectNoRun(dir: string): Promise<void> {
  if (existsSync(dir) && !statSync(dir).isDirectory()) {
    throw new Error(`${dir}: expected a folder for this run, found a file; choose another folder`);
  }
  const content = await listFolderIfAny(dir);
  if (content.length && !await isAbandoned(dir)) {
    throw new Error(
      `${dir}: expected an empty or new folder for this run, found ${content.length} entries; ` +
        "choose another folder",
    );
  }
}

async function isAbandoned(dir: string): Promise<boolean> {
  const status = await statusOf(dir);
  return status !== undefined && !hasCheckpoint(dir) && status !== "done";
}

/** Whether a folder holds a run that reached its end and has a checkpoint, be it damaged. */
export async function isDone(dir: string): Promise<boolean> {
  return await statusOf(dir) === "done" && hasCheckpoint(dir);
}

/** The provenance of a run; undefined where there is no run, or one of an earlier version. */
export async function readProvenance(dir: string): Promise<Provenance | undefined> {
  const path = join(dir, "run.json");
  const text = await readTextIfAny(path);
  return text === undefined ? undefined : parseJson(text, RunInfoJson, path).provenance;
}

/** The status of a run; undefined where there is none. */
async function statusOf(dir: string): Promise<RunInfo["status"] | undefined> {
  const path = join(dir, "run.json");
  const text = await readTextIfAny(path);
  return text === undefined ? undefined : parseJson(text, RunInfoJson, path).status;
}

/**
 * Starts or goes on with a run's folder. `run.json` comes first: by it, whatever a kill leaves is
 * known for a run's.
 */
export async function startRun(
  dir: string,
  { config, info }: { config: Config; info: RunInfo },
): Promise<void> {
  await makeFolder(dir);
  await removeTemporaryFiles(dir);
  await writeRunInfo(dir, info);
  await writeConfig(dir, config);
  await makeFolder(join(dir, "checkpoint"));
  await removeTemporaryFiles(join(dir, "checkpoint"));
}

/** Writes `config.json`. */
export async function writeConfig(dir: string, config: Config): Promise<void> {
  await writeJson(join(dir, "config.json"), config);
}

/** Writes `run.json`. */
export async function writeRunInfo(dir: string, info: RunInfo): Promise<void> {
  await writeJson(join(dir, "run.json"), info);
}

/** The records of `metrics.jsonl`; none where there is no such file. */
export async function readSteps(dir: string): Promise<StepRecord[]> {
  return await readRecords<StepRecord>(dir, "metrics") ?? [];
}

/** The records of `quality.jsonl`, likewise. */
export async function readQuality(dir: string): Promise<QualityRecord[]> {
  return await readRecords<QualityRecord>(dir, "quality") ?? [];
}

/** The records of `validation.jsonl`, likewise. */
export async function readValidation(dir: string): Promise<ValidationRecord[]> {
  return await readRecords<ValidationRecord>(dir, "validation") ?? [];
}

/**
 * Reads a run back.
 *
 * @throws {Error} if the folder holds no run, or one without a checkpoint yet.
 * @throws {SyntaxError} if a file of it is damaged; of checkpoints, the last and the one before.
 */
export async function openRun(dir: string): Promise<Run> {
  const path = join(dir, "config.json");
  const config = parseConfig(parseJson(await readText(path), v.unknown(), path), path);
  const info = parseJson(await readText(join(dir, "run.json")), RunInfoJson, join(dir, "run.json"));
  const kept = await readKept(dir);
  if (!kept) {
    throw new Error(
      `${dir}: expected a checkpoint, found none: the run was stopped before its first`,
    );
  }
  if (kept.damage === undefined) return { config, info, ...kept };
  return { config, info: { ...info, status: "interrupted" }, ...kept };
}

/**
 * Opens a run to go on with; a damaged checkpoint of it is removed.
 *
 * @param kinds What the run may be.
 * @throws {TypeError} if it is of another kind; then it is left as it is.
 * @throws {SyntaxError} as {@linkcode openRun}, or if a line of its records is none.
 */
export async function reopenRun(dir: string, kinds: readonly string[]): Promise<ReopenedRun> {
  const run = await openRun(dir);
  if (!kinds.includes(run.info.kind)) {
    throw new TypeError(`${dir}: expected a run of ${kinds.join(", ")}, found ${run.info.kind}`);
  }
  // An adaptation that is done has no step to go on from.
  const step = Number(run.checkpoint.metadata.step ?? 0);
  const lost = await lostRecords(dir, { step, measured: measurementsOf(run) });
  if (run.damage !== undefined) await dropDamaged(dir);
  return { ...run, warnings: [damageWarning(run) ?? [], lost].flat() };
}

/** What is measured now and then of a run, and the steps between. */
function measurementsOf({ info: { kind, validation }, config }: Run): Measurements {
  const { qualityEvery } = config.pretraining;
  return {
    ...(kind === "pretrain" && qualityEvery > 0 && { quality: qualityEvery }),
    ...(validation && { validation: validation.every }),
  };
}

/** What to tell of a run whose last checkpoint is damaged; undefined where it is sound. */
export function damageWarning(
  { damage, checkpoint, info }: Omit<Run, "config">,
): string | undefined {
  if (damage === undefined) return undefined;
  return `${damage}; the one before it is used, of step ${checkpoint.metadata.step} of ${info.steps}`;
}

/** The text of a file that every run has. */
async function readText(path: string): Promise<string> {
  const text = await readTextIfAny(path);
  if (text === undefined) throw new Error(`${path}: no such file; expected the folder of a run`);
  return text;
}

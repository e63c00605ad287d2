/**
 * The files and folders that a task may reach: those that its arguments name, and no others.
 *
 * @module
 */
import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { datasetFolder } from "../../../lib/data/datasets/dataset_folder.ts";
import { isDicom } from "../../../lib/data/formats/dicom/encoding.ts";
import { dataFileIn, headerOfImage, imageOfHeader } from "../../../lib/data/formats/pairs.ts";
import { leadsOut } from "../../../lib/io/read_file.ts";

/** Where the phantom cohort is kept. */
export const PHANTOM_FOLDER = "data/phantom";

/** Options that name a file or a folder to read. */
const READ = ["data", "input", "known", "mask", "model", "plan", "pretrained", "split"];

/** The option that names the folder to write to; what is there is read too. */
const WRITE = "out";

/** Options that name further folders to write to. */
export const ALSO_WRITTEN = ["pictures", "convert"];

/** Whether an option names a file or a folder. */
export function isPathOption(name: string): boolean {
  return [...READ, WRITE, ...ALSO_WRITTEN].includes(name);
}

/** Tasks that write one file, `--out`, and not a folder. */
const OF_ONE_FILE = ["export"];

/** Tasks that know no dataset by default. */
const WITHOUT_DATA = ["export", "predict", "propagate"];

/** Programs of tasks that run any. */
const PROGRAMS: Record<string, string[]> = { submit: ["sbatch", "squeue"] };

/** Paths that a task may reach, with all that lies below them. */
export interface Access {
  /** What it may read. */
  read: string[];
  /** What it may write. */
  write: string[];
  /** Programs that it may run. */
  run?: string[];
}

/**
 * What a task may reach that is run with these arguments; it judges them itself. Of a path that leads
 * over links, where it leads to as well: whoever names a link means its target.
 */
export function accessOf(task: string, args: readonly string[]): Access {
  const option = { type: "string", multiple: true } as const;
  const options = Object.fromEntries(
    [...READ, WRITE, ...ALSO_WRITTEN].map((name) => [name, option]),
  );
  const { values } = parseArgs({ args: [...args], options, strict: false });
  const all = (name: string) =>
    [values[name] ?? []].flat().filter((value) => typeof value === "string" && value !== "")
      .map(String);
  const optional = (name: string) => all(name).at(-1);
  const data = optional("data") ?? "phantom";
  const inputs = READ.filter((name) => name !== "data").flatMap(all);
  const phantom = data === "phantom" && !WITHOUT_DATA.includes(task) ? phantomFolders() : [];
  const out = outOf(task, all);
  const drafts = out !== undefined && OF_ONE_FILE.includes(task) ? draftsOf(out) : [];
  const others = ALSO_WRITTEN.flatMap((name) => optional(name) ?? []);
  const write = [out ?? [], drafts, phantom, others].flat();
  // Beside a sweep's result lie its pretrainings.
  const beside = all("known").map((path) => join(dirname(path), "pretraining"));
  const read = [data === "phantom" ? [] : datasetFolder(data), inputs, beside].flat();
  return {
    read: withRealPaths([...read.flatMap(filesOf), ...write]),
    write: withRealPaths(write),
    ...(task in PROGRAMS && { run: PROGRAMS[task] }),
  };
}

/** The folder, or file, that a task writes to: the one that was asked for, or its own. */
export function outOf(
  task: string,
  list: (name: string) => readonly string[],
): string | undefined {
  const [out] = list(WRITE);
  const beside = (name: string, folder: string) => {
    const [run, ...others] = list(name);
    if (run === undefined) return undefined;
    // There is no folder in a file, and what comes of several runs belongs to none of them.
    const apart = run.endsWith(".safetensors") || others.length > 0;
    return apart ? `runs/${task}` : join(run, folder);
  };
  switch (task) {
    case "bench":
    case "check-data":
      return undefined;
    case "export":
      return out;
    case "submit":
      return outOf("sweep", list);
    case "evaluate":
      return out ?? beside("model", "evaluation");
    case "pictures":
      return out ?? beside("pretrained", "pictures");
    case "select":
      return out ?? beside("pretrained", "selection");
    default:
      return out ?? `runs/${task}`;
  }
}

/** The folder beside a file or folder in which it is made, until it is whole. */
export function draftsOf(path: string): string {
  return join(dirname(path), `.${basename(path)}-drafts`);
}

/** Where a path leads to, links followed, also where there is nothing yet. */
export function realPathOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    return dirname(whole) === whole ? whole : join(realPathOf(dirname(whole)), basename(whole));
  }
}

function withRealPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const real = realPathOf(path);
    return real === resolve(path) ? [path] : [path, real];
  });
}

/** The phantom cohort's folder, and the one that it is drawn in. */
function phantomFolders(): string[] {
  return [PHANTOM_FOLDER, draftsOf(PHANTOM_FOLDER)];
}

/** A path; of a scan in two files, both; of a DICOM file, its folder, where its series lies. */
function filesOf(path: string): string[] {
  const start = startOf(path);
  if (isDicom(start)) return [dirname(path)];
  const header = headerOfImage(path) ?? path;
  const other = imageOfHeader(header) ?? dataFileOf(header, start);
  return other === undefined ? [header] : [header, other];
}

/** Most bytes of a header that are looked through. */
const HEADER_BYTES = 1 << 16;

/** The file beside an .nhdr or .mhd file, or below, that it says holds its voxels. */
function dataFileOf(path: string, start: Uint8Array): string | undefined {
  const name = /\.(nhdr|mhd)$/i.test(path) ? dataFileIn(start) : undefined;
  const file = name === undefined ? undefined : join(dirname(path), name);
  return file === undefined || leadsOut(relative(dirname(path), file)) ? undefined : file;
}

/** The first bytes of a file; none where there is no such file. */
function startOf(path: string): Uint8Array {
  const start = new Uint8Array(HEADER_BYTES);
  try {
    // Opening a pipe waits until somebody writes to it.
    if (!statSync(path).isFile()) return start.subarray(0, 0);
    const file = openSync(path, "r");
    try {
      return start.subarray(0, readSync(file, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return start.subarray(0, 0);
  }
}

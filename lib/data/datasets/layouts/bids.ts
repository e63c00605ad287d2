/**
 * The Brain Imaging Data Structure (BIDS, bids-specification.readthedocs.io): images in
 * `sub-NN/anat` or `sub-NN/ses-NN/anat`, masks anywhere below `derivatives` (see `bids_masks.ts`), groups
 * in the column `group` of `participants.tsv`, names of the labels in a `dseg.tsv`.
 *
 * Images of the same entities (`sub`, `ses`, `acq`, `run`, …) that differ in their suffix alone, T1w and
 * T2w, are channels of one scan.
 *
 * @module
 */
import { basename, join } from "node:path";
import { contentsOf } from "../contents.ts";
import type { Dataset, Patient, Scan, Structure } from "../dataset.ts";
import { folderName, listSubfolders } from "../../../io/folders.ts";
import { listScanFiles } from "../scan_files.ts";
import { excerpt } from "../../../io/text/printable.ts";
import { readTable } from "../../../io/read_table.ts";
import { type MaskAccess, structuresInMasks, structuresOf } from "../../masks/mask_structures.ts";
import { type BidsFile, bidsFile, chooseMasks, isMask } from "./bids_masks.ts";
import { scanOfFiles } from "./channels.ts";

/** Whether a folder holds sub-* folders with images in `anat`. */
export async function isBids(dir: string): Promise<boolean> {
  for (const id of await subjects(dir)) {
    if ((await filesOf(join(dir, id), dir)).some((file) => !isMask(file))) return true;
  }
  return false;
}

/**
 * Lists a BIDS dataset. Each subject is a patient, for training. Where no `dseg.tsv` names the
 * labels, all masks are read for the labels that occur.
 *
 * @throws {SyntaxError} If there is no image, or a `dseg.tsv` lacks a column.
 * @throws {RangeError} If a scan has two masks of a kind, or a label two names.
 */
export async function openBids(dir: string, access: MaskAccess = {}): Promise<Dataset> {
  const files: BidsFile[] = [];
  for (const id of await subjects(dir)) files.push(...await filesOf(join(dir, id), dir));
  const images = files.filter((file) => !isMask(file));
  if (images.length === 0) {
    throw new SyntaxError(`${dir}: expected images in sub-*/anat or sub-*/ses-*/anat, found none`);
  }
  const below = await contentsOf(join(dir, "derivatives"), { within: dir });
  const masks = [...files, ...below.files.flatMap((path) => bidsFile(path) ?? [])].filter(isMask);
  const acquired = Map.groupBy(images, ({ subject, entities }) => `${subject}\n${entities}`);
  const suffixes = [...new Set(images.map(({ suffix }) => suffix))].sort();
  const channels = acquired.values().some(({ length }) => length > 1) ? suffixes : undefined;
  const { maskOf, name, unused } = chooseMasks([...acquired.values()], masks);
  const scans = [...acquired.values()].map((files) => ({
    subject: files[0].subject,
    scan: withMask(scanOf(files, channels), maskOf(files)),
  }));
  const paths = scans.flatMap(({ scan }) => scan.mask ?? []);
  return {
    name: folderName(dir),
    root: dir,
    layout: "bids",
    structures: name === undefined
      ? await namedStructures(below.files, dir) ?? await found(paths, { dir, ...access })
      : renamed(await found(paths, { dir, ...access }), name),
    ...(channels && { channels }),
    unused,
    patients: await patientsOf(scans, dir),
  };
}

function scanOf(files: readonly BidsFile[], channels?: readonly string[]): Scan {
  if (!channels) return { image: files[0].path };
  return scanOfFiles(channels.map((name) => files.find(({ suffix }) => suffix === name)?.path));
}

function withMask(scan: Scan, mask?: string): Scan {
  return mask === undefined ? scan : { ...scan, mask };
}

async function found(
  masks: readonly string[],
  { dir, ...access }: { dir: string } & MaskAccess,
): Promise<Structure[]> {
  return await structuresInMasks(masks, {
    source: join(dir, "derivatives"),
    within: dir,
    ...access,
  });
}

/** The structures of masks that each outline one thing; values that tell parts apart are kept. */
function renamed(structures: readonly Structure[], name: string): Structure[] {
  return structures.map((structure) => ({
    ...structure,
    name: structures.length === 1 ? name : structure.name.replace("label", name),
  }));
}

async function patientsOf(
  scans: readonly { subject: string; scan: Scan }[],
  dir: string,
): Promise<Patient[]> {
  const groups = await groupsOf(dir);
  return [...Map.groupBy(scans, ({ subject }) => subject)].map(([id, scans]): Patient => ({
    id,
    group: groups.get(id) ?? "",
    part: "training",
    scans: scans.map(({ scan }) => scan),
  }));
}

async function subjects(dir: string): Promise<string[]> {
  return (await listSubfolders(dir)).filter((name) => name.startsWith("sub-"));
}

/** The files of a subject's anat folders, of all sessions. */
async function filesOf(subject: string, dir: string): Promise<BidsFile[]> {
  const folders = await listSubfolders(subject, { within: dir });
  const sessions = folders.filter((name) => name.startsWith("ses-"));
  const files: BidsFile[] = [];
  for (const parent of [subject, ...sessions.map((name) => join(subject, name))]) {
    if (!(await listSubfolders(parent, { within: dir })).includes("anat")) continue;
    const folder = join(parent, "anat");
    for (const name of await listScanFiles(folder, { within: dir })) {
      const file = bidsFile(join(folder, name));
      if (file) files.push({ ...file, subject: basename(subject) });
    }
  }
  return files;
}

/** Subjects' groups from participants.tsv. */
async function groupsOf(dir: string): Promise<Map<string, string>> {
  const rows = await readTable(join(dir, "participants.tsv"), "\t", { within: dir });
  return new Map(
    rows.map(({ participant_id, group = "" }) => [
      participant_id,
      group === "n/a" ? "" : group,
    ]),
  );
}

/** The structures of dseg.tsv tables, each with `index` and `name`; undefined where there is none. */
async function namedStructures(
  files: readonly string[],
  dir: string,
): Promise<Structure[] | undefined> {
  const tables = files.filter((path) => /(^|_)dseg\.tsv$/.test(basename(path)));
  if (tables.length === 0) return undefined;
  const names = new Map<number, string>();
  for (const path of tables) {
    for (const { index, name } of await readTable(path, "\t", { within: dir })) {
      const value = Number(index);
      if (!name || !index || !Number.isInteger(value)) {
        throw new SyntaxError(`${path}: expected the columns index and name in every row`);
      }
      const other = value === 0 ? name : names.get(value) ?? name;
      if (other !== name) {
        throw new RangeError(
          `${path}: expected one name for label ${value}, found ${excerpt(other)} and ${
            excerpt(name)
          }`,
        );
      }
      names.set(value, name);
    }
  }
  const named = [...names].map(([value, name]) => ({ name, values: [value] }));
  return structuresOf(named, tables[0]).structures;
}

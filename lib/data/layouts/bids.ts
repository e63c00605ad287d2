/**
 * The Brain Imaging Data Structure (BIDS, bids-specification.readthedocs.io): images in
 * `sub-NN/anat` or `sub-NN/ses-NN/anat`, masks `…_dseg.nii.gz` in the same folders anywhere below
 * `derivatives`, groups in the column `group` of `participants.tsv`, names of the labels in a
 * `dseg.tsv`.
 *
 * A mask belongs to the image of the same entities (`sub`, `ses`, `acq`, `run`, …). Masks in another
 * space (`space-…` other than `space-orig`, `res-…`) are not on the image's grid and not read.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient, Scan, Structure } from "../dataset.ts";
import { folderName, listFolderIfAny, listNifti, listSubfolders, niftiStem } from "../files.ts";
import { excerpt } from "../printable.ts";
import { readTable } from "../read_table.ts";
import { structuresInMasks, structuresOf } from "../mask_structures.ts";

/** Entities that tell how a mask was made, not which image it belongs to. */
const MASK_ENTITIES = /_(space-orig|(seg|atlas|desc|label)-[^_]+)/g;

/** Whether a folder holds sub-* folders with images in `anat`. */
export async function isBids(dir: string): Promise<boolean> {
  for (const id of await subjects(dir)) {
    if ((await imagesOf(join(dir, id))).length > 0) return true;
  }
  return false;
}

/**
 * Lists a BIDS dataset. Each subject is a patient, for training. Where no `dseg.tsv` names the
 * labels, all masks are read for the labels that occur.
 *
 * @throws {SyntaxError} If there is no image.
 * @throws {RangeError} If an image has two masks, a mask's entities fit several images of which none
 * is a T1w, or labels are not 1…n without gaps.
 */
export async function openBids(dir: string): Promise<Dataset> {
  const groups = await groupsOf(dir);
  const { masks, tables } = await derivatives(dir);
  const patients: Patient[] = [];
  for (const id of await subjects(dir)) {
    const images = await imagesOf(join(dir, id));
    if (images.length === 0) continue;
    const scans = images.map((image): Scan => {
      const mask = maskOf(image, images, masks);
      return { image: image.path, ...(mask && { mask }) };
    });
    patients.push({ id, group: groups.get(id) ?? "", part: "training", scans });
  }
  if (patients.length === 0) {
    throw new SyntaxError(`${dir}: expected images in sub-*/anat or sub-*/ses-*/anat, found none`);
  }
  const maskPaths = patients.flatMap(({ scans }) => scans.flatMap(({ mask }) => mask ?? []));
  return {
    name: folderName(dir),
    root: dir,
    layout: "bids",
    structures: await namedStructures(tables, dir) ??
      await structuresInMasks(maskPaths, { source: join(dir, "derivatives"), within: dir }),
    patients,
  };
}

/** A file of BIDS: "sub-01_acq-a_T1w" has the entities "sub-01_acq-a" and the suffix "T1w". */
interface BidsFile {
  path: string;
  entities: string;
  suffix: string;
}

async function subjects(dir: string): Promise<string[]> {
  return (await listSubfolders(dir)).filter((name) => name.startsWith("sub-"));
}

/** The NIfTI files of a subject's anat folders, of all sessions; without those of defacing. */
async function imagesOf(subject: string): Promise<BidsFile[]> {
  const sessions = (await listSubfolders(subject)).filter((name) => name.startsWith("ses-"));
  const folders = [subject, ...sessions.map((name) => join(subject, name))]
    .map((folder) => join(folder, "anat"));
  const files: BidsFile[] = [];
  for (const folder of folders) {
    for (const name of await listNifti(folder)) {
      const stem = niftiStem(name)!;
      const end = stem.lastIndexOf("_");
      if (stem.endsWith("mask")) continue;
      files.push({
        path: join(folder, name),
        entities: stem.slice(0, Math.max(end, 0)),
        suffix: stem.slice(end + 1),
      });
    }
  }
  return files;
}

/** All dseg masks below `derivatives`, and the paths of the tables that name their labels. */
async function derivatives(
  dir: string,
): Promise<{ masks: BidsFile[]; tables: string[] }> {
  const masks: BidsFile[] = [];
  const tables: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const name of await listFolderIfAny(folder)) {
      if (/(^|_)dseg\.tsv$/.test(name)) tables.push(join(folder, name));
    }
    for (const name of await listSubfolders(folder)) {
      const path = join(folder, name);
      if (name.startsWith("sub-")) {
        masks.push(...(await imagesOf(path)).filter(({ suffix }) => suffix === "dseg"));
      }
      await walk(path);
    }
  };
  await walk(join(dir, "derivatives"));
  return { masks, tables };
}

/** The mask of an image among those of all images. */
function maskOf(
  { path, entities, suffix }: BidsFile,
  images: readonly BidsFile[],
  masks: readonly BidsFile[],
): string | undefined {
  const found = masks.filter((mask) => mask.entities.replaceAll(MASK_ENTITIES, "") === entities);
  if (found.length === 0) return undefined;
  const rivals = images.filter((image) => image.entities === entities);
  if (rivals.length > 1 && suffix !== "T1w") {
    // Pipelines write masks of a subject's anatomy on the grid of the T1w.
    if (rivals.some((image) => image.suffix === "T1w")) return undefined;
    throw new RangeError(
      `${found[0].path}: expected one image with these entities, found ` +
        `${rivals.map((image) => image.path).join(" and ")}; tell them apart by acq-…`,
    );
  }
  if (found.length > 1) {
    throw new RangeError(
      `${path}: expected one mask, found ${found.map((mask) => mask.path).join(" and ")}; keep one`,
    );
  }
  return found[0].path;
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

/** The structures of the tables, each with `index` and `name`; undefined where there is none. */
async function namedStructures(
  tables: readonly string[],
  dir: string,
): Promise<Structure[] | undefined> {
  if (tables.length === 0) return undefined;
  const names = new Map([[0, "background"]]);
  for (const path of tables) {
    for (const { index, name } of await readTable(path, "\t", { within: dir })) {
      const label = Number(index);
      if (!name || !index || !Number.isInteger(label)) {
        throw new SyntaxError(`${path}: expected the columns index and name in every row`);
      }
      const other = label === 0 ? name : names.get(label) ?? name;
      if (other !== name) {
        throw new RangeError(
          `${path}: expected one name for label ${label}, found ${excerpt(other)} and ${
            excerpt(name)
          }`,
        );
      }
      names.set(label, name);
    }
  }
  return structuresOf([...names].map(([label, name]) => ({ label, name })), tables[0]);
}

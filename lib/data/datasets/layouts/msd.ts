/**
 * The layout of the Medical Segmentation Decathlon (arXiv 1902.09063): `dataset.json` lists images,
 * masks and what the labels mean; an image of several modalities is 4D. nnU-Net v1 has the same list, but
 * a file for each modality: `CASE_0000.nii.gz`, `CASE_0001.nii.gz`, ….
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { parseJson } from "../../../io/text/parse_json.ts";
import type { Dataset, Patient, Scan } from "../dataset.ts";
import { folderName, listFolderIfAny, pathInside, readTextIfAny } from "../../../io/folders.ts";
import { findScanFile } from "../scan_files.ts";
import { scanStem } from "../../formats/formats.ts";
import { excerpt } from "../../../io/text/printable.ts";
import { structuresOf } from "../../masks/mask_structures.ts";
import { channelNames, scanOfFiles, scanOfOneFile } from "./channels.ts";

const Case = v.object({ image: v.string(), label: v.optional(v.string()) });

const DatasetJson = v.object({
  name: v.optional(v.string()),
  modality: v.optional(v.record(v.string(), v.string()), { "0": "" }),
  labels: v.record(v.string(), v.string()),
  training: v.array(Case),
  test: v.optional(v.array(v.union([v.string(), Case])), []),
});

type Case = v.InferOutput<typeof Case>;

/** Whether a folder holds a dataset.json. */
export async function isMsd(dir: string): Promise<boolean> {
  return await readTextIfAny(join(dir, "dataset.json"), { within: dir }) !== undefined;
}

/**
 * Lists an MSD dataset. Each case is a patient; the group is "".
 *
 * @throws {SyntaxError} If dataset.json is missing or not as the decathlon defines it.
 * @throws {RangeError} If a path leaves the folder, labels are not whole or share a name, modalities
 * have gaps, or a case occurs twice.
 */
export async function openMsd(dir: string): Promise<Dataset> {
  const path = join(dir, "dataset.json");
  const text = await readTextIfAny(path, { within: dir });
  if (text === undefined) throw new SyntaxError(`${path}: no such file`);
  const content = parseJson(text, DatasetJson, path);
  const channels = channelNames(content.modality, path);
  const images = imageFinder(dir, channels);
  const patient = async (entry: Case, part: Patient["part"]): Promise<Patient> => {
    const image = pathInside(dir, entry.image, path);
    const mask = entry.label === undefined ? undefined : pathInside(dir, entry.label, path);
    const id = scanStem(basename(image)) ?? basename(image);
    return { id, group: "", part, scans: [{ ...await images(image), ...(mask && { mask }) }] };
  };
  const patients: Patient[] = [];
  for (const entry of content.training) patients.push(await patient(entry, "training"));
  for (const entry of content.test) {
    patients.push(await patient(typeof entry === "string" ? { image: entry } : entry, "testing"));
  }
  patients.sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = patients.find(({ id }, i) => id === patients[i + 1]?.id);
  if (twice) {
    throw new RangeError(`${path}: expected every case once, found ${excerpt(twice.id)} twice`);
  }
  return {
    name: content.name || folderName(dir),
    root: dir,
    layout: "msd",
    ...structuresOf(
      Object.entries(content.labels).map(([value, name]) => ({ name, values: [Number(value)] })),
      path,
    ),
    ...(channels.length > 1 && { channels }),
    patients,
  };
}

/** Finds the files of an image that the list names: itself, or those of its modalities. */
function imageFinder(
  dir: string,
  channels: readonly string[],
): (image: string) => Promise<Scan> {
  const folders = new Map<string, Promise<string[]>>();
  return async (image) => {
    const folder = dirname(image);
    if (!folders.has(folder)) folders.set(folder, listFolderIfAny(folder, { within: dir }));
    const names = await folders.get(folder)!;
    const stem = scanStem(basename(image)) ?? basename(image);
    const files = channels.map((_, i) => findScanFile(names, `${stem}_${`${i}`.padStart(4, "0")}`))
      .map((name) => name && join(folder, name));
    const isSplit = !names.includes(basename(image)) && files.some((file) => file !== undefined);
    return isSplit ? scanOfFiles(files) : scanOfOneFile(image, channels.length);
  };
}

/**
 * The layout of the Medical Segmentation Decathlon (arXiv 1902.09063): `dataset.json` lists images,
 * masks and what the labels mean.
 *
 * @module
 */
import { basename, join } from "node:path";
import * as v from "valibot";
import { parseJson } from "../parse_json.ts";
import type { Dataset, Patient } from "../dataset.ts";
import { folderName, niftiStem, pathInside, readTextIfAny } from "../files.ts";
import { excerpt } from "../printable.ts";
import { structuresOf } from "../mask_structures.ts";

const Case = v.object({ image: v.string(), label: v.optional(v.string()) });

const DatasetJson = v.object({
  name: v.optional(v.string()),
  labels: v.record(v.string(), v.string()),
  training: v.array(Case),
  test: v.optional(v.array(v.union([v.string(), Case])), []),
});

/** Whether a folder holds a dataset.json. */
export async function isMsd(dir: string): Promise<boolean> {
  return await readTextIfAny(join(dir, "dataset.json"), { within: dir }) !== undefined;
}

/**
 * Lists an MSD dataset. Each case is a patient; the group is "".
 *
 * @throws {SyntaxError} If dataset.json is missing or not as the decathlon defines it.
 * @throws {RangeError} If a path leaves the folder, labels are not 0…n, or a case occurs twice.
 */
export async function openMsd(dir: string): Promise<Dataset> {
  const path = join(dir, "dataset.json");
  const text = await readTextIfAny(path, { within: dir });
  if (text === undefined) throw new SyntaxError(`${path}: no such file`);
  const content = parseJson(text, DatasetJson, path);
  const patients = [
    ...content.training.map((entry) => patient(entry, "training")),
    ...content.test.map((entry) =>
      patient(typeof entry === "string" ? { image: entry } : entry, "testing")
    ),
  ].sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = patients.find(({ id }, i) => id === patients[i + 1]?.id);
  if (twice) {
    throw new RangeError(`${path}: expected every case once, found ${excerpt(twice.id)} twice`);
  }
  return {
    name: content.name || folderName(dir),
    root: dir,
    layout: "msd",
    structures: structuresOf(
      Object.entries(content.labels).map(([label, name]) => ({ label: Number(label), name })),
      path,
    ),
    patients,
  };

  function patient(entry: v.InferOutput<typeof Case>, part: Patient["part"]): Patient {
    const image = pathInside(dir, entry.image, path);
    const mask = entry.label === undefined ? undefined : pathInside(dir, entry.label, path);
    const id = niftiStem(basename(image)) ?? basename(image);
    return { id, group: "", part, scans: [{ image, ...(mask && { mask }) }] };
  }
}

/**
 * The layout of nnU-Net v2 (MIC-DKFZ/nnUNet, documentation/dataset_format.md): `dataset.json` tells
 * the channels and what the labels mean, `imagesTr/CASE_0000.nii.gz` is a case's first channel,
 * `labelsTr/CASE.nii.gz` its mask, `imagesTs` and, where there are any, `labelsTs` are for testing.
 *
 * Networks here see one channel: the first, 0000. Further channels are not read.
 *
 * @module
 */
import { join } from "node:path";
import * as v from "valibot";
import type { Dataset, Patient, Scan } from "../dataset.ts";
import {
  findNifti,
  folderName,
  listFolderIfAny,
  listNifti,
  pathInside,
  readTextIfAny,
} from "../files.ts";
import { parseJson } from "../parse_json.ts";
import { excerpt } from "../printable.ts";
import { structuresOf } from "../mask_structures.ts";

const DatasetJson = v.object({
  name: v.optional(v.string()),
  channel_names: v.record(v.string(), v.string()),
  labels: v.record(v.string(), v.union([v.number(), v.array(v.number())])),
  file_ending: v.string(),
  dataset: v.optional(v.record(
    v.string(),
    v.object({ images: v.pipe(v.array(v.string()), v.minLength(1)), label: v.string() }),
  )),
});

type DatasetJson = v.InferOutput<typeof DatasetJson>;

/** Whether a folder holds a dataset.json with `channel_names`: the decathlon's has none. */
export async function isNnunet(dir: string): Promise<boolean> {
  const text = await readTextIfAny(join(dir, "dataset.json"), { within: dir });
  return text !== undefined && /"channel_names"\s*:/.test(text);
}

/**
 * Lists an nnU-Net dataset. Each case is a patient; the group is "".
 *
 * @throws {SyntaxError} If dataset.json is missing or not as nnU-Net defines it, or a training case
 * has no mask.
 * @throws {TypeError} If the files are not NIfTI, or labels are regions or `ignore`.
 * @throws {RangeError} If labels are not 0…n, a path leaves the folder, or a case occurs twice.
 */
export async function openNnunet(dir: string): Promise<Dataset> {
  const path = join(dir, "dataset.json");
  const text = await readTextIfAny(path, { within: dir });
  if (text === undefined) throw new SyntaxError(`${path}: no such file`);
  const content = parseJson(text, DatasetJson, path);
  if (!/^\.nii(\.gz)?$/.test(content.file_ending)) {
    throw new TypeError(
      `${path}: expected the file_ending .nii.gz or .nii, found "${
        excerpt(content.file_ending)
      }"; ` +
        "convert the files to NIfTI",
    );
  }
  const training = content.dataset
    ? listedCases(content.dataset, dir, path)
    : await casesIn(dir, "Tr", content.file_ending);
  const testing = await casesIn(dir, "Ts", content.file_ending);
  const patients = [
    ...training.map((one): Patient => ({ ...one, group: "", part: "training" })),
    ...testing.map((one): Patient => ({ ...one, group: "", part: "testing" })),
  ].sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = patients.find(({ id }, i) => id === patients[i + 1]?.id);
  if (twice) {
    throw new RangeError(`${dir}: expected every case once, found ${excerpt(twice.id)} twice`);
  }
  return {
    name: content.name || folderName(dir),
    root: dir,
    layout: "nnunet",
    structures: structuresOf(labels(content, path), path),
    patients,
  };
}

type Case = Pick<Patient, "id" | "scans">;

/** The cases of imagesTr or imagesTs. */
async function casesIn(dir: string, part: "Tr" | "Ts", ending: string): Promise<Case[]> {
  const images = join(dir, `images${part}`);
  const masks = join(dir, `labels${part}`);
  const firstChannel = `_0000${ending}`;
  const names = (await listFolderIfAny(images)).filter((name) => name.endsWith(firstChannel));
  if (names.length === 0 && part === "Tr") {
    throw new SyntaxError(`${images}: expected files CASE${firstChannel}, found none`);
  }
  const maskNames = await listNifti(masks);
  return names.map((name) => {
    const id = name.slice(0, -firstChannel.length);
    const mask = findNifti(maskNames, id);
    if (!mask && part === "Tr") {
      throw new SyntaxError(
        `${masks}: expected a mask for every training case, found no ${id}${ending}`,
      );
    }
    const scan: Scan = { image: join(images, name), ...(mask && { mask: join(masks, mask) }) };
    return { id, scans: [scan] };
  });
}

/** The training cases where dataset.json lists them itself. */
function listedCases(
  listed: NonNullable<DatasetJson["dataset"]>,
  dir: string,
  path: string,
): Case[] {
  return Object.entries(listed).map(([id, { images, label }]) => ({
    id,
    scans: [{ image: pathInside(dir, images[0], path), mask: pathInside(dir, label, path) }],
  }));
}

/** Labels by number, the background among them. */
function labels({ labels }: DatasetJson, path: string): { label: number; name: string }[] {
  return Object.entries(labels).map(([name, label]) => {
    if (typeof label !== "number") {
      throw new TypeError(
        `${path}: expected one number for each label, found the region "${excerpt(name)}" of ` +
          `${excerpt(label.join(", "))}; list the labels of the masks instead`,
      );
    }
    if (name === "ignore") {
      throw new TypeError(
        `${path}: expected masks in which every voxel is labelled, found the label "ignore"`,
      );
    }
    return { label, name };
  });
}

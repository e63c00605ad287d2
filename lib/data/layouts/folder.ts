/**
 * The plainest layout: NIfTI files in a folder (or its `images`), masks of the same names in
 * `labels` or `masks`. Every file is a patient.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient, Structure } from "../dataset.ts";
import { labelsOf } from "../labels.ts";
import { readNifti } from "../nifti_read.ts";
import { findNifti, folderName, listFolder, listFolderIfAny, niftiStem } from "../files.ts";

/** Whether a folder, or its `images`, holds NIfTI files. */
export async function isFolder(dir: string): Promise<boolean> {
  return (await imagesIn(dir)).names.length > 0;
}

/**
 * Lists a plain folder. All masks are read, for the labels that occur name the structures.
 *
 * @throws {SyntaxError} If there is no image, or masks exist and none is of an image's name.
 * @throws {RangeError} If the labels are not whole, or not 1…n without gaps.
 */
export async function openFolder(dir: string): Promise<Dataset> {
  const images = await imagesIn(dir);
  if (images.names.length === 0) {
    throw new SyntaxError(
      `${dir}: expected .nii or .nii.gz files, in it or in its images folder, found none`,
    );
  }
  const masks = await masksIn(dir);
  const patients = images.names.map((name): Patient => {
    const id = niftiStem(name)!;
    const mask = findNifti(masks.names, id);
    const image = join(images.dir, name);
    const scan = mask ? { image, mask: join(masks.dir, mask) } : { image };
    return { id, group: "", part: "training", scans: [scan] };
  });
  const maskPaths = patients.flatMap(({ scans }) => scans.flatMap(({ mask }) => mask ?? []));
  if (masks.names.length > 0 && maskPaths.length === 0) {
    throw new SyntaxError(
      `${masks.dir}: expected masks named as the images, such as ${images.names[0]},` +
        ` found ${masks.names[0]}`,
    );
  }
  return {
    name: folderName(dir),
    root: dir,
    layout: "folder",
    structures: await structuresOf(maskPaths, masks.dir),
    patients,
  };
}

interface Files {
  dir: string;
  names: string[];
}

async function imagesIn(dir: string): Promise<Files> {
  const own = (await listFolder(dir)).filter(niftiStem);
  if (own.length > 0) return { dir, names: own };
  const images = join(dir, "images");
  return { dir: images, names: (await listFolderIfAny(images)).filter(niftiStem) };
}

async function masksIn(dir: string): Promise<Files> {
  const [labels, masks] = await Promise.all(["labels", "masks"].map(async (name) => ({
    dir: join(dir, name),
    names: (await listFolderIfAny(join(dir, name))).filter(niftiStem),
  })));
  return labels.names.length > 0 ? labels : masks;
}

/** One structure for each label that occurs in any of the masks. */
async function structuresOf(paths: string[], dir: string): Promise<Structure[]> {
  const seen = new Set<number>();
  for (const path of paths) {
    const { voxels } = await readNifti(path);
    for (const label of labelsOf(voxels, path)) seen.add(label);
  }
  seen.delete(0);
  const labels = [...seen].sort((a, b) => a - b);
  if (labels.some((label, i) => label !== i + 1)) {
    throw new RangeError(
      `${dir}: expected labels 1, 2, … without gaps, found ${labels.join(", ")}; renumber them`,
    );
  }
  return labels.map((label) => ({ label, name: `label ${label}` }));
}

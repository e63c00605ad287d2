/**
 * The plainest layout: NIfTI files in a folder (or its `images`), masks of the same names in
 * `labels` or `masks`. Every file is a patient.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient } from "../dataset.ts";
import { findNifti, folderName, listNifti, niftiStem } from "../files.ts";
import { structuresInMasks } from "./structures.ts";

/** Whether a folder, or its `images`, holds NIfTI files. */
export async function isFolder(dir: string): Promise<boolean> {
  return (await imagesIn(dir)).names.length > 0;
}

/**
 * Lists a plain folder. All masks are read, for the labels that occur name the structures.
 *
 * @throws {SyntaxError} If there is no image, or masks exist and none is of an image's name.
 * @throws {RangeError} If the labels are not whole, or not 1…n without gaps, or two files differ in
 * nothing but their ending.
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
    structures: await structuresInMasks(maskPaths, masks.dir),
    patients,
  };
}

interface Files {
  dir: string;
  names: string[];
}

async function imagesIn(dir: string): Promise<Files> {
  const own = await listNifti(dir);
  if (own.length > 0) return { dir, names: own };
  const images = join(dir, "images");
  return { dir: images, names: await listNifti(images) };
}

async function masksIn(dir: string): Promise<Files> {
  const [labels, masks] = await Promise.all(["labels", "masks"].map(async (name) => ({
    dir: join(dir, name),
    names: await listNifti(join(dir, name)),
  })));
  return labels.names.length > 0 ? labels : masks;
}

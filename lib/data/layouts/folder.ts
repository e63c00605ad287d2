/**
 * The plainest layout: NIfTI files in a folder (or its `images` or `imagesTr`), masks of the same
 * names in `labels`, `masks` or `labelsTr`, or beside the images. A mask's name may have `_mask`,
 * `_seg`, `_label` or `_gt` at its end. Every image is a patient.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient } from "../dataset.ts";
import { findNifti, folderName, listNifti, niftiStem } from "../files.ts";
import { structuresInMasks } from "../mask_structures.ts";

/** What a mask's name may have at its end, after the image's. */
const MASK_ENDING = /^(.+)[_-](mask|seg|label|gt)$/i;

/** Whether a folder, or its images folder, holds NIfTI files. */
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
  const masks = await masksIn(dir, images);
  const patients = images.names.map((name): Patient => {
    const id = niftiStem(name)!;
    const mask = findNifti(masks.names, id) ?? masks.names.find((mask) => imageOf(mask) === id);
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
    structures: await structuresInMasks(maskPaths, { source: masks.dir, within: dir }),
    patients,
  };
}

interface Files {
  dir: string;
  names: string[];
}

/** The images, and the masks that lie beside them. */
async function imagesIn(dir: string): Promise<Files & { masks: string[] }> {
  const { dir: folder, names } = await firstWithNifti(
    [".", "images", "imagesTr"].map((name) => join(dir, name)),
  );
  const stems = new Set(names.map(niftiStem));
  const [masks, images] = partition(names, (name) => stems.has(imageOf(name)));
  return { dir: folder, names: images, masks };
}

async function masksIn(dir: string, images: Files & { masks: string[] }): Promise<Files> {
  const found = await firstWithNifti(
    ["labels", "masks", "labelsTr"].map((name) => join(dir, name)),
  );
  return found.names.length > 0 ? found : { dir: images.dir, names: images.masks };
}

/** The first of some folders that holds NIfTI files, or the first. */
async function firstWithNifti(dirs: readonly string[]): Promise<Files> {
  const all = await Promise.all(dirs.map(async (dir) => ({ dir, names: await listNifti(dir) })));
  return all.find(({ names }) => names.length > 0) ?? all[0];
}

/** The stem of the image that a mask's name speaks of. */
function imageOf(mask: string): string | undefined {
  return niftiStem(mask)?.match(MASK_ENDING)?.[1];
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

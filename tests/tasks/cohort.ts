/** A cohort for tests of the tasks: small hearts, told apart by noise, in the layout of ACDC. */
import { mkdir } from "node:fs/promises";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import type { Voxels } from "../../lib/data/volumes/volume.ts";
import { random } from "../../lib/math/random.ts";
import { tinyVolume } from "../support/datasets.ts";

const SHAPE = [18, 14, 3] as const;

/** Names of the training patients. */
export const TRAINING = Array.from({ length: 6 }, (_, i) => `patient00${i + 1}`);

/** Names of the test patients. */
export const TESTING = ["patient007", "patient008"];

/** Path of a patient's ED image; the mask's has `_gt` before its ending. */
export function imagePath(dir: string, id: string, ending = ".nii.gz"): string {
  return `${dir}/${TESTING.includes(id) ? "testing" : "training"}/${id}/${id}_frame01${ending}`;
}

/** Writes the cohort: six patients to train on, two to test on, ED and ES with masks. */
export async function writeCohort(dir: string): Promise<void> {
  for (const id of [...TRAINING, ...TESTING]) {
    const folder = imagePath(dir, id).replace(/\/[^/]+$/, "");
    await mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/Info.cfg`, "ED: 1\nES: 8\nGroup: NOR\n");
    for (const frame of ["01", "08"]) {
      const mask = labels(frame === "01" ? 3 : 2);
      await writeVolume(`${folder}/${id}_frame${frame}.nii.gz`, image(mask, id));
      await writeVolume(`${folder}/${id}_frame${frame}_gt.nii.gz`, mask);
    }
  }
}

/** Writes voxels on the cohort's grid, or on one of another shape. */
export async function writeVolume(
  path: string,
  voxels: Voxels,
  shape: readonly number[] = SHAPE,
): Promise<void> {
  await writeNifti(path, voxels, { ...tinyVolume(voxels), shape: [...shape] });
}

/** A left ventricle (3) in its myocardium (2), the right one (1) beside it. */
export function labels(radius: number): Uint8Array {
  const [width, height, depth] = SHAPE;
  return Uint8Array.from({ length: width * height * depth }, (_, i) => {
    const [x, y] = [i % width - 10, Math.floor(i / width) % height - 7];
    const r = Math.hypot(x, y);
    if (r < radius) return 3;
    if (r < radius + 2) return 2;
    return x < 0 && Math.hypot(x + 6, y) < radius ? 1 : 0;
  });
}

/** Bright blood, dark muscle, and noise that only this patient has. */
export function image(mask: Uint8Array, id: string): Int16Array {
  const noise = random("tiny cohort", id);
  return Int16Array.from(mask, (label) => [60, 180, 30, 200][label] + noise.uniform(0, 40));
}

/** Writes over the masks of the test patients what is no file of any format. */
export async function spoilTestMasks(dir: string): Promise<void> {
  for (const id of TESTING) {
    for (const frame of ["01", "08"]) {
      const path = imagePath(dir, id).replace("frame01.", `frame${frame}_gt.`);
      await Deno.writeTextFile(path, "no mask");
    }
  }
}

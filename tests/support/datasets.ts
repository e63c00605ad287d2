/** Tiny datasets in temporary folders, and the real ones where they are. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import type { Volume, Voxels } from "../../lib/data/volumes/volume.ts";

/** Runs a body with a new folder, which is removed afterwards. */
export async function withFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A volume of 4 × 3 × 2 voxels of 1.5 × 1.5 × 8 mm, placed by its sform. */
export function tinyVolume(voxels: Voxels = tinyImage()): Volume {
  const sform = [[1.5, 0, 0, 10], [0, 1.5, 0, 20], [0, 0, 8, 30]];
  return {
    voxels,
    shape: [4, 3, 2],
    spacing: [1.5, 1.5, 8],
    affine: [...sform, [0, 0, 0, 1]],
    geometry: {
      version: 1,
      pixdim: [1, 1.5, 1.5, 8, 0, 0, 0, 0],
      qformCode: 0,
      sformCode: 1,
      quaternion: [0, 0, 0],
      offset: [0, 0, 0],
      sform,
      units: 2,
    },
    source: "tiny.nii",
    warnings: [],
  };
}

/** Intensities 0, 10, 20… */
export function tinyImage(): Int16Array {
  return Int16Array.from({ length: 24 }, (_, i) => 10 * i);
}

/** Labels 1…n in the first slice, none in the second. */
export function tinyMask(n: number): Uint8Array {
  return Uint8Array.from({ length: 24 }, (_, i) => i < 12 ? i % (n + 1) : 0);
}

/** Writes a tiny NIfTI file, making its folder. */
export async function writeTiny(path: string, voxels: Voxels): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeNifti(path, voxels, tinyVolume(voxels));
}

/** Writes a tiny 4D NIfTI file of these frames, making its folder. */
export async function writeTinyFrames(
  path: string,
  frames: readonly (Int16Array | Uint8Array)[],
): Promise<void> {
  const voxels = Int16Array.from(frames.flatMap((frame) => [...frame]));
  await mkdir(dirname(path), { recursive: true });
  await writeNifti(path, voxels, { ...tinyVolume(voxels), shape: [4, 3, 2, frames.length] });
}

/** Writes one ACDC patient. */
export async function writeAcdcPatient(
  dir: string,
  id: string,
  { group = "NOR", ed = 1, es = 8, masks = true, cineFrames = 0 } = {},
): Promise<void> {
  for (const frame of [ed, es]) {
    const stem = `${dir}/${id}/${id}_frame${String(frame).padStart(2, "0")}`;
    await writeTiny(`${stem}.nii.gz`, tinyImage());
    if (masks) await writeTiny(`${stem}_gt.nii.gz`, tinyMask(3));
  }
  if (cineFrames > 0) {
    const frames = Array.from({ length: cineFrames }, (_, i) => tinyImage().with(0, i));
    await writeTinyFrames(`${dir}/${id}/${id}_4d.nii.gz`, frames);
  }
  await Deno.writeTextFile(
    `${dir}/${id}/Info.cfg`,
    `ED: ${ed}\nES: ${es}\nGroup: ${group}\nHeight: 180.0\nNbFrame: 30\nWeight: 80.0`,
  );
}

/** A real dataset's folder. */
export function realDataPath(name: string): string {
  const root = Deno.env.get("PIX2REP_DATA") ??
    fileURLToPath(new URL("../../../shared/data", import.meta.url));
  return `${root}/${name}`;
}

/** Options of a test that needs a real dataset: skipped, saying so, where it is absent. */
export function withRealData(dataset: string, name: string): { name: string; ignore: boolean } {
  const present = existsSync(realDataPath(dataset));
  return { name: present ? name : `${name} (skipped: no ${dataset})`, ignore: !present };
}

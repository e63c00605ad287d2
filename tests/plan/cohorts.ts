/** Cohorts of kinds that nobody tuned for: discs of a known size somewhere in their slices. */
import { mkdir, writeFile } from "node:fs/promises";
import { encode } from "fast-png";
import { random } from "../../lib/math/random.ts";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import type { Volume, Voxels } from "../../lib/data/volumes/volume.ts";
import { tinyVolume } from "../support/datasets.ts";

/** What a cohort is like. */
export interface DiscCohort {
  /** Voxels along x, y, z. */
  shape: [number, number, number];
  /** Their size in mm. */
  spacing: [number, number, number];
  /** What is outlined; the second has label 2. */
  discs: Disc[];
  /** Intensity outside and inside. */
  intensities: [number, number];
  /** Number of patients. */
  patients: number;
}

/** A structure: round, in all slices but the first and the last. */
export interface Disc {
  /** Its diameter in mm. */
  diameter: number;
  /** Distance of its middle from the slice's, in mm, in a direction of each patient's own. */
  aside: number;
  /** The one patient who has it; all by default. */
  only?: number;
}

/** Labels of a patient. */
function discLabels({ shape, spacing, discs }: DiscCohort, patient: number): Uint8Array {
  const [width, height, depth] = shape;
  const labels = new Uint8Array(width * height * depth);
  discs.forEach(({ diameter, aside, only = patient }, i) => {
    if (only !== patient) return;
    const angle = random("disc", patient, i).uniform(0, 2 * Math.PI);
    const middle = [
      (width - 1) / 2 + aside * Math.cos(angle) / spacing[0],
      (height - 1) / 2 + aside * Math.sin(angle) / spacing[1],
    ];
    for (let at = 0; at < labels.length; at++) {
      const x = at % width, y = Math.floor(at / width) % height;
      const z = Math.floor(at / width / height);
      const mm = Math.hypot((x - middle[0]) * spacing[0], (y - middle[1]) * spacing[1]);
      const inside = depth < 3 || (z > 0 && z < depth - 1);
      if (inside && mm <= diameter / 2) labels[at] = i + 1;
    }
  });
  return labels;
}

/** Writes the cohort as a plain folder of NIfTI. */
export async function writeDiscs(dir: string, cohort: DiscCohort): Promise<void> {
  await Promise.all(["images", "labels"].map((name) => mkdir(`${dir}/${name}`)));
  for (let patient = 0; patient < cohort.patients; patient++) {
    const labels = discLabels(cohort, patient);
    const source = random("noise", patient);
    const [outside, inside] = cohort.intensities;
    const voxels = Int16Array.from(
      labels,
      (label) => (label ? inside : outside) + Math.round(source.uniform(-20, 20)),
    );
    await writeNifti(`${dir}/images/p${patient}.nii`, voxels, volumeOf(cohort, voxels));
    await writeNifti(`${dir}/labels/p${patient}.nii`, labels, volumeOf(cohort, labels));
  }
}

/** Writes it as a folder of red, green and blue pictures. */
export async function writePictures(dir: string, cohort: DiscCohort): Promise<void> {
  await Promise.all(["images", "labels"].map((name) => mkdir(`${dir}/${name}`)));
  const [width, height] = cohort.shape;
  for (let patient = 0; patient < cohort.patients; patient++) {
    const labels = discLabels({ ...cohort, shape: [width, height, 1] }, patient);
    const source = random("noise", patient);
    const colours = Uint8Array.from(
      { length: 3 * labels.length },
      (_, i) => (labels[Math.floor(i / 3)] ? 60 * (i % 3) + 100 : 90) + source.uniform(0, 40),
    );
    const picture = { width, height, depth: 8 } as const;
    await writeFile(
      `${dir}/images/p${patient}.png`,
      encode({ ...picture, data: colours, channels: 3 }),
    );
    await writeFile(
      `${dir}/labels/p${patient}.png`,
      encode({ ...picture, data: labels, channels: 1 }),
    );
  }
}

function volumeOf({ shape, spacing }: DiscCohort, voxels: Voxels): Volume {
  const sform = spacing.map((length, i) => [0, 0, 0, 0].with(i, length));
  const tiny = tinyVolume();
  return {
    ...tiny,
    ...{ voxels, shape, spacing },
    affine: [...sform, [0, 0, 0, 1]],
    geometry: { ...tiny.geometry, pixdim: [1, ...spacing, 0, 0, 0, 0], sform },
  };
}

/**
 * Patients whose structures no single channel tells apart: of the blobs, some are bright in "T1" alone,
 * some in "T2" alone and some in both, all alike in shape and place.
 */
import { mkdir } from "node:fs/promises";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import type { Volume, Voxels } from "../../lib/data/volumes/volume.ts";
import { random } from "../../lib/math/random.ts";
import { tinyVolume } from "./datasets.ts";

/** The channels, in their order. */
export const CHANNELS = ["T1", "T2"] as const;

/** What is outlined: what is bright in both channels, and what is so in the first alone. */
export const STRUCTURES = [{ label: 1, name: "cyst" }, { label: 2, name: "lesion" }];

/** Intensities in T1 and in T2: of the background, the structures, and what is bright in T2 alone. */
const INTENSITIES = [[100, 100], [400, 400], [400, 100], [100, 400]];

const [SIZE, DEPTH] = [24, 4];

/** Millimetres of a voxel. */
const SPACING: [number, number, number] = [2, 2, 6];

/** A patient's scan. */
export interface TwoChannelPatient {
  /** One volume of each of {@linkcode CHANNELS}. */
  channels: [Volume, Volume];
  /** The labels of {@linkcode STRUCTURES}, 0 elsewhere. */
  mask: Volume;
}

/** Draws a patient: in each slice a blob of each kind, at places that tell nothing. */
export function twoChannelPatient(seed: number): TwoChannelPatient {
  const source = random("two channels", seed);
  const kinds = new Uint8Array(SIZE * SIZE * DEPTH);
  for (let slice = 0; slice < DEPTH; slice++) {
    const quarters = source.shuffle([0, 1, 2, 3]);
    for (const kind of [1, 2, 3]) {
      const [x0, y0] = [quarters[kind] % 2, quarters[kind] >> 1]
        .map((half) => SIZE / 4 + half * SIZE / 2 + source.uniform(-1.5, 1.5));
      const radius = source.uniform(2.5, 4);
      for (let i = 0; i < SIZE * SIZE; i++) {
        const distance = Math.hypot(i % SIZE - x0, Math.floor(i / SIZE) - y0);
        if (distance < radius) kinds[slice * SIZE * SIZE + i] = kind;
      }
    }
  }
  const channel = (which: number) =>
    volumeOf(Int16Array.from(kinds, (kind) => INTENSITIES[kind][which] + 25 * source.normal()));
  return {
    channels: [channel(0), channel(1)],
    mask: volumeOf(kinds.map((kind) => kind === 3 ? 0 : kind)),
  };
}

/** Writes patients as nnU-Net wants them: `imagesTr/ID_0000.nii.gz`, `ID_0001`, `labelsTr/ID`. */
export async function writeTwoChannels(
  dir: string,
  { patients }: { patients: number },
): Promise<void> {
  await mkdir(`${dir}/imagesTr`, { recursive: true });
  await mkdir(`${dir}/labelsTr`);
  for (let i = 0; i < patients; i++) {
    const { channels, mask } = twoChannelPatient(i);
    const id = `case_${i + 1}`;
    for (const [c, volume] of channels.entries()) {
      await writeNifti(`${dir}/imagesTr/${id}_000${c}.nii.gz`, volume.voxels, volume);
    }
    await writeNifti(`${dir}/labelsTr/${id}.nii.gz`, mask.voxels, mask);
  }
  const labels = STRUCTURES.map(({ label, name }) => [name, label]);
  await Deno.writeTextFile(
    `${dir}/dataset.json`,
    JSON.stringify({
      channel_names: { ...CHANNELS },
      labels: { background: 0, ...Object.fromEntries(labels) },
      numTraining: patients,
      file_ending: ".nii.gz",
    }),
  );
}

function volumeOf(voxels: Voxels): Volume {
  const tiny = tinyVolume(voxels);
  const [x, y, z] = SPACING;
  const sform = [[-x, 0, 0, 10], [0, y, 0, 20], [0, 0, z, 30]];
  return {
    ...tiny,
    shape: [SIZE, SIZE, DEPTH],
    spacing: SPACING,
    affine: [...sform, [0, 0, 0, 1]],
    geometry: { ...tiny.geometry, pixdim: [1, x, y, z, 0, 0, 0, 0], sform },
  };
}

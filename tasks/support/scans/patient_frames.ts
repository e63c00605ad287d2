/**
 * The frames of one patient that `propagate` is given: of a cine, or scans of their own, and the mask
 * of one of them.
 *
 * @module
 */
import type { Structure } from "../../../lib/data/datasets/dataset.ts";
import { IGNORED, labelsOfMask } from "../../../lib/data/masks/labels.ts";
import { countWhole } from "../../../lib/data/masks/whole_values.ts";
import { takeFrame } from "../../../lib/data/volumes/frames.ts";
import { onGridOf } from "../../../lib/data/volumes/match_grid.ts";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import type { PatientFrames } from "../../../lib/inference/propagate.ts";
import { UsageError } from "../command/command.ts";

/** Frames as they were read. */
export interface ReadFrames extends PatientFrames {
  /** The 4D file that the frames are of, where they are one's. */
  cine?: Volume;
  /** The mask's labels, from 0 without gaps, on the grid of its frame. */
  mask: Volume & { voxels: Uint8Array };
  /** What it outlines. */
  structures: Structure[];
}

/** What was asked for. */
export interface AskedFrames {
  /** A cine, or scans, of which the first is the labelled one. */
  inputs: readonly string[];
  /** The mask. */
  mask: string;
  /** Which time point of the cine it is of. */
  frame?: number;
}

/**
 * Reads the frames of a patient, and the mask.
 *
 * @throws {UsageError} if there is but one frame, or a time point is named of scans.
 * @throws {RangeError} if there is no such time point, the mask lies on another grid, or it outlines
 * nothing.
 */
export async function readPatientFrames(
  { inputs, mask: path, frame }: AskedFrames,
): Promise<ReadFrames> {
  const files: Volume[] = [];
  for (const input of inputs) files.push(await readVolume(input));
  const [first, ...others] = files;
  const count = first.shape[3] ?? 1;
  const cine = others.length === 0 ? first : undefined;
  if (cine && count === 1) {
    throw new UsageError(
      `${first.source}: expected a 4D scan, found a 3D one; --input takes each other scan of the ` +
        "patient too",
    );
  }
  if (!cine && frame !== undefined) {
    throw new UsageError("--frame: expected one 4D scan, found several; the mask is of the first");
  }
  const scans = cine
    ? Array.from({ length: count }, (_, at) => takeFrame(cine, at))
    : files.map((file) => takeFrame(file));
  const labelled = frame ?? 0;
  const image = cine ? takeFrame(cine, labelled) : scans[0];
  const whole = await readVolume(path);
  const stored = takeFrame(whole, whole.shape[3] === count ? labelled : undefined);
  const { mask, structures } = labelledMask(onGridOf(stored, image, "mask"));
  return { ...(cine && { cine }), scans, labelled, mask, structures };
}

/** A mask's labels, and what they mean: each of its values is a structure. */
function labelledMask(stored: Volume): Pick<ReadFrames, "mask" | "structures"> {
  const values = [...countWhole(stored.voxels, IGNORED)?.keys() ?? []].filter((value) => value > 0)
    .sort((a, b) => a - b);
  const structures = values.map((value, i): Structure => {
    return { label: i + 1, name: `label ${value}`, values: [value] };
  });
  const { labels, warnings } = labelsOfMask(stored, { structures });
  if (structures.length === 0) {
    throw new RangeError(`${stored.source}: expected a mask that outlines something, found none`);
  }
  const mask = { ...stored, voxels: labels, warnings: [...stored.warnings, ...warnings] };
  return { mask, structures };
}

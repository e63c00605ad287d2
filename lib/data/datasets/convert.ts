/**
 * A dataset as it was read, written anew: NIfTI in one order of voxels, in the layout of nnU-Net, whose
 * dataset.json keeps what channels and values mean.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Dataset, Patient, Structure } from "./dataset.ts";
import { IGNORED, labelsToValues } from "../masks/labels.ts";
import { writeNifti } from "../volumes/nifti_write.ts";
import type { LoadedScan } from "./read_scan.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";
import { formatJson } from "../../io/text/format_json.ts";
import { makeFolder, writeFileAtomically } from "../../io/write_file.ts";

/** The ends of nnU-Net's folders; it has none of validation, and so does not see those patients. */
const PARTS = { training: "Tr", validation: "Val", testing: "Ts" };

const ENDING = ".nii.gz";

/** Options of {@linkcode convertScan}. */
export interface ConvertScanOptions {
  /** The dataset's new folder. */
  dir: string;
  /** The scan's name, without an ending. */
  name: string;
  /** The part that its patient stands in. */
  part: Patient["part"];
}

/**
 * Writes a 3D scan's channels to `imagesTr/NAME_0000.nii.gz`, `NAME_0001.nii.gz` and so on, and its
 * mask, with the values of its structures, to `labelsTr/NAME.nii.gz` (`imagesTs`, `labelsTs` for
 * testing): in the order of voxels that they were read in.
 */
export async function convertScan(
  { channels, mask }: LoadedScan,
  dataset: Dataset,
  { dir, name, part }: ConvertScanOptions,
): Promise<void> {
  for (const [i, channel] of channels.entries()) {
    const file = `${name}_${`${i}`.padStart(4, "0")}${ENDING}`;
    await write(join(dir, `images${PARTS[part]}`, file), channel.voxels, channel);
  }
  if (!mask) return;
  const { structures } = dataset;
  const values = labelsToValues(mask.voxels, { structures, ignore: ignoredValue(dataset) });
  await write(join(dir, `labels${PARTS[part]}`, `${name}${ENDING}`), values, mask);
}

/** Options of {@linkcode describeConverted}. */
export interface DescribeConvertedOptions {
  /** The dataset's new folder. */
  dir: string;
  /** The names of the scans that were written, by their patient's id. */
  scans: ReadonlyMap<string, readonly string[]>;
}

/**
 * Writes the `dataset.json` of converted scans. Its field `patients`, which is not nnU-Net's, joins the
 * scans of patients who have several.
 */
export async function describeConverted(
  dataset: Dataset,
  { dir, scans }: DescribeConvertedOptions,
): Promise<void> {
  const { name, channels = ["image"], patients } = dataset;
  const trained = patients.filter(({ part }) => part === "training");
  const several = [...scans].filter(([, names]) => names.length > 1);
  const content = {
    name,
    channel_names: Object.fromEntries(channels.entries()),
    labels: labelsOf(dataset),
    numTraining: trained.reduce((sum, { id }) => sum + (scans.get(id)?.length ?? 0), 0),
    file_ending: ENDING,
    ...(several.length > 0 && { patients: Object.fromEntries(several) }),
  };
  await writeFileAtomically(join(dir, "dataset.json"), formatJson(content));
}

/** The values of structures, or of the parts of regions, and that of voxels that nobody labelled. */
function labelsOf(dataset: Dataset): Record<string, number | number[]> {
  const { structures, regions, ignore, settings } = dataset;
  const values = new Map(structures.map((one) => [one.label, valueOf(one)]));
  const named = regions?.map(({ name, labels }) => ({
    name,
    value: labels.flatMap((label) => values.get(label) ?? []),
  })) ?? structures.map((one) => ({ name: one.name, value: valueOf(one) }));
  const ignores = ignore !== undefined || settings?.unlabelledSlices === "leave-out";
  return {
    background: 0,
    ...Object.fromEntries(named.map(({ name, value }) => [name, value])),
    ...(ignores && { ignore: ignoredValue(dataset) }),
  };
}

/** The value of voxels that nobody labelled: the dataset's own, or one that no structure has. */
function ignoredValue({ structures, ignore }: Dataset): number {
  const values = structures.map(valueOf);
  return ignore ?? (values.includes(IGNORED) ? Math.max(...values) + 1 : IGNORED);
}

/** The value that a structure is written with. */
function valueOf({ label, values: [value] = [label] }: Structure): number {
  return value;
}

async function write(path: string, voxels: Voxels, like: Volume): Promise<void> {
  await makeFolder(dirname(path));
  await writeNifti(path, voxels, like);
}

/**
 * The layout of nnU-Net v2 (MIC-DKFZ/nnUNet, documentation/dataset_format.md): `dataset.json` tells
 * the channels and what the labels mean, `imagesTr/CASE_0000.nii.gz` is a case's first channel,
 * `labelsTr/CASE.nii.gz` its mask, `imagesTs` and, where there are any, `labelsTs` are for testing.
 *
 * @module
 */
import { join } from "node:path";
import * as v from "valibot";
import type { Dataset, Patient } from "../dataset.ts";
import { folderName, listFolderIfAny, pathInside, readTextIfAny } from "../../../io/folders.ts";
import { findScanFile, isPicture, listScanFiles } from "../scan_files.ts";
import { scanStem } from "../../formats/formats.ts";
import { parseJson } from "../../../io/text/parse_json.ts";
import { excerpt } from "../../../io/text/printable.ts";
import { structuresOf } from "../../masks/mask_structures.ts";
import { channelNames, scanOfFiles, scanOfOneFile } from "./channels.ts";

const DatasetJson = v.object({
  name: v.optional(v.string()),
  channel_names: v.record(v.string(), v.string()),
  labels: v.record(v.string(), v.union([v.number(), v.array(v.number())])),
  file_ending: v.string(),
  patients: v.optional(v.record(v.string(), v.array(v.string()))),
  dataset: v.optional(v.record(
    v.string(),
    v.object({
      images: v.pipe(v.array(v.string()), v.minLength(1)),
      label: v.optional(v.string()),
    }),
  )),
});

type DatasetJson = v.InferOutput<typeof DatasetJson>;

/** The name, among labels, of voxels that nobody labelled. */
const IGNORE = "ignore";

/** Whether a folder holds a dataset.json with `channel_names`: the decathlon's has none. */
export async function isNnunet(dir: string): Promise<boolean> {
  const text = await readTextIfAny(join(dir, "dataset.json"), { within: dir });
  return text !== undefined && /"channel_names"\s*:/.test(text);
}

/**
 * Lists an nnU-Net dataset. Each case is a patient, unless a field `patients` of dataset.json, which is
 * not nnU-Net's, lists the cases of some; the group is "".
 *
 * @throws {SyntaxError} If dataset.json is missing or not as nnU-Net defines it.
 * @throws {TypeError} If the files are of a format that is not read.
 * @throws {RangeError} If labels are not whole or share a name, channels have gaps, a path leaves the
 * folder, or a case occurs twice.
 */
export async function openNnunet(dir: string): Promise<Dataset> {
  const path = join(dir, "dataset.json");
  const text = await readTextIfAny(path, { within: dir });
  if (text === undefined) throw new SyntaxError(`${path}: no such file`);
  const content = parseJson(text, DatasetJson, path);
  const ending = content.file_ending;
  if (scanStem(`case${ending}`) !== "case") {
    throw new TypeError(
      `${path}: expected the file_ending of a format that is read, such as .nii.gz, found ` +
        `"${excerpt(ending)}"; convert the files to NIfTI`,
    );
  }
  const channels = channelNames(content.channel_names, path);
  const training = content.dataset
    ? listedCases(content.dataset, { dir, path, channels })
    : await casesIn(dir, "Tr", { ending, channels });
  const testing = await casesIn(dir, "Ts", { ending, channels });
  const cases = [
    ...training.map((one): Patient => ({ ...one, group: "", part: "training" })),
    ...testing.map((one): Patient => ({ ...one, group: "", part: "testing" })),
  ].sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = cases.find(({ id }, i) => id === cases[i + 1]?.id);
  if (twice) {
    throw new RangeError(`${dir}: expected every case once, found ${excerpt(twice.id)} twice`);
  }
  return {
    name: content.name || folderName(dir),
    root: dir,
    layout: "nnunet",
    ...labelled(content, path),
    ...(channels.length > 1 && { channels }),
    patients: joined(cases, content.patients ?? {}, path),
  };
}

/** Patients of several cases, where dataset.json names those: nnU-Net's own takes each for a patient. */
function joined(
  cases: readonly Patient[],
  patients: Readonly<Record<string, readonly string[]>>,
  path: string,
): Patient[] {
  const idOf = new Map(
    Object.entries(patients).flatMap(([id, names]) => names.map((name) => [name, id] as const)),
  );
  const groups = Map.groupBy(cases, ({ id }) => idOf.get(id) ?? id);
  return [...groups].sort(([a], [b]) => a < b ? -1 : 1).map(([id, [first, ...others]]) => {
    if (others.some(({ part }) => part !== first.part)) {
      throw new RangeError(
        `${path}: expected all cases of ${excerpt(id)} in one part, found them in both`,
      );
    }
    return { ...first, id, scans: [first, ...others].flatMap(({ scans }) => scans) };
  });
}

type Case = Pick<Patient, "id" | "scans">;

/** The cases of imagesTr or imagesTs. */
async function casesIn(
  dir: string,
  part: "Tr" | "Ts",
  { ending, channels }: { ending: string; channels: readonly string[] },
): Promise<Case[]> {
  const images = join(dir, `images${part}`);
  const masks = join(dir, `labels${part}`);
  const name = new RegExp(`^(.+)_(\\d{4})${RegExp.escape(ending)}$`, "i");
  const files = (await listFolderIfAny(images, { within: dir })).flatMap((file) => {
    const [, id, number] = name.exec(file) ?? [];
    return id !== undefined && Number(number) < channels.length
      ? { id, channel: Number(number), path: join(images, file) }
      : [];
  });
  if (files.length === 0 && part === "Tr") {
    throw new SyntaxError(`${images}: expected files CASE_0000${ending}, found none`);
  }
  const maskNames = await listScanFiles(masks, { within: dir });
  // Colours of a picture lie in one file.
  const together = isPicture(ending) && files.every(({ channel }) => channel === 0);
  return [...Map.groupBy(files, ({ id }) => id)].map(([id, files]): Case => {
    const scan = together
      ? scanOfOneFile(files[0].path, channels.length)
      : scanOfFiles(channels.map((_, i) => files.find(({ channel }) => channel === i)?.path));
    const mask = findScanFile(maskNames, id);
    return { id, scans: [{ ...scan, ...(mask && { mask: join(masks, mask) }) }] };
  });
}

/** The training cases where dataset.json lists them itself. */
function listedCases(
  listed: NonNullable<DatasetJson["dataset"]>,
  { dir, path, channels }: { dir: string; path: string; channels: readonly string[] },
): Case[] {
  return Object.entries(listed).map(([id, { images, label }]): Case => {
    if (images.length > channels.length) {
      throw new RangeError(
        `${path}: expected ${channels.length} images of ${
          excerpt(id)
        }, one for each channel, found ` +
          `${images.length}`,
      );
    }
    const scan = scanOfFiles(
      channels.map((_, i) =>
        images[i] === undefined ? undefined : pathInside(dir, images[i], path)
      ),
    );
    const mask = label === undefined ? undefined : pathInside(dir, label, path);
    return { id, scans: [{ ...scan, ...(mask && { mask }) }] };
  });
}

/** What the labels mean: structures, regions of several labels, and the value of unlabelled voxels. */
function labelled(
  { labels }: DatasetJson,
  path: string,
): Pick<Dataset, "structures" | "regions" | "ignore"> {
  const { [IGNORE]: ignore, ...others } = labels;
  const named = Object.entries(others).map(([name, values]) => ({ name, values: [values].flat() }));
  const described = structuresOf(named, path);
  if (ignore === undefined) return described;
  const [value, ...more] = [ignore].flat();
  const isLabel = named.some(({ values }) => values.includes(value));
  if (!Number.isSafeInteger(value) || more.length > 0 || isLabel) {
    throw new RangeError(
      `${path}: expected one whole number of its own for the label "${IGNORE}", found ` +
        excerpt([ignore].flat().join(", ")),
    );
  }
  return { ...described, ignore: value };
}

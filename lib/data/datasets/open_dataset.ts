/**
 * Opening a dataset: which layout its folder has, and what is in it.
 *
 * @module
 */
import { basename, relative } from "node:path";
import type { Config } from "../../config/config.ts";
import { DATA_SETTINGS, type DataSettings } from "../../config/data_settings.ts";
import { withSettings } from "./apply_settings.ts";
import { withColours } from "./coloured.ts";
import { contentsOf } from "./contents.ts";
import type { Dataset } from "./dataset.ts";
import { datasetFolder } from "./dataset_folder.ts";
import { listFolder } from "../../io/folders.ts";
import { scanStem } from "../formats/formats.ts";
import { LAYOUTS } from "./layouts/registry.ts";
import type { MaskAccess } from "../masks/mask_structures.ts";
import { excerpt, isPrintable } from "../../io/text/printable.ts";
import { leadsElsewhere } from "../../io/read_file.ts";
import { surveyOrder } from "./survey_order.ts";
import { filesOfPatient, withUnused } from "./unused.ts";

/** What anybody can arrange their files to. */
const SIMPLEST = "the simplest layout is images/NAME.nii.gz with its mask labels/NAME.nii.gz";

/** Files that an error counts by their endings. */
const COUNTED = 10_000;

/** Endings that an error names. */
const NAMED = 4;

/** Characters of the longest name of a patient, a group, a structure or a file. */
const LONGEST_NAME = 500;

/** The names of the layouts that can be read. */
export const LAYOUT_NAMES: readonly string[] = Object.keys(LAYOUTS);

/** Options of {@linkcode openDataset}. */
export interface OpenDatasetOptions extends MaskAccess {
  /** One of {@linkcode LAYOUT_NAMES}; recognised from the folder by default. */
  layout?: string;
  /** How its files are read; channels and values of masks as the dataset says by default. */
  data?: Partial<DataSettings>;
  /** The axis across which slices are taken, right, front or head; the thick one by default. */
  axis?: Config["grid"]["axis"];
}

/**
 * Lists the patients, scans and structures of a dataset. Voxels are read only of masks whose values no
 * list names, of files whose names do not tell whether they are masks, and of some whose headers do not
 * tell the order of their voxels or their colours.
 *
 * @param named The dataset's folder, or its folder of images beside that of masks.
 * @throws {RangeError} If the layout's name is unknown, a name in the dataset cannot be shown, a link
 * leads out of its folder, or it lacks what `data` asks for.
 * @throws {Error} If there is no such folder, or it is not laid out as a dataset.
 */
export async function openDataset(
  named: string,
  { layout, data = {}, axis, readMasks }: OpenDatasetOptions = {},
): Promise<Dataset> {
  const dir = datasetFolder(named);
  if (layout !== undefined && !Object.hasOwn(LAYOUTS, layout)) {
    throw new RangeError(
      `expected the layout ${LAYOUT_NAMES.join(", ")}, found "${layout}"`,
    );
  }
  if ((await listFolder(dir)).length === 0) {
    throw new SyntaxError(`${dir}: expected a dataset, found an empty folder`);
  }
  const candidates = layout ? [LAYOUTS[layout]] : Object.values(LAYOUTS);
  for (const { recognise, open } of candidates) {
    if (!await recognise(dir)) continue;
    const listed = await withUnused(
      withSoundNames(await withColours(await open(dir, { readMasks }))),
    );
    const settings = { ...DATA_SETTINGS, ...data };
    const dataset = withSettings(listed, settings);
    return { ...dataset, settings, order: await surveyOrder(dataset, { axis }) };
  }
  throw await unrecognised(dir, layout);
}

/** Why a folder is not taken for a dataset: by what lies in it. */
async function unrecognised(dir: string, layout: string | undefined): Promise<Error> {
  const { files, outside: [link], cut } = await contentsOf(dir, { most: COUNTED });
  if (link) return leadsElsewhere(link.path, link.leadsTo);
  const endings = Map.groupBy(files, (file) => endingOf(basename(file)));
  const counts = [...endings].map(([ending, { length }]) => ({ ending, count: length }))
    .sort((a, b) => b.count - a.count);
  const found = counts.slice(0, NAMED).map(({ ending, count }) => `${count} ${ending}`).join(", ");
  const more = cut || counts.length > NAMED ? " and others" : "";
  const wanted = layout === undefined ? "a dataset" : `a dataset of the layout ${layout}`;
  const without = layout === undefined ? "" : `no ${LAYOUTS[layout].sign} but `;
  const isArranged = files.some((file) => scanStem(basename(file)));
  const wayOut = isArranged
    ? `arrange them as one of the layouts ${LAYOUT_NAMES.join(", ")}`
    : "convert the scans to NIfTI, DICOM by dcm2niix";
  return new SyntaxError(
    `${dir}: expected ${wanted}, found ${without}${
      excerpt(found || "no file", 300)
    }${more}; ${wayOut}: ` +
      SIMPLEST,
  );
}

/** A file's ending, for an error: ".png", or "files without ending". */
function endingOf(name: string): string {
  return /\.[^.]{1,10}(\.gz)?$/.exec(name)?.[0].toLowerCase() ?? "without ending";
}

/**
 * The dataset, if all its names can be shown: they come to stand in messages, tables and reports.
 *
 * @throws {RangeError} If one is very long or holds control characters.
 */
function withSoundNames(dataset: Dataset): Dataset {
  const { name, root, structures, regions = [], channels = [], patients } = dataset;
  const names = [
    ...[name, ...channels, ...[...structures, ...regions].map(({ name }) => name)],
    ...patients.flatMap(({ id, group }) => [id, group]),
    ...patients.flatMap(filesOfPatient).map((path) => relative(root, path)),
  ];
  const odd = names.find((text) => text.length > LONGEST_NAME || !isPrintable(text));
  if (odd === undefined) return dataset;
  throw new RangeError(
    `${root}: expected names of at most ${LONGEST_NAME} characters, none of which controls a ` +
      `terminal, found "${excerpt(odd)}"; rename it`,
  );
}

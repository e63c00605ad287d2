/**
 * Opening a dataset: which layout its folder has, and what is in it.
 *
 * @module
 */
import { relative } from "node:path";
import type { Config } from "../config/config.ts";
import type { DataSettings } from "../config/data_settings.ts";
import type { Dataset } from "./dataset.ts";
import { listFolder } from "./files.ts";
import { LAYOUTS } from "./layouts/registry.ts";
import { excerpt, isPrintable } from "./printable.ts";
import { surveyOrder } from "./survey_order.ts";

/** What anybody can arrange their files to. */
const SIMPLEST = "the simplest layout is images/NAME.nii.gz with its mask labels/NAME.nii.gz";

/** Characters of the longest name of a patient, a group, a structure or a file. */
const LONGEST_NAME = 500;

/** The names of the layouts that can be read. */
export const LAYOUT_NAMES: readonly string[] = Object.keys(LAYOUTS);

/** Options of {@linkcode openDataset}. */
export interface OpenDatasetOptions {
  /** One of {@linkcode LAYOUT_NAMES}; recognised from the folder by default. */
  layout?: string;
  /** How its files are read. */
  data?: DataSettings;
  /** The axis across which slices are taken, right, front or head; the thick one by default. */
  axis?: Config["grid"]["axis"];
}

/**
 * Lists the patients, scans and structures of a dataset, before any voxel is read (except that the
 * masks of a plain folder, or of BIDS without a `dseg.tsv`, are read for their labels).
 *
 * @throws {RangeError} If the layout's name is unknown, a name in the dataset cannot be shown, or a link
 * leads out of its folder.
 * @throws {Error} If there is no such folder, or it is not laid out as a dataset.
 */
export async function openDataset(
  dir: string,
  { layout, data, axis }: OpenDatasetOptions = {},
): Promise<Dataset> {
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
    const dataset = withSoundNames(await open(dir));
    const order = await surveyOrder(dataset, { axis });
    return { ...dataset, order, ...(data && { settings: data }) };
  }
  const signs = Object.entries(LAYOUTS)
    .filter(([name]) => layout === undefined || layout === name)
    .map(([name, { sign }]) => `${sign} (${name})`);
  const simplest = layout === undefined ? `; ${SIMPLEST}` : "";
  throw new SyntaxError(`${dir}: expected a dataset, found no ${signs.join(", no ")}${simplest}`);
}

/**
 * The dataset, if all its names can be shown: they come to stand in messages, tables and reports.
 *
 * @throws {RangeError} If one is very long or holds control characters.
 */
function withSoundNames(dataset: Dataset): Dataset {
  const { name, root, structures, patients } = dataset;
  const files = patients.flatMap(({ scans }) =>
    scans.flatMap(({ image, mask = "" }) => [image, mask])
  );
  const names = [
    ...[name, ...structures.map((structure) => structure.name)],
    ...patients.flatMap(({ id, group }) => [id, group]),
    ...files.map((path) => relative(root, path)),
  ];
  const odd = names.find((text) => text.length > LONGEST_NAME || !isPrintable(text));
  if (odd === undefined) return dataset;
  throw new RangeError(
    `${root}: expected names of at most ${LONGEST_NAME} characters, none of which controls a ` +
      `terminal, found "${excerpt(odd)}"; rename it`,
  );
}

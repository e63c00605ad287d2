/**
 * Opening a dataset: which layout its folder has, and what is in it.
 *
 * @module
 */
import type { Dataset, Layout } from "./dataset.ts";
import { listFolder } from "./files.ts";
import { isAcdc, openAcdc } from "./layouts/acdc.ts";
import { isBids, openBids } from "./layouts/bids.ts";
import { isFolder, openFolder } from "./layouts/folder.ts";
import { isMnms, isMnms2, openMnms, openMnms2 } from "./layouts/mnms.ts";
import { isMsd, openMsd } from "./layouts/msd.ts";
import { isNnunet, openNnunet } from "./layouts/nnunet.ts";

/** How a layout is recognised and read, in the order in which they are tried. */
const LAYOUTS: Record<Layout, {
  recognise: (dir: string) => Promise<boolean>;
  open: (dir: string) => Promise<Dataset>;
  sign: string;
}> = {
  acdc: { recognise: isAcdc, open: openAcdc, sign: "patientNNN folders" },
  mnms: { recognise: isMnms, open: openMnms, sign: 'CSV with "External code"' },
  mnms2: { recognise: isMnms2, open: openMnms2, sign: 'CSV with "SUBJECT_CODE"' },
  nnunet: { recognise: isNnunet, open: openNnunet, sign: "dataset.json with channel_names" },
  msd: { recognise: isMsd, open: openMsd, sign: "dataset.json" },
  bids: { recognise: isBids, open: openBids, sign: "sub-*/anat folders" },
  folder: { recognise: isFolder, open: openFolder, sign: ".nii or .nii.gz files" },
};

/** What anybody can arrange their files to. */
const SIMPLEST = "the simplest layout is images/NAME.nii.gz with its mask labels/NAME.nii.gz";

/** The names of the layouts that can be read. */
export const LAYOUT_NAMES: readonly Layout[] = Object.keys(LAYOUTS) as Layout[];

/** Options of {@linkcode openDataset}. */
export interface OpenDatasetOptions {
  /** One of {@linkcode LAYOUT_NAMES}; recognised from the folder by default. */
  layout?: string;
}

/**
 * Lists the patients, scans and structures of a dataset, before any voxel is read (except that the
 * masks of a plain folder, or of BIDS without a `dseg.tsv`, are read for their labels).
 *
 * @throws {RangeError} If the layout's name is unknown.
 * @throws {Error} If there is no such folder, or it is not laid out as a dataset.
 */
export async function openDataset(
  dir: string,
  { layout }: OpenDatasetOptions = {},
): Promise<Dataset> {
  if (layout !== undefined && !isLayout(layout)) {
    throw new RangeError(
      `expected the layout ${LAYOUT_NAMES.join(", ")}, found "${layout}"`,
    );
  }
  if ((await listFolder(dir)).length === 0) {
    throw new SyntaxError(`${dir}: expected a dataset, found an empty folder`);
  }
  const candidates = layout ? [LAYOUTS[layout]] : Object.values(LAYOUTS);
  for (const { recognise, open } of candidates) {
    if (await recognise(dir)) return await open(dir);
  }
  const signs = Object.entries(LAYOUTS)
    .filter(([name]) => layout === undefined || layout === name)
    .map(([name, { sign }]) => `${sign} (${name})`);
  const simplest = layout === undefined ? `; ${SIMPLEST}` : "";
  throw new SyntaxError(`${dir}: expected a dataset, found no ${signs.join(", no ")}${simplest}`);
}

function isLayout(name: string): name is Layout {
  return Object.hasOwn(LAYOUTS, name);
}

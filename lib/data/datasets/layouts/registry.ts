/**
 * The layouts that are read: how each is recognised and opened. A new one is a file in this folder and
 * a line here.
 *
 * @module
 */
import type { MaskAccess } from "../../masks/mask_structures.ts";
import type { Dataset } from "../dataset.ts";
import { isAcdc, openAcdc } from "./acdc.ts";
import { isBids, openBids } from "./bids.ts";
import { isDicomFolder, openDicomFolder } from "./dicom.ts";
import { isFolder, openFolder } from "./folder.ts";
import { isMnms, isMnms2, openMnms, openMnms2 } from "./mnms.ts";
import { isMsd, openMsd } from "./msd.ts";
import { isNnunet, openNnunet } from "./nnunet.ts";
import { isPatients, openPatients } from "./patients.ts";

/** A way to lay a dataset out in a folder. */
export interface Layout {
  /** Whether a folder looks like it. */
  recognise: (dir: string) => Promise<boolean>;
  /** Lists what is in it. */
  open: (dir: string, options?: MaskAccess) => Promise<Dataset>;
  /** What it is recognised by, for the error where nothing is. */
  sign: string;
}

/** The layouts by name, in the order in which they are tried: the most particular first. */
export const LAYOUTS: Record<string, Layout> = {
  acdc: { recognise: isAcdc, open: openAcdc, sign: "patientNNN folders" },
  mnms: { recognise: isMnms, open: openMnms, sign: 'CSV with "External code"' },
  mnms2: { recognise: isMnms2, open: openMnms2, sign: 'CSV with "SUBJECT_CODE"' },
  nnunet: { recognise: isNnunet, open: openNnunet, sign: "dataset.json with channel_names" },
  msd: { recognise: isMsd, open: openMsd, sign: "dataset.json" },
  bids: { recognise: isBids, open: openBids, sign: "sub-*/anat folders" },
  dicom: { recognise: isDicomFolder, open: openDicomFolder, sign: "DICOM files" },
  patients: { recognise: isPatients, open: openPatients, sign: "folders of patients with scans" },
  folder: { recognise: isFolder, open: openFolder, sign: "scans" },
};

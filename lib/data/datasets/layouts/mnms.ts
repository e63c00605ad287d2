/**
 * The layouts of the cardiac challenges M&Ms (MICCAI 2020, doi:10.1109/TMI.2021.3090082) and M&Ms-2
 * (MICCAI 2021, doi:10.1109/JBHI.2023.3267857).
 *
 * M&Ms: a CSV with the columns `External code`, `ED`, `ES` (frames from 0) and `Pathology`, and
 * `CODE/CODE_sa.nii.gz` and `CODE/CODE_sa_gt.nii.gz`, both 4D, in `Training/Labeled`,
 * `Training/Unlabeled`, `Validation` and `Testing`.
 * M&Ms-2: `dataset_information.csv` with `SUBJECT_CODE` and `DISEASE`, and in `dataset`
 * `NNN/NNN_SA_ED.nii.gz`, `NNN_SA_ES.nii.gz`, their `_gt` and the cine, `NNN_SA_CINE.nii.gz`. Only
 * the short axis is read.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient, Scan, Structure } from "../dataset.ts";
import { folderName, listFolder, listSubfolders } from "../../../io/folders.ts";
import { findScanFile } from "../scan_files.ts";
import { excerpt } from "../../../io/text/printable.ts";
import { readTable } from "../../../io/read_table.ts";

/** What the masks of both challenges outline. */
const STRUCTURES: readonly Structure[] = [
  { label: 1, name: "LV" },
  { label: 2, name: "MYO" },
  { label: 3, name: "RV" },
];

const CODE = "External code";

const CODE_2 = "SUBJECT_CODE";

/**
 * Where M&Ms keeps its patients. Files of masks lie in `Training/Unlabeled` too, but hold no labels
 * and do not count; patients in `dataset`, or in the folder itself, are taken for training.
 */
const PARTS: readonly { folder: string; part: Patient["part"]; unlabelled?: boolean }[] = [
  { folder: "Training/Labeled", part: "training" },
  { folder: "Training/Unlabeled", part: "training", unlabelled: true },
  { folder: "Training", part: "training" },
  { folder: "Validation", part: "validation" },
  { folder: "Testing", part: "testing" },
  { folder: "dataset", part: "training" },
  { folder: ".", part: "training" },
];

/** Whether a folder holds a CSV with a column `External code`. */
export async function isMnms(dir: string): Promise<boolean> {
  return await findTable(dir, CODE) !== undefined;
}

/**
 * Lists an M&Ms dataset. The group is the pathology.
 *
 * @throws {SyntaxError} If the CSV is missing or does not tell a patient's ED and ES frames, or
 * there is no patient.
 * @throws {RangeError} If a patient occurs twice.
 */
export async function openMnms(dir: string): Promise<Dataset> {
  const table = await findTable(dir, CODE);
  if (!table) throw new SyntaxError(`${dir}: expected a CSV with the column ${CODE}, found none`);
  const rows = new Map(table.rows.map((row) => [row[CODE], row]));
  const patients: Patient[] = [];
  for (const { folder, part, unlabelled } of PARTS) {
    const parent = join(dir, folder);
    for (const id of await listSubfolders(parent, { within: dir })) {
      const names = await listFolder(join(parent, id));
      const image = findScanFile(names, `${id}_sa`);
      if (!image) continue;
      const row = rows.get(id);
      if (!row) {
        throw new SyntaxError(
          `${table.path}: expected a row for every patient, found no ${excerpt(id)}`,
        );
      }
      const mask = unlabelled ? undefined : findScanFile(names, `${id}_sa_gt`);
      const cine = join(parent, id, image);
      const scans = (["ED", "ES"] as const).map((phase): Scan => ({
        image: cine,
        ...(mask && { mask: join(parent, id, mask) }),
        frame: frameOf(row, phase, table.path),
        phase,
      }));
      patients.push({ id, group: row.Pathology ?? "", part, scans, cine });
    }
  }
  return dataset(dir, "mnms", patients);
}

/** Whether a folder holds a CSV with a column `SUBJECT_CODE`. */
export async function isMnms2(dir: string): Promise<boolean> {
  return await findTable(dir, CODE_2) !== undefined;
}

/**
 * Lists an M&Ms-2 dataset. The group is the disease. As in the challenge, patients 1 to 160 are for
 * training, those to 200 for validation, the others for testing.
 *
 * @throws {SyntaxError} If the CSV is missing or lacks a patient, an ED or ES image is missing, or
 * there is no patient.
 * @throws {RangeError} If a patient occurs twice.
 */
export async function openMnms2(dir: string): Promise<Dataset> {
  const table = await findTable(dir, CODE_2);
  if (!table) throw new SyntaxError(`${dir}: expected a CSV with the column ${CODE_2}, found none`);
  const rows = new Map(table.rows.map((row) => [Number(row[CODE_2]), row]));
  const patients: Patient[] = [];
  for (const parent of [join(dir, "dataset"), dir]) {
    for (const id of await listSubfolders(parent, { within: dir })) {
      if (!/^\d{3}$/.test(id)) continue;
      const row = rows.get(Number(id));
      if (!row) {
        throw new SyntaxError(
          `${table.path}: expected a row for every patient, found no ${excerpt(id)}`,
        );
      }
      const names = await listFolder(join(parent, id));
      const path = (stem: string) => {
        const name = findScanFile(names, `${id}_SA_${stem}`);
        return name && join(parent, id, name);
      };
      const scans = (["ED", "ES"] as const).map((phase): Scan => {
        const [image, mask] = [path(phase), path(`${phase}_gt`)];
        if (!image) {
          throw new SyntaxError(
            `${join(parent, id)}: expected ${id}_SA_${phase}.nii.gz, found no file`,
          );
        }
        return { image, ...(mask && { mask }), phase };
      });
      const cine = path("CINE");
      const part = Number(id) <= 160 ? "training" : Number(id) <= 200 ? "validation" : "testing";
      patients.push({ id, group: row.DISEASE ?? "", part, scans, ...(cine && { cine }) });
    }
  }
  return dataset(dir, "mnms2", patients);
}

function dataset(dir: string, layout: "mnms" | "mnms2", patients: Patient[]): Dataset {
  if (patients.length === 0) {
    throw new SyntaxError(`${dir}: expected patients' folders beside the CSV, found none`);
  }
  patients.sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = patients.find(({ id }, i) => id === patients[i + 1]?.id);
  if (twice) throw new RangeError(`${dir}: expected every patient once, found ${twice.id} twice`);
  return { name: folderName(dir), root: dir, layout, structures: [...STRUCTURES], patients };
}

/** The folder's CSV that has a column. */
async function findTable(
  dir: string,
  column: string,
): Promise<{ path: string; rows: Record<string, string>[] } | undefined> {
  const folders = await listSubfolders(dir);
  for (const name of await listFolder(dir)) {
    if (!name.endsWith(".csv") || folders.includes(name)) continue;
    const path = join(dir, name);
    const rows = await readTable(path, ",", { within: dir });
    if (rows.length > 0 && Object.hasOwn(rows[0], column)) return { path, rows };
  }
  return undefined;
}

function frameOf(row: Record<string, string>, phase: "ED" | "ES", path: string): number {
  const text = row[phase] ?? "";
  const frame = Number(text);
  if (text === "" || !Number.isInteger(frame) || frame < 0) {
    throw new SyntaxError(
      `${path}: expected the ${phase} frame of ${excerpt(row[CODE])}, from 0, found "${
        excerpt(text)
      }"`,
    );
  }
  return frame;
}

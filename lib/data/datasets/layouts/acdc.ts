/**
 * The layout of the Automated Cardiac Diagnosis Challenge (ACDC, MICCAI 2017):
 * `training|testing/patientNNN/` with `Info.cfg`, `patientNNN_frameFF.nii.gz` and `_gt` masks, and
 * perhaps the whole cine, `patientNNN_4d.nii.gz`.
 *
 * @module
 */
import { join } from "node:path";
import type { Dataset, Patient, Scan, Structure } from "../dataset.ts";
import { folderName, listFolder, listSubfolders, readTextIfAny } from "../../../io/folders.ts";
import { findScanFile } from "../scan_files.ts";
import { inGroups } from "../../../io/in_groups.ts";
import { excerpt } from "../../../io/text/printable.ts";

/** What ACDC's masks outline. */
export const ACDC_STRUCTURES: readonly Structure[] = [
  { label: 1, name: "RV" },
  { label: 2, name: "MYO" },
  { label: 3, name: "LV" },
];

const PARTS = ["training", "testing"] as const;

/** Whether a folder holds patientNNN folders, itself or in `training` or `testing`. */
export async function isAcdc(dir: string): Promise<boolean> {
  return (await patientFolders(dir)).length > 0;
}

/**
 * Lists an ACDC dataset; a folder that directly holds patientNNN folders counts as training.
 *
 * @throws {SyntaxError} If an Info.cfg is missing or does not tell the ED and ES frames, or a frame
 * is missing, or an id occurs twice.
 */
export async function openAcdc(dir: string): Promise<Dataset> {
  const folders = await patientFolders(dir);
  const patients = await inGroups(folders, (folder) => openPatient(folder, dir));
  patients.sort((a, b) => a.id < b.id ? -1 : 1);
  const twice = patients.find(({ id }, i) => id === patients[i + 1]?.id);
  if (twice) throw new SyntaxError(`${dir}: expected every patient once, found ${twice.id} twice`);
  return {
    name: folderName(dir),
    root: dir,
    layout: "acdc",
    structures: [...ACDC_STRUCTURES],
    patients,
  };
}

interface PatientFolder {
  dir: string;
  id: string;
  part: Patient["part"];
}

async function patientFolders(dir: string): Promise<PatientFolder[]> {
  const found: PatientFolder[] = [];
  const collect = async (parent: string, part: Patient["part"]) => {
    for (const id of await listSubfolders(parent, { within: dir })) {
      if (/^patient\d+$/.test(id)) found.push({ dir: join(parent, id), id, part });
    }
  };
  await collect(dir, "training");
  const parts = await listSubfolders(dir);
  for (const part of PARTS) if (parts.includes(part)) await collect(join(dir, part), part);
  return found;
}

async function openPatient({ dir, id, part }: PatientFolder, root: string): Promise<Patient> {
  const path = join(dir, "Info.cfg");
  const text = await readTextIfAny(path, { within: root });
  if (text === undefined) {
    throw new SyntaxError(`${path}: expected the patient's frames, found no file`);
  }
  const info = new Map(
    text.split(/\r?\n/).map((line) => line.split(":", 2).map((side) => side.trim()))
      .map(([key, value]) => [key, value ?? ""]),
  );
  const names = await listFolder(dir);
  const scans = (["ED", "ES"] as const).map((phase): Scan => {
    const frame = info.get(phase);
    if (!frame || !/^\d+$/.test(frame)) {
      throw new SyntaxError(
        `${path}: expected a line "${phase}: frame number", found ${excerpt(frame ?? "none")}`,
      );
    }
    const stem = `${id}_frame${frame.padStart(2, "0")}`;
    const image = findScanFile(names, stem);
    if (!image) {
      throw new SyntaxError(
        `${dir}: expected ${excerpt(stem)}.nii.gz, as Info.cfg says, found no file`,
      );
    }
    const mask = findScanFile(names, `${stem}_gt`);
    return { image: join(dir, image), ...(mask && { mask: join(dir, mask) }), phase };
  });
  const cine = findScanFile(names, `${id}_4d`);
  return {
    id,
    group: info.get("Group") ?? "",
    part,
    scans,
    ...(cine && { cine: join(dir, cine) }),
  };
}

/**
 * Folders of DICOM files as scanners and archives write them: each folder at the top is a patient,
 * each series in it a scan; files that lie at the top are one patient's. Patients may lie in `images`.
 * A mask is a file of the patient's name in `labels`, or the one label map in the patient's folder.
 * Names come from folders, never from what the files say.
 *
 * @module
 */
import { basename, join, relative, sep } from "node:path";
import { contentsOf } from "../contents.ts";
import type { Dataset, Patient, Scan, UnusedFile } from "../dataset.ts";
import { folderName } from "../../../io/folders.ts";
import { findScanFile, isPicture, listScanFiles } from "../scan_files.ts";
import { scanStem } from "../../formats/formats.ts";
import { type DicomSeries, holdsDicom, listDicomSeries } from "../../formats/dicom/list_series.ts";
import { inGroups } from "../../../io/in_groups.ts";
import { type MaskAccess, structuresInMasks } from "../../masks/mask_structures.ts";
import { isLabelMap } from "../../masks/mask_values.ts";
import { readVolume } from "../../volumes/read_volume.ts";
import { isImageFolder, isMaskFolder } from "./names.ts";

/** The folder of masks. */
const MASKS = "labels";

/** Whether a folder, or one in it, holds DICOM files. */
export async function isDicomFolder(dir: string): Promise<boolean> {
  return await holdsDicom(dir);
}

/**
 * Lists a folder of DICOM series. All masks are read, for the labels that occur name the structures.
 *
 * @throws {SyntaxError} If no series of it is a scan.
 * @throws {RangeError} If one examination lies in two patients' folders, or a mask fits none or
 * several of its patient's series.
 */
export async function openDicomFolder(
  dir: string,
  { readMasks }: MaskAccess = {},
): Promise<Dataset> {
  const { series, unused } = await listDicomSeries(dir, { within: dir });
  if (series.length === 0) {
    const [first] = unused;
    throw new SyntaxError(
      `${dir}: expected DICOM series, found none` +
        (first ? `: ${relative(dir, first.path)} is not used, for ${first.why}` : ""),
    );
  }
  const byPatient = Map.groupBy(series, ({ files: [path] }) => patientOf(dir, path));
  checkExaminations(dir, byPatient);
  const masks = await listScanFiles(join(dir, MASKS), { within: dir });
  const beside = await labelMapsOf(dir);
  const patients: Patient[] = [];
  for (const [id, series] of byPatient) {
    const named = findScanFile(masks, id);
    const mask = named === undefined ? theOne(beside.get(id)) : join(dir, MASKS, named);
    const scans = series.map(({ files: [image] }): Scan => ({ image }));
    if (mask !== undefined) await pair(scans, series, { mask, dir });
    patients.push({ id, group: "", part: "training", scans });
  }
  const paired = patients.flatMap(({ scans }) => scans.flatMap(({ mask }) => mask ?? []));
  return {
    name: folderName(dir),
    root: dir,
    layout: "dicom",
    structures: await structuresInMasks(paired, {
      source: join(dir, MASKS),
      within: dir,
      readMasks,
    }),
    unused: [...unused, ...strays(dir, masks, byPatient)],
    patients: patients.toSorted((a, b) => a.id < b.id ? -1 : 1),
  };
}

/** The folder at the top, or in `images`, that a file lies in; the dataset's own for files at the top. */
function patientOf(dir: string, path: string): string {
  const [top, ...steps] = relative(dir, path).split(sep);
  if (steps.length > 1 && isImageFolder(top)) return steps[0];
  return steps.length > 0 ? top : folderName(dir);
}

/** Label maps in the patients' folders, by patient. */
async function labelMapsOf(dir: string): Promise<Map<string, string[]>> {
  const { files } = await contentsOf(dir);
  const volumes = files.filter((path) =>
    scanStem(basename(path)) && !isPicture(path) && relative(dir, path).includes(sep) &&
    !isMaskFolder(relative(dir, path).split(sep)[0])
  );
  const isMask = await inGroups(volumes, (path) => isLabelMap(path, { within: dir }), 4);
  return Map.groupBy(volumes.filter((_, i) => isMask[i]), (path) => patientOf(dir, path));
}

/** The only one of some files. */
function theOne([file, ...others]: readonly string[] = []): string | undefined {
  return others.length === 0 ? file : undefined;
}

/** Makes sure that nobody is two patients, one of whom might be tested on and the other trained on. */
function checkExaminations(dir: string, byPatient: ReadonlyMap<string, DicomSeries[]>): void {
  const owners = new Map<number, string>();
  for (const [id, series] of byPatient) {
    for (const { examination } of series) {
      const owner = owners.get(examination) ?? id;
      owners.set(examination, owner);
      if (owner === id) continue;
      throw new RangeError(
        `${dir}: expected a folder for each patient, found one examination in ${owner} and ${id}; ` +
          "put its series into one folder",
      );
    }
  }
}

/** Gives a mask to the series that it has the shape of. */
async function pair(
  scans: Scan[],
  series: readonly DicomSeries[],
  { mask, dir }: { mask: string; dir: string },
): Promise<void> {
  if (series.length === 1) {
    scans[0].mask = mask;
    return;
  }
  const { shape } = await readVolume(mask, { within: dir });
  const fitting = [...series.keys()].filter((i) => sameSizes(series[i].shape, shape));
  if (fitting.length !== 1) {
    throw new RangeError(
      `${mask}: expected the shape of one of the patient's ${series.length} series, found ` +
        `${shape.join(" × ")}, that of ${fitting.length}; keep the series that was outlined alone`,
    );
  }
  scans[fitting[0]].mask = mask;
}

/** Whether two shapes are the same but for the order of axes. */
function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  const sorted = (shape: readonly number[]) => shape.toSorted((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}

/** Masks of no patient. */
function strays(
  dir: string,
  masks: readonly string[],
  byPatient: ReadonlyMap<string, DicomSeries[]>,
): UnusedFile[] {
  return masks.filter((name) => !byPatient.has(scanStem(name) ?? "")).map((name) => ({
    path: join(dir, MASKS, name),
    why: "no DICOM series of its name",
  }));
}

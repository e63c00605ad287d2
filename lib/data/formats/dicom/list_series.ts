/**
 * Which series lie in a folder of DICOM files, whatever the files are called.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { UnusedFile } from "../../datasets/dataset.ts";
import { inGroups } from "../../../io/in_groups.ts";
import { explained, type ReadBytesOptions } from "../../../io/read_file.ts";
import { isDicomFile, readDicomHeader } from "./read_header.ts";
import { areParallel, inOrder, type SeriesFile } from "./stack.ts";

/** A series of DICOM slices that make a scan. */
export interface DicomSeries {
  /** Paths of its files, in order along the stack. */
  files: string[];
  /** Columns, rows and slices; of several volumes in one series, the slices of all. */
  shape: readonly [number, number, number];
  /** Equal in series of one examination; tells nothing else. */
  examination: number;
}

/** What a folder of DICOM files holds. */
export interface DicomFolder {
  /** The series that can be scans, in order of their first file's path. */
  series: DicomSeries[];
  /** DICOM files that are no part of a scan; of several of one series, the first. */
  unused: UnusedFile[];
}

/** Options of {@linkcode listDicomSeries}. */
export type ListDicomOptions = Pick<ReadBytesOptions, "within">;

/** Folders in folders beyond this are not looked into. */
const DEEPEST = 16;

/** Files of a folder that are looked at to tell whether it holds DICOM. */
const SAMPLES = 8;

/** Endings of files that are no DICOM, so that they need not be opened. */
const OTHERS =
  /\.(nii|gz|hdr|img|json|tsv|csv|txt|md|png|jpe?g|tiff?|nrrd|mh[ad]|npz?|zip|xml|pdf)$/i;

/** What objects with a place and pixels are that are no scans. */
const NO_SCANS: Record<string, string> = {
  SEG: "it is a segmentation in DICOM, which is not read; save it as NIfTI",
  RTSTRUCT: "it holds contours in DICOM, which are not read; save them as a NIfTI mask",
  RTDOSE: "it is a distribution of dose",
  RTPLAN: "it is a plan of radiotherapy",
};

/**
 * Lists the series of a folder and the folders in it. Headers alone are read. Hidden files and links
 * to folders are passed over.
 *
 * @throws {Error} If there is no such folder.
 */
export async function listDicomSeries(
  dir: string,
  options: ListDicomOptions = {},
): Promise<DicomFolder> {
  const stacks: SeriesFile[][] = [];
  const unused: UnusedFile[] = [];
  for (const { files } of await foldersIn(dir)) {
    const found = await sortOut(files, options);
    stacks.push(...found.stacks);
    unused.push(...found.unused);
  }
  const homes = [...Map.groupBy(stacks, ([{ header }]) => header.series).values()];
  // Files without the series' UID are of one series where they lie in one folder.
  const parted = homes.filter(([[{ header }], ...others]) => others.length > 0 && header.series);
  const whole = stacks.filter((files) => !parted.some((parts) => parts.includes(files)));
  const apart = parted.flatMap((parts) =>
    parts.map((files) =>
      left(files, `its series also lies in ${otherHome(files, parts)}; keep it in one`)
    )
  );
  const examinations = new Map<string, number>();
  return {
    series: whole.map((files) => seriesOf(files, examinations)),
    unused: [...unused, ...apart],
  };
}

/**
 * The files of the series that a file belongs to, which lie in its folder, in order along the
 * stack.
 *
 * @throws As {@linkcode readDicomHeader} does; also where another DICOM file of the folder cannot be
 * read, for it may be a slice.
 */
export async function seriesBeside(path: string, options: ListDicomOptions): Promise<string[]> {
  const own = await readDicomHeader(path, options);
  if (!own) throw new SyntaxError(`${path}: expected a DICOM file, found none`);
  const { files } = await folderAt(dirname(path));
  const all = await inGroups(files, (file) => readSeriesFile(file, options));
  const beside = all.flatMap((file) =>
    file && file.header.series === own.header.series ? file : []
  );
  return inOrder(beside).map(({ path }) => path);
}

/** Whether a folder, or one in it, holds DICOM files; a few of each folder are looked at. */
export async function holdsDicom(dir: string): Promise<boolean> {
  for (const { files } of await foldersIn(dir)) {
    for (const path of files.slice(0, SAMPLES)) if (await isDicomFile(path)) return true;
  }
  return false;
}

/** The stacks among the files of a folder, and what is no part of one. */
async function sortOut(
  paths: readonly string[],
  options: ListDicomOptions,
): Promise<{ stacks: SeriesFile[][]; unused: UnusedFile[] }> {
  const unused: UnusedFile[] = [];
  const read = await inGroups(paths, async (path) => {
    try {
      return await readSeriesFile(path, options);
    } catch (error) {
      unused.push({ path, why: reasonOf(error, path) });
      return undefined;
    }
  });
  const files = read.filter((file) => file !== undefined);
  const series = [...Map.groupBy(files, ({ header }) => header.series).values()].map(inOrder);
  const judged = series.map((files) => ({ files, why: whyNoScan(files) }));
  for (const { files, why } of judged) if (why !== undefined) unused.push(left(files, why));
  return { stacks: judged.flatMap(({ files, why }) => why === undefined ? [files] : []), unused };
}

/** A DICOM file of a folder; undefined where the file is another. */
async function readSeriesFile(
  path: string,
  options: ListDicomOptions,
): Promise<SeriesFile | undefined> {
  const opened = await readDicomHeader(path, options);
  return opened && { path, header: opened.header };
}

/** Why the files of a series are no scan; undefined where they are. */
function whyNoScan(files: readonly SeriesFile[]): string | undefined {
  const [{ header }] = files;
  const { modality, size, samples, localiser, places } = header;
  if (Object.hasOwn(NO_SCANS, modality)) return NO_SCANS[modality];
  if (size.includes(0)) return "it holds no image";
  if (samples !== 1) return "it is a picture in colours";
  if (localiser || !areParallel(files)) return "it is a localiser, an overview for planning";
  if (places.length === 0) return "it does not tell where it lies in the patient";
  return undefined;
}

/** A series that is not used, by its first file. */
function left(files: readonly SeriesFile[], why: string): UnusedFile {
  const more = files.length > 1 ? ` (and ${files.length - 1} more of its series)` : "";
  return { path: files[0].path, why: why + more };
}

/** Another folder that holds files of the same series. */
function otherHome([{ path }]: readonly SeriesFile[], parts: readonly SeriesFile[][]): string {
  return parts.map(([file]) => dirname(file.path)).find((home) => home !== dirname(path)) ?? "";
}

function seriesOf(files: readonly SeriesFile[], examinations: Map<string, number>): DicomSeries {
  const [{ header }] = files;
  const examination = header.examination || files[0].path;
  const known = examinations.get(examination) ?? examinations.size;
  examinations.set(examination, known);
  const slices = files.reduce((sum, { header }) => sum + header.places.length, 0);
  return {
    files: files.map(({ path }) => path),
    shape: [...header.size, slices],
    examination: known,
  };
}

/** What was wrong with a file, without its name. */
function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) throw error;
  return error.message.replace(`${path}: `, "");
}

/** A folder and its files. */
interface Folder {
  files: string[];
  folders: string[];
}

/** A folder and those in it, sorted, that may hold DICOM files. */
async function foldersIn(dir: string, depth = 0): Promise<Folder[]> {
  const folder = await folderAt(dir);
  if (depth === DEEPEST) return [folder];
  const below: Folder[] = [];
  for (const one of folder.folders) below.push(...await foldersIn(one, depth + 1));
  return [folder, ...below];
}

/** What lies in a folder and may be DICOM, sorted by name. */
async function folderAt(dir: string): Promise<Folder> {
  const entries = await explained(dir, readdir(dir, { withFileTypes: true }));
  const seen = entries.filter(({ name }) => !name.startsWith(".") && !OTHERS.test(name));
  const isFile = (name: string) =>
    stat(join(dir, name)).then((found) => found.isFile(), () => false);
  const paths = async (test: (entry: typeof entries[number]) => boolean | Promise<boolean>) => {
    const kept = await inGroups(seen, async (entry) => await test(entry) ? entry.name : undefined);
    return kept.filter((name) => name !== undefined).sort().map((name) => join(dir, name));
  };
  return {
    files: await paths((entry) => entry.isFile() || (entry.isSymbolicLink() && isFile(entry.name))),
    folders: await paths((entry) => entry.isDirectory()),
  };
}

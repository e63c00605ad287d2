/**
 * What lies in a dataset's folder and is not read.
 *
 * @module
 */
import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import { contentsOf } from "./contents.ts";
import type { Dataset, Patient, UnusedFile } from "./dataset.ts";
import { scanStem } from "../formats/formats.ts";
import { inGroups } from "../../io/in_groups.ts";
import { printable } from "../../io/text/printable.ts";

/** Endings of pictures and arrays that are not read. */
const UNREAD = /\.(jpe?g|bmp|gif|webp|npy|npz|mat|h5|hdf5|mnc|par|rec)$/i;

/** Files that are looked at. */
const MOST_FILES = 100_000;

/** All files of a patient. */
export function filesOfPatient({ scans, cine }: Patient): string[] {
  const files = scans.flatMap(({ image, channels = [], mask }) => [
    ...[image, mask ?? []].flat(),
    ...channels.flatMap(({ path }) => path ?? []),
  ]);
  return [...new Set(cine === undefined ? files : [...files, cine])];
}

/** The dataset with every file that looks like a scan or a mask but is not read, and why. */
export async function withUnused(dataset: Dataset): Promise<Dataset> {
  const { root, layout, patients, unused = [] } = dataset;
  const { files, outside, cut } = await contentsOf(root, { most: MOST_FILES });
  const used = new Set(patients.flatMap(filesOfPatient));
  const known = new Set(unused.map(({ path }) => path));
  const others = files.filter((path) =>
    (scanStem(basename(path)) || UNREAD.test(path)) && !used.has(path) && !known.has(path)
  );
  const why = (path: string) =>
    UNREAD.test(path)
      ? "its format is not read; convert it to NIfTI or PNG"
      : `the layout ${layout} does not read it`;
  const all = [
    ...unused,
    ...(await notAmong(used, others)).map((path) => ({ path, why: why(path) })),
    ...outside.filter(({ path }) => !used.has(path)).map(({ path, leadsTo }) => ({
      path,
      why: `it leads out of the dataset's folder to ${leadsTo}; copy it there to use it`,
    })),
    ...(cut ? [{ path: root, why: `more than ${MOST_FILES} files: not all were looked at` }] : []),
  ];
  const { unused: _, ...rest } = dataset;
  return all.length === 0 ? rest : { ...rest, unused: all.map(shown) };
}

/** Those of some files that are not, by another name, among those that are used. */
async function notAmong(used: ReadonlySet<string>, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const realOf = (path: string) => realpath(path).catch(() => path);
  const real = new Set(await inGroups([...used], realOf));
  const others = await inGroups(files, realOf);
  return files.filter((_, i) => !real.has(others[i]));
}

/** Names of files that nobody asked for must not steer a terminal. */
function shown({ path, why }: UnusedFile): UnusedFile {
  return { path: printable(path), why: printable(why) };
}

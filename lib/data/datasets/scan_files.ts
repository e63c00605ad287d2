/**
 * The files of a folder that are scans and masks by their names.
 *
 * @module
 */
import { listFolderIfAny, type Within } from "../../io/folders.ts";
import { scanStem } from "../formats/formats.ts";

/**
 * Names of the scans' and masks' files in a folder, sorted; none where there is no such folder.
 * Pictures beside volumes are views of them, and left out.
 *
 * @param options A folder that `dir` must lie in, links followed.
 * @throws {RangeError} If two files differ in nothing but their ending: they would be one patient.
 */
export async function listScanFiles(dir: string, { within }: Within = {}): Promise<string[]> {
  const all = (await listFolderIfAny(dir, { within })).filter(scanStem);
  const volumes = all.filter((name) => !isPicture(name));
  const names = volumes.length > 0 ? volumes : all;
  const twins = [...Map.groupBy(names, scanStem).values()].find(({ length }) => length > 1);
  if (twins) {
    throw new RangeError(
      `${dir}: expected one file per scan, found ${twins.join(" and ")}; remove or rename one`,
    );
  }
  return names;
}

/** Whether a file is a picture: no volume, and its colours are channels. */
export function isPicture(name: string): boolean {
  return /\.(png|tiff?)$/i.test(name);
}

/** The scan's file of that stem among `names`. */
export function findScanFile(names: readonly string[], stem: string): string | undefined {
  return names.find((name) => scanStem(name) === stem);
}

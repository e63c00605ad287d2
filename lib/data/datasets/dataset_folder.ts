/**
 * The folder that is meant where one names the images of a dataset.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { isImageFolder, isMaskFolder } from "./layouts/names.ts";

/** Folders of images to train on, whose masks lie beside them: "images" and "imagesTr". */
const TRAINED_ON = /^images?(tr)?$/i;

/**
 * The folder of a dataset: the one that was named or, where that is called "images" and holds files
 * alone, but masks and no other images lie beside it, the one that holds both.
 */
export function datasetFolder(dir: string): string {
  const whole = resolve(dir);
  if (!TRAINED_ON.test(basename(whole)) || foldersIn(whole).length > 0) return dir;
  const beside = foldersIn(dirname(whole));
  return beside.filter(isImageFolder).length === 1 && beside.some(isMaskFolder)
    ? dirname(whole)
    : dir;
}

/** Names of the folders in a folder; none where it cannot be read. */
function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

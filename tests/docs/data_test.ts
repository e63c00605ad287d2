/** docs/data.md: the files that it shows for each layout are written and opened. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { LAYOUT_NAMES, openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readSplit } from "../../lib/data/datasets/splits.ts";
import { filesOfPatient } from "../../lib/data/datasets/unused.ts";
import {
  tinyImage,
  tinyMask,
  withFolder,
  writeTiny,
  writeTinyFrames,
} from "../support/datasets.ts";
import { dicomSlice } from "../support/dicom.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/data.md`, "utf8");

/** Frames of a 4D file: more than any table names. */
const FRAMES = 20;

/** A file of a listing, and what is said about it. */
interface Listed {
  path: string;
  about: string;
}

for (const layout of LAYOUT_NAMES) {
  Deno.test(`docs/data.md tells what is read of ${layout}`, () =>
    withFolder(async (dir) => {
      const { files, texts } = sectionOf(layout);
      for (const file of files) await write(dir, file, texts.get(file.path));
      for (const path of texts.keys()) assert.ok(files.some((one) => one.path === path), path);

      const dataset = await openDataset(dir);
      assert.equal(dataset.layout, layout);
      const scans = files.filter(({ path, about }) => isNifti(path) || about.startsWith("DICOM"))
        .filter(({ about }) => !about.includes("not read alone"));
      const [unread, read] = [true, false].map((is) =>
        scans.filter(({ about }) => about.includes("not read") === is).map(({ path }) => path)
          .sort()
      );
      const paths = (found: readonly string[]) => found.map((path) => relative(dir, path)).sort();
      assert.deepEqual(paths(dataset.patients.flatMap(filesOfPatient)), read);
      assert.deepEqual(paths((dataset.unused ?? []).map(({ path }) => path)), unread);
      const report = await checkDataset(dataset);
      assert.equal(report.errors, 0, JSON.stringify(report.scans.map(({ error }) => error)));
      const grouped = dataset.patients.every(({ group }) => group !== "");
      assert.equal(
        grouped,
        /\bgroups?\b|row for each/.test(files.map(({ about }) => about).join()),
      );
    }));
}

Deno.test("docs/data.md shows a split of the folder that it shows", () =>
  withFolder(async (dir) => {
    for (const id of ["anna", "ben", "carl"]) await writeTiny(`${dir}/${id}.nii.gz`, tinyImage());
    const [split] = page.match(/\{\n {2}"schema": "pix2rep[^]*?\n\}/)!;
    Deno.writeTextFileSync(`${dir}/split.json`, split);
    const { subsets } = await readSplit(`${dir}/split.json`, await openDataset(dir));
    assert.deepEqual(subsets, { 1: ["anna"] });
  }));

/** The files of a layout's section, and what is in those that are texts. */
function sectionOf(layout: string): { files: Listed[]; texts: Map<string, string> } {
  const [, section] = page.match(new RegExp(`^## \`${layout}\`\n(.*?)(?=^## )`, "ms")) ?? [];
  assert.ok(section, `docs/data.md: expected a section "## \`${layout}\`"`);
  const [, listing] = section.match(/^```text\n(.*?)^```/ms)!;
  const files = listing.trim().split("\n").map((line): Listed => {
    const [path, ...about] = line.split(" ");
    return { path, about: about.join(" ").trim() };
  });
  const texts = section.matchAll(/^`([^`]+)`:\n\n```\w+\n(.*?)^```/gms);
  return { files, texts: new Map([...texts].map(([, path, text]) => [path, text])) };
}

/** Writes a file: a text as the page has it, or a NIfTI file of what is said about it. */
async function write(dir: string, { path, about }: Listed, text?: string): Promise<void> {
  const file = `${dir}/${path}`;
  const voxels = about.includes("mask") ? tinyMask(1) : tinyImage();
  if (about.startsWith("DICOM")) {
    mkdirSync(dirname(file), { recursive: true });
    Deno.writeFileSync(file, tinySlice(path));
  } else if (!isNifti(path)) {
    mkdirSync(dirname(file), { recursive: true });
    assert.ok(text !== undefined || about.includes("not read"), `${path}: what is in it?`);
    Deno.writeTextFileSync(file, text ?? "");
  } else if (about.startsWith("4D")) {
    await writeTinyFrames(file, Array.from({ length: FRAMES }, () => voxels));
  } else {
    await writeTiny(file, voxels);
  }
}

/** A slice of a tiny volume's grid; each patient's are of one examination. */
function tinySlice(path: string): Uint8Array {
  const first = /1$|7f3a/.test(path);
  return dicomSlice({
    size: [4, 3],
    spacing: [1.5, 1.5],
    position: [-14.5, -20, first ? 38 : 30],
    orientation: [1, 0, 0, 0, -1, 0],
    examination: path.length,
    number: first ? 1 : 2,
    instance: first ? 1 : 2,
  });
}

function isNifti(path: string): boolean {
  return path.endsWith(".nii.gz");
}

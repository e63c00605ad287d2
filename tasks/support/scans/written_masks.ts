/**
 * What `predict` has written to a folder, and what each mask was made by: a mask that the same models
 * made of the same scan is not made again, and no other file is replaced.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { encodeMask } from "../../../lib/data/formats/formats.ts";
import type { Volume, Voxels } from "../../../lib/data/volumes/volume.ts";
import { readTextIfAny } from "../../../lib/io/folders.ts";
import { readBytes } from "../../../lib/io/read_file.ts";
import { parseJson } from "../../../lib/io/text/parse_json.ts";
import { writeFileAtomically } from "../../../lib/io/write_file.ts";
import { VERSION } from "../../../lib/runs/provenance.ts";
import type { OpenModels } from "../models/open_models.ts";
import type { Environment } from "../command/options.ts";

/** The record's file, beside the masks. */
export const MASKS_RECORD = "masks.jsonl";

/** How large a file may be that is read to compare it. */
const MOST_BYTES = 2 ** 32;

const LineJson = v.object({
  mask: v.string(),
  sha256: v.string(),
  made: v.string(),
  doubt: v.nullable(v.number()),
});

/** What is known of a mask that stands. */
export interface Standing {
  /** How unsure the models were, as a page shows it. */
  doubt: number | null;
}

/** A line of the record: a mask that was about to be written. */
interface Line extends Standing {
  /** Its name. */
  mask: string;
  /** SHA-256 of the file. */
  sha256: string;
  /** SHA-256 of what it comes from: see {@linkcode digestOfOrigin}. */
  made: string;
}

/** The masks of a folder that are known. */
export interface WrittenMasks {
  /** What is known of a mask that is there and comes from just this; undefined where it is to be made. */
  standing: (mask: string, made: string) => Standing | undefined;
  /** Writes a mask on the grid of a scan, and notes what it was made by. */
  write: (mask: string, labels: Voxels, by: Origin) => Promise<void>;
}

/** What a mask comes from. */
export interface Origin extends Pick<Line, "made" | "doubt"> {
  /** The scan. */
  image: Volume;
}

/**
 * Opens the record of a folder of masks.
 *
 * @param masks Paths of those that may be written there.
 * @throws {Error} if a file of such a name is none that `predict` wrote, or was changed since.
 */
export async function openWrittenMasks(
  out: string,
  masks: readonly string[],
): Promise<WrittenMasks> {
  const path = join(out, MASKS_RECORD);
  const text = await readTextIfAny(path) ?? "";
  const lines = linesOf(text, path);
  const append = appender(path, text);
  const found = new Map<string, Line[]>();
  for (const mask of masks.filter((mask) => existsSync(mask))) {
    const sha256 = digestOf([await readBytes(mask, { maxBytes: MOST_BYTES })]);
    const own = lines.filter((line) => line.mask === basename(mask) && line.sha256 === sha256);
    if (own.length === 0) throw notOurs(mask);
    found.set(mask, own);
  }
  return {
    standing: (mask, made) => found.get(mask)?.findLast((line) => line.made === made),
    write: async (mask, labels, { image, made, doubt }) => {
      const bytes = await encodeMask(mask, labels, image);
      const line: Line = { mask: basename(mask), sha256: digestOf([bytes]), made, doubt };
      // First the line: whatever a kill leaves, the file is one that a line knows.
      await append(line);
      await writeFileAtomically(mask, bytes);
    },
  };
}

/** The lines of a record; a last one without its end is what a kill leaves, and does not count. */
function linesOf(text: string, path: string): Line[] {
  return text.split("\n").slice(0, -1)
    .map((line, i) => parseJson(line, LineJson, `${path}:${i + 1}`));
}

/** Adds lines to a record; before the first, what a kill left of another is taken away. */
function appender(path: string, text: string): (line: Line) => Promise<void> {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  let torn = whole !== text;
  return async (line) => {
    if (torn) await writeFileAtomically(path, whole);
    torn = false;
    await appendFile(path, JSON.stringify(line) + "\n");
  };
}

function notOurs(mask: string): Error {
  return new Error(
    `${mask}: expected no file, or a mask as deno task predict wrote it, found another one, or one ` +
      "that was changed since; move it away, or choose another --out",
  );
}

/** How masks are made, apart from the scans. */
export interface Making {
  /** The models, all of their settings included. */
  models: OpenModels;
  /** Where they compute, and by which version. */
  environment: Environment;
  /** Options that change what comes of it. */
  options: Record<string, unknown>;
}

/**
 * Tells of a scan what its mask comes from: SHA-256 over the weights and the settings of the models,
 * the version and the backend that compute, and the scan's voxels and grid.
 */
export async function digestOfOrigin(
  { models, environment: { backend, commit }, options }: Making,
): Promise<(channels: readonly Volume[], frame?: number) => string> {
  const known = await Promise.all(models.map(async ({ weights, ...model }) => {
    const { config, structures, channels, order } = model;
    const sha256 = digestOf([await readBytes(weights, { maxBytes: MOST_BYTES })]);
    return { sha256, config, structures, channels, order };
  }));
  const making = JSON.stringify({ version: VERSION, commit, backend, options, known });
  return (channels, frame) =>
    digestOf([
      making,
      JSON.stringify({ frame, channels: channels.map(gridOf) }),
      ...channels.map(({ voxels }) => bytesOf(voxels)),
    ]);
}

/** What places voxels: a mask carries it too. */
function gridOf({ shape, spacing, affine, geometry }: Volume): object {
  return { shape, spacing, affine, geometry };
}

function bytesOf({ buffer, byteOffset, byteLength }: Voxels): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

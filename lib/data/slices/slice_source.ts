/**
 * Slices to pretrain on, in memory or, of a large cohort, in a file that is read slice by slice.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PreparedVolume } from "./preprocess.ts";
import { digestSlices } from "./slice_digest.ts";
import { type ScanFacts, type SeenScans, seenScans } from "./seen_scans.ts";
import { expectChannels, type SliceStack, stackSlices, takeSlices } from "./slices.ts";
import { writingExplained } from "../../io/write_file.ts";

/** Slices in a file. */
export interface StoredSlices {
  /** Number of slices. */
  count: number;
  /** Pixels per side. */
  size: number;
  /** Number of channels. */
  channels: number;
  /** Descriptor of the open file: float32 intensities, [count, size, size, channels]. */
  file: number;
  /** What the scans were like that they are of. */
  seen?: SeenScans;
}

/** Slices in memory or in a file. */
export type SliceSource = SliceStack | StoredSlices;

/** Bytes of slices that stay in memory. */
const MOST_IN_MEMORY = 2 ** 26;

/** Slices that a digest reads at once. */
const CHUNK = 64;

/** Options of {@linkcode gatherSlices}. */
export interface GatherSlicesOptions {
  /** The folder for a file; without it, everything stays in memory. */
  dir?: string;
  /** How many bytes stay in memory; 64 MiB by default. */
  most?: number;
}

/**
 * Gathers the slices of volumes as they come, without labels. What does not fit into memory goes to a
 * file that has no name any more once it is open: it vanishes with the process, be it killed.
 *
 * @throws {RangeError} if there is no volume, or some have other channels.
 * @throws {Error} if the disk is full.
 */
export async function gatherSlices(
  volumes: AsyncIterable<PreparedVolume>,
  { dir, most = MOST_IN_MEMORY }: GatherSlicesOptions = {},
): Promise<SliceSource> {
  let held: PreparedVolume[] = [];
  let bytes = 0;
  let stored: StoredSlices | undefined;
  const facts: ScanFacts[] = [];
  try {
    for await (const { labels: _, ...volume } of volumes) {
      held.push(volume);
      facts.push(volume.facts);
      bytes += volume.images.byteLength;
      if (dir === undefined || bytes <= most) continue;
      const { channels, grid: { size } } = volume;
      stored ??= { count: 0, size, channels, file: openNameless(dir) };
      for (const each of held) append(stored, each, dir);
      held = [];
    }
  } catch (error) {
    if (stored) closeSource(stored);
    throw error;
  }
  return stored ? { ...stored, seen: seenScans(facts) } : stackSlices(held);
}

/** The slices at some positions, in the order of the positions. */
export function readSlices(source: SliceSource, positions: readonly number[]): SliceStack {
  if (!("file" in source)) return takeSlices(source, positions);
  const { size, channels, file } = source;
  const bytes = 4 * size * size * channels;
  const images = new Float32Array(positions.length * bytes / 4);
  positions.forEach((position, i) => {
    readWhole(file, new Uint8Array(images.buffer, i * bytes, bytes), position * bytes);
  });
  return { count: positions.length, size, channels, images };
}

/** SHA-256 over the images, wherever they are: tells whether two sources hold the same slices. */
export function digestSource(source: SliceSource): string {
  if (!("file" in source)) return digestSlices(source);
  const hash = createHash("sha256");
  for (let first = 0; first < source.count; first += CHUNK) {
    const count = Math.min(CHUNK, source.count - first);
    const { images } = readSlices(source, Array.from({ length: count }, (_, i) => first + i));
    hash.update(new Uint8Array(images.buffer));
  }
  return hash.digest("hex");
}

/** Closes the file, if there is one. */
export function closeSource(source: SliceSource): void {
  if ("file" in source) closeSync(source.file);
}

function openNameless(dir: string): number {
  const path = join(dir, `.slices-${crypto.randomUUID()}`);
  const file = openSync(path, "wx+");
  unlinkSync(path);
  return file;
}

function append(stored: StoredSlices, volume: PreparedVolume, dir: string): void {
  expectChannels(volume, stored.channels);
  const { images, depth } = volume;
  const bytes = new Uint8Array(images.buffer, images.byteOffset, images.byteLength);
  const start = 4 * stored.count * stored.size ** 2 * stored.channels;
  try {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(stored.file, bytes, at, bytes.length - at, start + at);
    }
  } catch (error) {
    throw writingExplained(error, dir);
  }
  stored.count += depth;
}

function readWhole(file: number, into: Uint8Array, start: number): void {
  for (let at = 0; at < into.length;) {
    const count = readSync(file, into, at, into.length - at, start + at);
    if (count === 0) throw new RangeError("slices: expected a position within the file");
    at += count;
  }
}

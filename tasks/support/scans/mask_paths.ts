/**
 * Where `predict` writes the masks of scans.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Scan } from "../../../lib/data/datasets/dataset.ts";
import { scanStem } from "../../../lib/data/formats/formats.ts";
import { headerOfImage } from "../../../lib/data/formats/pairs.ts";
import { maskName } from "../../../lib/inference/mask_name.ts";
import { probabilitiesOf } from "./probabilities.ts";

/** A scan, and where its mask goes. */
export interface MaskPath {
  /** The scan's path. */
  image: string;
  /** The mask's. */
  mask: string;
}

/** Options of {@linkcode maskPaths}. */
export interface MaskPathsOptions {
  /** The folder of the masks. */
  out: string;
  /** The folder of the dataset, where the scans are one's. */
  within?: string;
  /** Names of masks as a dataset calls them; after their scans where there is none. */
  known?: ReadonlyMap<Scan, string>;
  /** The time points that were asked for. */
  frame: number | "all" | undefined;
  /** Whether probabilities go beside the masks. */
  probable: boolean;
}

/**
 * The mask of each scan.
 *
 * @throws {Error} if two would be written to one path.
 */
export function maskPaths(
  scans: readonly Scan[],
  { out, within, known, frame, probable }: MaskPathsOptions,
): MaskPath[] {
  const names = differentNames(scans.map(({ image }) => image), within);
  const number = frame === "all" ? undefined : frame;
  const masks = scans.map((scan, i) => {
    const usual = number === undefined ? known?.get(scan) : undefined;
    return {
      image: scan.image,
      mask: join(out, usual ?? maskName(names[i], scan.frame ?? number)),
    };
  });
  expectDifferent(masks);
  // Scans of two formats have masks of two, but probabilities of one.
  if (probable) {
    expectDifferent(masks.map((one) => ({ ...one, mask: probabilitiesOf(one.mask) })));
  }
  return masks;
}

/** How the scan of a mask is called: as the mask, without the word that says that it is one. */
export function titleOf(mask: string): string {
  const stem = scanStem(basename(mask))!;
  return stem.replace(/_(mask|gt|seg|dseg)$/, "");
}

/** The scans' names, or where two are the same, their paths below the dataset's folder in one word. */
function differentNames(images: readonly string[], within = ""): string[] {
  const names = images.map((image) => basename(sourceOf(image)));
  if (new Set(names).size === new Set(images).size) return names;
  const paths = images.map((image) => relative(within, sourceOf(image)));
  const different = new Set(paths).size === new Set(images).size;
  return images.map((image, i) =>
    (different ? paths[i] : relative(within, image)).replaceAll(/[\\/]/g, "_")
  );
}

/** What a scan is named after: its file, or the folder of a series of DICOM, whose files have numbers. */
function sourceOf(image: string): string {
  const file = headerOfImage(image) ?? image;
  return scanStem(basename(file)) === undefined ? resolve(dirname(image)) : image;
}

/** Scans whose names come to the same would overwrite each other's masks. */
function expectDifferent(masks: readonly { image: string; mask: string }[]): void {
  const byMask = Map.groupBy(masks, ({ mask }) => mask);
  const twins = [...byMask.values()].find(({ length }) => length > 1);
  if (!twins) return;
  throw new Error(
    `expected scans of different names, found ${twins[0].image} and ${twins[1].image}; ` +
      "segment them apart, each with an --out of its own",
  );
}

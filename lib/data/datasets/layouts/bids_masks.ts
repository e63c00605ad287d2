/**
 * Masks of BIDS: `…_dseg` (labels), or, where there is none, `…_mask` and `…_roi` of one thing, which
 * `label-…` or `desc-…` names.
 *
 * A mask belongs to the image of the same entities. Masks in another space (`space-…` other than
 * `space-orig`, `res-…`) are not on the image's grid.
 *
 * @module
 */
import { basename } from "node:path";
import type { UnusedFile } from "../dataset.ts";
import { scanStem } from "../../formats/formats.ts";

/** Entities that tell how a mask was made, not which image it belongs to. */
const MASK_ENTITIES = /_(space-orig|(seg|atlas|desc|label)-[^_]+)/g;

/** Suffixes of files that outline something. */
const MASK_SUFFIX = /^(dseg|probseg|.*mask|roi)$/;

/** A file of BIDS: "sub-01_acq-a_T1w" has the entities "sub-01_acq-a" and the suffix "T1w". */
export interface BidsFile {
  /** Its path. */
  path: string;
  /** "sub-01". */
  subject: string;
  /** All but the suffix. */
  entities: string;
  /** The last word of the name. */
  suffix: string;
}

/** What a file's name tells; undefined where it is no subject's scan or mask. */
export function bidsFile(path: string): BidsFile | undefined {
  const stem = scanStem(basename(path));
  const [, entities, subject, suffix] = stem?.match(/^((sub-[^_]+).*)_([^_]+)$/) ?? [];
  return subject === undefined ? undefined : { path, subject, entities, suffix };
}

/** Whether a file outlines something. */
export function isMask({ suffix }: BidsFile): boolean {
  return MASK_SUFFIX.test(suffix);
}

/** The masks that are taken. */
export interface ChosenMasks {
  /** The mask of a scan's images. */
  maskOf: (images: readonly BidsFile[]) => string | undefined;
  /** What the masks outline, where they outline one thing; undefined of labels. */
  name?: string;
  /** The others, and why they are not taken. */
  unused: UnusedFile[];
}

/**
 * Chooses the masks of scans, each given by its images: of all subjects the same kind.
 *
 * @throws {RangeError} If a scan has two masks of a kind, when it is asked for.
 */
export function chooseMasks(
  scans: readonly (readonly BidsFile[])[],
  masks: readonly BidsFile[],
): ChosenMasks {
  const entities = new Set(scans.map(([{ entities }]) => entities));
  const scanOf = (mask: BidsFile) => {
    const own = [mask.entities, mask.entities.replaceAll(MASK_ENTITIES, "")];
    return own.find((name) => entities.has(name));
  };
  const reasons = new Map(masks.map((mask) => [mask, whyUnfit(mask, scanOf(mask))]));
  const fit = masks.filter((mask) => reasons.get(mask) === undefined);
  const kind = usualKind(fit);
  const taken = Map.groupBy(fit.filter((mask) => kindOf(mask) === kind), scanOf);
  const unused = masks.flatMap((mask): UnusedFile[] => {
    const other = kindOf(mask) === kind ? undefined : `masks are taken of the kind ${kind}`;
    const why = reasons.get(mask) ?? other;
    return why === undefined ? [] : [{ path: mask.path, why }];
  });
  return {
    maskOf: (images) => theOne(taken.get(images[0].entities) ?? [], images)?.path,
    ...(kind !== undefined && kind !== "dseg" && { name: kind }),
    unused,
  };
}

/** Why a mask cannot be taken; undefined where it can. */
function whyUnfit({ suffix, entities }: BidsFile, scan: string | undefined): string | undefined {
  if (suffix === "probseg") return "probabilities, no labels";
  if (suffix === "defacemask" || /_desc-brain(_|$)/.test(entities)) {
    return "a mask of the head or the brain, no structure";
  }
  if (scan !== undefined) return undefined;
  return /_(space|res)-/.test(entities)
    ? "a mask on another grid than the images'"
    : "a mask, but no image has its entities";
}

/** "dseg", or what a mask outlines by its name. */
function kindOf({ suffix, entities }: BidsFile): string {
  if (suffix === "dseg") return suffix;
  return /_label-([^_]+)/.exec(entities)?.[1] ?? /_desc-([^_]+)/.exec(entities)?.[1] ?? suffix;
}

/** Labels where there are any, else what most masks outline. */
function usualKind(masks: readonly BidsFile[]): string | undefined {
  const kinds = Map.groupBy(masks, kindOf);
  const [usual] = [...kinds].sort(([a, { length: m }], [b, { length: n }]) =>
    n - m || (a < b ? -1 : 1)
  );
  return kinds.has("dseg") ? "dseg" : usual?.[0];
}

function theOne(
  found: readonly BidsFile[],
  images: readonly BidsFile[],
): BidsFile | undefined {
  if (found.length < 2) return found[0];
  throw new RangeError(
    `${images[0].path}: expected one mask, found ${
      found.map(({ path }) => path).join(" and ")
    }; keep one`,
  );
}

/**
 * All formats of scans that are read, in one table.
 *
 * @module
 */
import { gunzipStart, isGzip } from "../../io/gzip.ts";
import { inflateStream } from "../../io/inflate_stream.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";
import { compress } from "./compress.ts";
import type { DecodeOptions, Format } from "./format.ts";
import { decodeMetaImage } from "./metaimage/decode.ts";
import { encodeMetaImage } from "./metaimage/encode.ts";
import { isMetaImage } from "./metaimage/header.ts";
import { decodeMgh } from "./mgh/decode.ts";
import { encodeMgh } from "./mgh/encode.ts";
import { isMgh } from "./mgh/header.ts";
import { decodeNifti } from "./nifti/decode.ts";
import { encodeNifti } from "./nifti/encode.ts";
import { versionOf } from "./nifti/header.ts";
import { decodeNrrd } from "./nrrd/decode.ts";
import { encodeNrrd } from "./nrrd/encode.ts";
import { isNrrd } from "./nrrd/header.ts";
import { imageOfHeader } from "./pairs.ts";
import { isPng } from "./png/chunks.ts";
import { decodePng } from "./png/decode.ts";
import { encodePng } from "./png/encode.ts";
import { decodeTiff } from "./tiff/decode.ts";
import { isTiff } from "./tiff/directory.ts";
import { encodeTiff } from "./tiff/encode.ts";

/** How many bytes of a file, inflated, tell its format. */
const HEAD_BYTES = 1024;

/** A format's name in code. */
export type FormatName = "nifti" | "nrrd" | "png" | "tiff" | "metaimage" | "mgh";

/** What each format offers, those first that are recognised most surely. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  nifti: {
    title: "NIfTI",
    endings: [".nii", ".nii.gz", ".hdr", ".hdr.gz"],
    gzipped: true,
    recognises: (head) => versionOf(head) !== undefined,
    decode: decodeNiftiPair,
    masks: [
      { ending: ".nii.gz", encode: (labels, like) => compress(encodeNifti(labels, like), "gzip") },
      { ending: ".nii", encode: (labels, like) => encodeNifti(labels, like) },
    ],
  },
  nrrd: {
    title: "NRRD",
    endings: [".nrrd", ".nhdr"],
    gzipped: false,
    recognises: isNrrd,
    decode: decodeNrrd,
    masks: [{ ending: ".nrrd", encode: encodeNrrd }],
  },
  png: {
    title: "PNG",
    endings: [".png"],
    gzipped: false,
    recognises: isPng,
    decode: decodePng,
    masks: [{ ending: ".png", encode: encodePng }],
  },
  tiff: {
    title: "TIFF",
    endings: [".tif", ".tiff"],
    gzipped: false,
    recognises: isTiff,
    decode: decodeTiff,
    masks: [{ ending: ".tif", encode: encodeTiff }],
  },
  metaimage: {
    title: "MetaImage",
    endings: [".mha", ".mhd"],
    gzipped: false,
    recognises: isMetaImage,
    decode: decodeMetaImage,
    masks: [{ ending: ".mha", encode: encodeMetaImage }],
  },
  mgh: {
    title: "MGH",
    endings: [".mgz", ".mgh", ".mgh.gz"],
    gzipped: true,
    recognises: isMgh,
    decode: decodeMgh,
    masks: [
      { ending: ".mgz", encode: (labels, like) => compress(encodeMgh(labels, like), "gzip") },
      { ending: ".mgh", encode: encodeMgh },
    ],
  },
};

/** All formats, as a list. */
const ALL = Object.values(FORMATS);

/** The endings of all formats. */
const ENDINGS = ALL.flatMap(({ endings }) => endings);

/**
 * A scan's name without its ending, which may be in capitals: "a.NII.GZ" → "a". Undefined for files
 * that are no scans by their names; of two parts, the header has the name.
 */
export function scanStem(name: string): string | undefined {
  const ending = endingOf(name, ENDINGS);
  return ending && name.slice(0, -ending.length);
}

/**
 * The ending of a mask of a scan of that name: in the same format, or NIfTI.
 *
 * @param like The name of another mask, whose ending is taken where the format has it too.
 */
export function maskEnding(name: string, like = ""): string {
  const own = formatOfName(name)?.masks ?? [];
  const masks = own.length > 0 ? own : FORMATS.nifti.masks;
  return (masks.find(({ ending }) => like.toLowerCase().endsWith(ending)) ?? masks[0]).ending;
}

/**
 * Labels as a file of the format that a name ends in, on the grid of a volume.
 *
 * @throws {TypeError} If masks are not written in files of that ending.
 * @throws {RangeError} If there are more or fewer labels than the grid has voxels, or the format
 * cannot hold them.
 */
export async function encodeMask(name: string, labels: Voxels, like: Volume): Promise<Uint8Array> {
  const masks = ALL.flatMap(({ masks }) => masks);
  const ending = endingOf(name, masks.map(({ ending }) => ending));
  const mask = masks.find((mask) => mask.ending === ending);
  if (!mask) {
    throw new TypeError(
      `${name}: expected a name that ends in ${masks.map(({ ending }) => ending).join(", ")}`,
    );
  }
  return await mask.encode(labels, like);
}

/**
 * The content of a file of any format, told by what it begins with, or by its name where that does
 * not tell.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @throws {SyntaxError} If it is of no format that is read, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or holds an impossible value.
 * @throws {TypeError} If it holds what is not supported.
 */
export async function decodeVolume(
  file: Uint8Array,
  source: string,
  options: DecodeOptions = {},
): Promise<Volume> {
  const { inflate = inflateStream } = options;
  const head = await gunzipStart(file, HEAD_BYTES, { source, inflate });
  const format = ALL.find(({ recognises }) => recognises(head)) ?? formatOfName(source);
  if (!format) {
    const titles = ALL.map(({ title }) => title);
    throw new SyntaxError(
      `${source}: expected a scan in ${titles.slice(0, -1).join(", ")} or ${
        titles.at(-1)
      }, found ` +
        "another format; convert it first",
    );
  }
  if (isGzip(file) && !format.gzipped) {
    throw new TypeError(
      `${source}: expected ${format.title} as it is, found it in gzip; gunzip it first`,
    );
  }
  return await format.decode(file, source, options);
}

function decodeNiftiPair(
  file: Uint8Array,
  source: string,
  { beside, ...options }: DecodeOptions,
): Promise<Volume> {
  const image = imageOfHeader(source);
  if (!beside || image === undefined) return decodeNifti(file, source, options);
  const name = image.slice(Math.max(image.lastIndexOf("/"), image.lastIndexOf("\\")) + 1);
  return decodeNifti(file, source, {
    ...options,
    image: () => beside(name),
    imageSource: image,
  });
}

function formatOfName(name: string): Format | undefined {
  const ending = endingOf(name, ENDINGS);
  return ALL.find(({ endings }) => ending !== undefined && endings.includes(ending));
}

/** The longest of some endings that a name has, with something before it. */
function endingOf(name: string, endings: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return endings.filter((ending) => lower.endsWith(ending) && name.length > ending.length)
    .sort((a, b) => b.length - a.length)[0];
}

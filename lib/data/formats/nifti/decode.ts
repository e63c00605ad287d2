/**
 * From the content of a NIfTI file, gzipped or not, to a {@linkcode Volume}, with no file system.
 *
 * @module
 */
import { gunzip, gunzipStart, type Inflate, isGzip } from "../../../io/gzip.ts";
import { inflateStream } from "../../../io/inflate_stream.ts";
import { MOST_BYTES } from "../format.ts";
import { HEADER_BYTES, parseHeader } from "./header.ts";
import { parseNifti } from "./parse.ts";
import type { Volume } from "../../volumes/volume.ts";

/** Options of {@linkcode decodeNifti}. */
export interface DecodeNiftiOptions {
  /** How large the file, inflated if it is gzipped, and its voxels may be; 2 GiB by default. */
  maxBytes?: number;
  /** Gets the .img file, where the file is a .hdr; such a pair is refused by default. */
  image?: () => Promise<Uint8Array>;
  /** The name of the file that holds the voxels; the same by default. */
  imageSource?: string;
  /** What inflates; by default what browsers have, too. */
  inflate?: Inflate;
}

/**
 * Reads the content of a .nii or .nii.gz file, or of a .hdr with its .img. Gzip is told by the
 * content, not by the name.
 *
 * @param source The file's path or name, for messages and `Volume.source`.
 * @throws {SyntaxError} If it is no NIfTI file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or the header holds an impossible value.
 * @throws {TypeError} If the voxels are of a type that is not supported.
 */
export async function decodeNifti(
  file: Uint8Array,
  source: string,
  options: DecodeNiftiOptions = {},
): Promise<Volume> {
  const { maxBytes = MOST_BYTES, image, imageSource = source, inflate = inflateStream } = options;
  const head = await gunzipStart(file, HEADER_BYTES, { source, inflate });
  const { pair, end, memory } = parseHeader(head, source);
  const whole = !pair ? file : image ? await image() : head;
  const bytes = isGzip(whole)
    ? await gunzip(whole, end, { source: imageSource, maxBytes, inflate })
    : whole;
  if (bytes.length >= end && memory > maxBytes) {
    throw new RangeError(
      `${imageSource}: expected voxels of at most ${maxBytes} bytes, found ${memory} when they are ` +
        "scaled; if the file is to be trusted, raise maxBytes",
    );
  }
  return pair && image
    ? parseNifti(head, imageSource, { image: bytes })
    : parseNifti(bytes, imageSource);
}

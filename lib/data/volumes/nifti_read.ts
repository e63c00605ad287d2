/**
 * Reading NIfTI files.
 *
 * @module
 */
import { inflateZlib } from "../../io/inflate_zlib.ts";
import { MOST_BYTES } from "../formats/format.ts";
import { decodeNifti } from "../formats/nifti/decode.ts";
import { headerOfImage, imageOfHeader } from "../formats/pairs.ts";
import { readBytes, type ReadBytesOptions } from "../../io/read_file.ts";
import type { Volume } from "./volume.ts";

/** Options of {@linkcode readNifti}. */
export interface ReadNiftiOptions extends Pick<ReadBytesOptions, "within"> {
  /** How large a file, inflated if it is gzipped, and its voxels may be; 2 GiB by default. */
  maxBytes?: number;
}

/**
 * Reads a .nii or .nii.gz file, or a .hdr/.img pair of which either file is named. Gzip is told by
 * the content, not by the name.
 *
 * @throws {Error} If there is no such file.
 * @throws {SyntaxError} If it is no NIfTI file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, lies outside `within`, or the header holds an
 * impossible value.
 * @throws {TypeError} If it is no regular file, or the voxels are of a type that is not supported.
 */
export async function readNifti(
  path: string,
  { maxBytes = MOST_BYTES, within }: ReadNiftiOptions = {},
): Promise<Volume> {
  const headerPath = headerOfImage(path) ?? path;
  return await decodeNifti(await readBytes(headerPath, { maxBytes, within }), headerPath, {
    maxBytes,
    image: () => readBytes(imagePath(headerPath), { maxBytes, within }),
    imageSource: path,
    inflate: inflateZlib,
  });
}

/** The .img file that goes with a header. */
function imagePath(headerPath: string): string {
  const path = imageOfHeader(headerPath);
  if (path !== undefined) return path;
  throw new SyntaxError(
    `${headerPath}: expected voxels, found the header of a pair; rename it to .hdr, beside its .img`,
  );
}

/**
 * Reading NIfTI files.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { gunzip, gunzipStart, isGzip } from "./gzip.ts";
import { HEADER_BYTES, parseHeader } from "./nifti_header.ts";
import { parseNifti } from "./nifti_parse.ts";
import type { Volume } from "./volume.ts";

/** Options of {@linkcode readNifti}. */
export interface ReadNiftiOptions {
  /** How large a file may be, inflated if it is gzipped; 2 GiB by default. */
  maxBytes?: number;
}

/**
 * Reads a .nii or .nii.gz file, or a .hdr/.img pair of which either file is named. Gzip is told by
 * the content, not by the name.
 *
 * @throws {Error} If there is no such file.
 * @throws {SyntaxError} If it is no NIfTI file, truncated or corrupt.
 * @throws {RangeError} If it is larger than `maxBytes`, or the header holds an impossible value.
 * @throws {TypeError} If the voxels are of a type that is not supported.
 */
export async function readNifti(
  path: string,
  { maxBytes = 2 ** 31 }: ReadNiftiOptions = {},
): Promise<Volume> {
  const headerPath = path.replace(/\.img(\.gz)?$/, ".hdr$1");
  const file = await readBytes(headerPath, maxBytes);
  const head = isGzip(file) ? await gunzipStart(file, HEADER_BYTES, headerPath) : file;
  const { pair, end } = parseHeader(head, headerPath);
  if (!pair) return parseNifti(await inflated(file, end), path);

  const imagePath = headerPath.replace(/\.hdr(\.gz)?$/, ".img$1");
  if (imagePath === headerPath) {
    throw new SyntaxError(
      `${path}: expected voxels, found the header of a pair; rename it to .hdr, beside its .img`,
    );
  }
  const image = await inflated(await readBytes(imagePath, maxBytes), end);
  return parseNifti(head, path, { image });

  function inflated(bytes: Uint8Array, size: number): Promise<Uint8Array> | Uint8Array {
    return isGzip(bytes) ? gunzip(bytes, size, { source: path, maxBytes }) : bytes;
  }
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  const found = await stat(path).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") {
      throw new Error(`${path}: no such file`);
    }
    throw error;
  });
  if (!found.isFile()) throw new TypeError(`${path}: expected a file, found a folder`);
  if (found.size > maxBytes) {
    throw new RangeError(
      `${path}: expected at most ${maxBytes} bytes, found ${found.size};` +
        ` if the file is to be trusted, raise maxBytes`,
    );
  }
  return await readFile(path);
}

/**
 * Reading the headers of DICOM files, without their pixels.
 *
 * @module
 */
import { open } from "node:fs/promises";
import { naming } from "../../../io/text/naming.ts";
import { expectInside, explained, type ReadBytesOptions } from "../../../io/read_file.ts";
import { MoreNeeded } from "./elements.ts";
import { isDicom, SIGNATURE_BYTES } from "./encoding.ts";
import { type OpenedDicom, parseDicomHeader } from "./header.ts";

/** What most headers fit into. */
const USUAL_BYTES = 2 ** 14;

/** No header is larger, those of thousands of frames neither. */
const MOST_BYTES = 2 ** 26;

/**
 * The header of a DICOM file; undefined of another file. Of the file, little more than the header is
 * read.
 *
 * @throws {Error} If there is no such file.
 * @throws {SyntaxError} If it is truncated, damaged, or compressed in a way that is not read.
 * @throws {RangeError} If a link leads out of `within`.
 */
export async function readDicomHeader(
  path: string,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<OpenedDicom | undefined> {
  if (within !== undefined) await expectInside(within, path);
  const file = await explained(path, open(path));
  try {
    const { size } = await file.stat();
    for (let length = USUAL_BYTES;; length *= 16) {
      const bytes = new Uint8Array(Math.min(length, size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      const start = bytes.subarray(0, bytesRead);
      if (!isDicom(start)) return undefined;
      const opened = naming(path, () => unlessMoreNeeded(start, size));
      if (opened !== undefined) return opened;
      if (length >= Math.min(size, MOST_BYTES)) {
        throw new SyntaxError(
          `${path}: expected a header of at most ${MOST_BYTES} bytes, found more`,
        );
      }
    }
  } finally {
    await file.close();
  }
}

/** Whether a file is DICOM, by its first bytes. */
export async function isDicomFile(path: string): Promise<boolean> {
  const file = await explained(path, open(path));
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(SIGNATURE_BYTES), 0);
    return isDicom(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** A header, unless these bytes are too few of it. */
function unlessMoreNeeded(bytes: Uint8Array, size: number): OpenedDicom | undefined {
  try {
    return parseDicomHeader(bytes, size);
  } catch (error) {
    if (error instanceof MoreNeeded) return undefined;
    throw error;
  }
}

/**
 * Reading DICOM series as volumes.
 *
 * @module
 */
import { naming } from "../../../io/text/naming.ts";
import { MOST_BYTES } from "../format.ts";
import { decodeNifti } from "../nifti/decode.ts";
import { readBytes, type ReadBytesOptions } from "../../../io/read_file.ts";
import type { Volume } from "../../volumes/volume.ts";
import { convert } from "./convert.ts";
import { completed } from "./encoding.ts";
import { parseDicomHeader } from "./header.ts";
import { seriesBeside } from "./list_series.ts";
import { checkPixels } from "./pixels.ts";
import { placeVolume } from "./place_volume.ts";
import { inOrder, type SeriesFile, type Stack, stackOf } from "./stack.ts";

/** Options of {@linkcode readDicomSeries} and {@linkcode readDicom}. */
export interface ReadDicomOptions extends Pick<ReadBytesOptions, "within"> {
  /** How large the files together, and the voxels, may be; 2 GiB by default. */
  maxBytes?: number;
}

/** How long a conversion may take in ms: what starting takes, and a second for 4 MB. */
const LIMIT = { start: 60_000, perByte: 1000 / 4e6 };

/** Bytes of a voxel while it is scaled. */
const VOXEL_BYTES = 4;

/**
 * Reads the series that a DICOM file belongs to: with the other files of it in the same folder.
 *
 * @throws As {@linkcode readDicomSeries} does.
 */
export async function readDicom(path: string, options: ReadDicomOptions = {}): Promise<Volume> {
  return await readDicomSeries(await seriesBeside(path, options), options);
}

/**
 * Reads the files of one series, in any order. Slices lie along the third axis; intensities are as
 * the files scale them (HU of a CT). Nothing but geometry and intensities is taken from the files.
 *
 * @returns The volume; its `source` is the path of its first slice.
 * @throws {Error} If there is no such file, or the converter fails or takes too long.
 * @throws {SyntaxError} If a file is no DICOM file, damaged, or holds no image that can be read.
 * @throws {RangeError} If the slices make no even stack: one is missing, there twice, of another size
 * or direction; or if they are larger than `maxBytes` or lie outside `within`.
 */
export async function readDicomSeries(
  paths: readonly string[],
  { maxBytes = MOST_BYTES, within }: ReadDicomOptions = {},
): Promise<Volume> {
  const contents: Uint8Array[] = [];
  const files: SeriesFile[] = [];
  let total = 0;
  for (const path of paths) {
    const bytes = await readBytes(path, { maxBytes: maxBytes - total, within });
    total += bytes.length;
    const opened = naming(path, () => {
      const opened = parseDicomHeader(bytes, bytes.length);
      checkPixels(opened);
      return opened;
    });
    contents.push(completed(opened.file));
    files.push({ path, header: opened.header });
  }
  if (files.length === 0) throw new RangeError("expected the files of a series, found none");
  const ordered = inOrder(files);
  return await converted(contents, { stack: stackOf(ordered), source: ordered[0].path, maxBytes });
}

/** Converts the files of a series, and checks what comes out. */
async function converted(
  contents: readonly Uint8Array[],
  { stack, source, maxBytes }: { stack: Stack; source: string; maxBytes: number },
): Promise<Volume> {
  const bytes = stack.shape.reduce((product, length) => product * length, VOXEL_BYTES);
  if (bytes > maxBytes) {
    throw new RangeError(
      `${source}: expected voxels of at most ${maxBytes} bytes, found ${bytes}; if the series is to ` +
        "be trusted, raise maxBytes",
    );
  }
  const total = contents.reduce((sum, { length }) => sum + length, bytes);
  const scans = await convert(contents, { limit: LIMIT.start + LIMIT.perByte * total })
    .catch((error) =>
      naming(source, () => {
        throw error;
      })
    );
  if (scans.length !== 1) {
    throw new RangeError(
      `${source}: expected one scan in the series, found ${scans.length} after conversion; convert ` +
        "it with dcm2niix, and use the NIfTI file that is meant",
    );
  }
  return placeVolume(await decodeNifti(scans[0], source, { maxBytes }), stack);
}

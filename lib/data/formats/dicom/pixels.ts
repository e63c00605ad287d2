/**
 * Whether a DICOM file holds the pixels that its header tells of, so that no program reads beyond
 * them.
 *
 * @module
 */
import { type Element, fragmentsAt, UNDEFINED } from "./elements.ts";
import type { OpenedDicom } from "./header.ts";

/** Bits that a value may be stored in. */
const BITS = [8, 16, 32];

/**
 * Makes sure that the pixels are whole.
 *
 * @throws {SyntaxError} If they are not, are of colours, or of a kind that no scan has. The message
 * names no file.
 */
export function checkPixels({ file, header, pixels }: OpenedDicom): void {
  const { size: [columns, rows], frames, samples, bits } = header;
  if (pixels === undefined) throw new SyntaxError("expected an image, found none in it");
  if (samples !== 1 || !BITS.includes(bits)) {
    throw new SyntaxError(
      `expected one value of ${BITS.join(", ")} bits a pixel, found ${samples} of ${bits}`,
    );
  }
  const expected = columns * rows * frames * bits / 8;
  if (!(expected > 0)) {
    throw new SyntaxError(
      `expected an image, found one of ${columns} × ${rows} × ${frames} pixels`,
    );
  }
  const found = file.compressed ? piecesOf(file, pixels) : bytesOf(pixels);
  const least = file.compressed ? frames : expected;
  const end = file.compressed ? 0 : pixels.at + pixels.length;
  if (found >= least && end <= file.size) return;
  throw new SyntaxError(
    `expected ${least} ${file.compressed ? "compressed frames" : "bytes of pixels"}, found ` +
      `${Math.min(found, Math.max(0, file.size - pixels.at))}: the file is truncated or damaged`,
  );
}

/** Bytes of pixels that are kept as they are. */
function bytesOf({ length }: Element): number {
  return length === UNDEFINED ? 0 : length;
}

/** How many pieces the compressed pixels are in, beside the table of their offsets. */
function piecesOf(file: OpenedDicom["file"], { at, length }: Element): number {
  if (length !== UNDEFINED) return 0;
  return fragmentsAt(file, at).filter((fragment, i) => i > 0 && fragment.length > 0).length;
}

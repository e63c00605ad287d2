/** Small NIfTI files made byte by byte, so that tests can break any field of them. */

/** What may differ from a sound file of 2 × 3 × 4 int16 voxels 0, 1, 2…, 1.5 × 1.5 × 8 mm. */
export interface NiftiFields {
  /** `dim[1…]`. */
  shape?: number[];
  /** `datatype` code. */
  datatype?: number;
  /** The voxels' bytes; int16 0, 1, 2… by default. */
  data?: Uint8Array;
  /** `pixdim[1…3]`. */
  pixdim?: number[];
  /** `magic`. */
  magic?: string;
  /** Other fields of nifti1.h, by offset: whole numbers of 16 bits. */
  int16?: Record<number, number>;
  /** Other fields of nifti1.h, by offset: 32-bit floats. */
  float32?: Record<number, number>;
}

/** A NIfTI-1 file, little-endian, without qform and sform. */
export function niftiBytes(fields: NiftiFields = {}): Uint8Array {
  const { shape = [2, 3, 4], datatype = 4, pixdim = [1.5, 1.5, 8], magic = "n+1\0" } = fields;
  const data = fields.data ?? new Uint8Array(Int16Array.from({ length: 24 }, (_, i) => i).buffer);
  const bytes = new Uint8Array(352 + data.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [shape.length, ...shape].forEach((length, i) => view.setInt16(40 + 2 * i, length, true));
  view.setInt16(70, datatype, true);
  [1, ...pixdim].forEach((length, i) => view.setFloat32(76 + 4 * i, length, true));
  view.setFloat32(108, magic === "n+1\0" ? 352 : 0, true);
  for (const [at, value] of Object.entries(fields.int16 ?? {})) view.setInt16(+at, value, true);
  for (const [at, value] of Object.entries(fields.float32 ?? {})) view.setFloat32(+at, value, true);
  bytes.set(new TextEncoder().encode(magic), 344);
  bytes.set(data, 352);
  return bytes;
}

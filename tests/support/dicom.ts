/** Small DICOM files, written here so that what is in them is known to the last byte. */
import { mkdirSync } from "node:fs";

/** What a slice of a test is like; geometry in DICOM's millimetres. */
export interface SliceOptions {
  /** Columns and rows. */
  size?: readonly [number, number];
  /** The middle of the first voxel. */
  position?: readonly number[];
  /** Directions of a row and of a column. */
  orientation?: readonly number[];
  /** Distances between rows and between columns in mm, in DICOM's order. */
  spacing?: readonly [number, number];
  /** InstanceNumber; absent where it is undefined. */
  number?: number;
  /** The end of the series' UID. */
  series?: number;
  /** The end of the examination's UID. */
  examination?: number;
  /** The end of the slice's UID. */
  instance?: number;
  modality?: string;
  imageType?: string;
  /** Whether elements are written without their types. */
  implicit?: boolean;
  /** Whether preamble and group 2 are left out. */
  bare?: boolean;
  /** Values of the pixels, row by row; `valueAt` by default. */
  pixels?: ArrayLike<number>;
  /** RescaleSlope and RescaleIntercept. */
  scale?: readonly [number, number];
  /** Tags, types and texts of other elements. */
  more?: readonly (readonly [tag: number, type: string, value: string])[];
  /** Whether there are no pixels. */
  empty?: boolean;
}

/** What a pixel holds unless it is told otherwise: no other pixel of the stack holds the same. */
export function valueAt(column: number, row: number, height: number): number {
  return column + 16 * row + 256 * Math.round(height);
}

/** Names, numbers and dates that tell whose scan it is. */
export const PRIVATE = ["Secret^Name", "SECRETID", "19700203", "SecretHospital", "SecretSeries"];

const ROOT = "1.2.826.0.1.3680043";

/** A DICOM file. */
export function dicomSlice(options: SliceOptions = {}): Uint8Array {
  const { implicit = false, bare = false } = options;
  const elements = elementsOf(options).map(([tag, type, value]) =>
    element(tag, type, value, implicit)
  );
  if (bare) return joined(elements);
  const syntax = element(0x00020010, "UI", `1.2.840.10008.1.2${implicit ? "" : ".1"}`, false);
  const length = element(0x00020000, "UL", numberBytes(syntax.length, 4), false);
  const start = new Uint8Array(132);
  start.set(new TextEncoder().encode("DICM"), 128);
  return joined([start, length, syntax, ...elements]);
}

/** Writes slices into a folder, which is made: one for each height, at that z in mm. */
export function writeStack(
  dir: string,
  heights: readonly number[],
  each: (index: number, height: number) => SliceOptions & { name?: string } = () => ({}),
): string[] {
  mkdirSync(dir, { recursive: true });
  return heights.map((height, i) => {
    const { name = `slice${i}.dcm`, ...options } = each(i, height);
    const position = [-10, -20, height];
    const slice = dicomSlice({ position, number: i + 1, instance: i + 1, ...options });
    Deno.writeFileSync(`${dir}/${name}`, slice);
    return `${dir}/${name}`;
  });
}

function elementsOf(options: SliceOptions): [number, string, string | Uint8Array][] {
  const { size: [columns, rows] = [6, 5], position = [-10, -20, 0], number } = options;
  const { orientation = [1, 0, 0, 0, 1, 0], spacing = [0.8, 0.7], scale = [1, 0] } = options;
  const { series = 1, examination = 1, instance = 1, modality = "CT" } = options;
  const { imageType = "ORIGINAL\\PRIMARY\\AXIAL", more = [], empty = false } = options;
  const { pixels = pixelsAt(columns, rows, position[2]) } = options;
  const [name, id, date, hospital, title] = PRIVATE;
  const uid = `${ROOT}.${examination}.${series}`;
  const all: [number, string, string | Uint8Array][] = [
    [0x00080008, "CS", imageType],
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"],
    [0x00080018, "UI", `${uid}.${instance}`],
    [0x00080020, "DA", date],
    [0x00080060, "CS", modality],
    [0x00080080, "LO", hospital],
    [0x0008103e, "LO", title],
    [0x00100010, "PN", name],
    [0x00100020, "LO", id],
    [0x00180050, "DS", "2.5"],
    [0x0020000d, "UI", `${ROOT}.${examination}`],
    [0x0020000e, "UI", uid],
    [0x00200011, "IS", `${series}`],
    ...(number === undefined ? [] : [[0x00200013, "IS", `${number}`] as [number, string, string]]),
    [0x00200032, "DS", position.join("\\")],
    [0x00200037, "DS", orientation.join("\\")],
    [0x00280002, "US", numberBytes(1, 2)],
    [0x00280004, "CS", "MONOCHROME2"],
    [0x00280010, "US", numberBytes(rows, 2)],
    [0x00280011, "US", numberBytes(columns, 2)],
    [0x00280030, "DS", spacing.join("\\")],
    [0x00280100, "US", numberBytes(16, 2)],
    [0x00280101, "US", numberBytes(16, 2)],
    [0x00280102, "US", numberBytes(15, 2)],
    [0x00280103, "US", numberBytes(1, 2)],
    [0x00281052, "DS", `${scale[1]}`],
    [0x00281053, "DS", `${scale[0]}`],
  ];
  if (!empty) all.push([0x7fe00010, "OW", new Uint8Array(Int16Array.from(pixels).buffer)]);
  const others = new Set(more.map(([tag]) => tag));
  const kept = all.filter(([tag]) => !others.has(tag));
  return [...kept, ...more.map((one): [number, string, string] => [...one])]
    .sort(([a], [b]) => a - b);
}

function pixelsAt(columns: number, rows: number, height: number): number[] {
  return Array.from(
    { length: columns * rows },
    (_, i) => valueAt(i % columns, Math.floor(i / columns), height),
  );
}

/** An element in little-endian order, its value made even. */
function element(
  tag: number,
  type: string,
  value: string | Uint8Array,
  implicit: boolean,
): Uint8Array {
  const text = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const content = new Uint8Array(text.length + text.length % 2)
    .fill(type === "UI" ? 0 : 32, text.length);
  content.set(text);
  const long = ["OB", "OW", "SQ", "UN"].includes(type);
  return joined([
    numberBytes(tag >>> 16, 2),
    numberBytes(tag & 0xffff, 2),
    ...(implicit ? [] : [new TextEncoder().encode(type)]),
    ...(implicit || !long ? [] : [numberBytes(0, 2)]),
    numberBytes(content.length, implicit || long ? 4 : 2),
    content,
  ]);
}

function numberBytes(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => value >>> 8 * i & 255);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * What is taken from a DICOM file beside its voxels: geometry, modality, and what tells series and
 * slices apart. Whose scan it is, when it was made and where is never looked at.
 *
 * @module
 */
import { type Element, PIXEL_DATA, unsigned16, visitElements } from "./elements.ts";
import { type DicomFile, openDicom, textOf } from "./encoding.ts";

/** Where a slice lies, in DICOM's millimetres: to the patient's left, back and head. */
export interface SlicePlace {
  /** The middle of the first voxel. */
  position: readonly number[];
  /** Directions of a row and of a column, three numbers each. */
  orientation: readonly number[];
}

/** What a DICOM file says of itself. */
export interface DicomHeader {
  /** For instance "CT" or "MR". */
  modality: string;
  /** Tells series apart, and within one what is no stack together; "" if unknown; not to be shown. */
  series: string;
  /** Tells examinations apart; "" if unknown; not to be shown. */
  examination: string;
  /** Tells slices apart; "" if unknown; not to be shown. */
  instance: string;
  /** The number of the image within its series; 0 where it has none. */
  number: number;
  /** Whether it is an overview that other scans were planned on. */
  localiser: boolean;
  /** Voxels of a row, and of a column; 0 where the file holds no image. */
  size: readonly [columns: number, rows: number];
  /** Values of a voxel: 1, or 3 of colours. */
  samples: number;
  /** Bits that a value is stored in. */
  bits: number;
  /** Distance in mm between columns, and between rows; absent where the file does not tell. */
  spacing?: readonly [number, number];
  /** Number of slices in the file. */
  frames: number;
  /** Where each of the file's slices lies; fewer than `frames` where the file does not tell. */
  places: readonly SlicePlace[];
}

/** A file, opened. */
export interface OpenedDicom {
  /** How it is written. */
  file: DicomFile;
  /** What it says of itself. */
  header: DicomHeader;
  /** Where its pixels lie, if it holds any. */
  pixels?: Element;
}

/** The tags that are looked at, all but the pixels. */
const TAG = {
  imageType: 0x00080008,
  instance: 0x00080018,
  modality: 0x00080060,
  echo: 0x00180086,
  examination: 0x0020000d,
  series: 0x0020000e,
  number: 0x00200013,
  position: 0x00200032,
  orientation: 0x00200037,
  samples: 0x00280002,
  frames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
  spacing: 0x00280030,
  bits: 0x00280100,
} as const;

/** Where an element may stand: at the top, or in the groups of all frames and of each. */
const GROUPS = [0, 0x52009229, 0x52009230];

/** The longest millimetres that are believed. */
const FARTHEST = 1e5;

/**
 * Reads a file's header.
 *
 * @param bytes The file, or its start.
 * @param size Size of the whole file in bytes.
 * @throws {SyntaxError} If it is no DICOM file, truncated, damaged, or compressed in a way that is not
 * read. The message names no file.
 * @throws {MoreNeeded} If `bytes` is too little of the file.
 */
export function parseDicomHeader(bytes: Uint8Array, size: number): OpenedDicom {
  const file = openDicom(bytes, size);
  const found = new Map(Object.values(TAG).map((tag): [number, Element[]] => [tag, []]));
  let pixels: Element | undefined;
  visitElements(file, (element) => {
    if (element.tag === PIXEL_DATA) pixels = element;
    else if (GROUPS.includes(element.inside)) found.get(element.tag)?.push(element);
  });
  return { file, header: headerOf(file, found), ...(pixels && { pixels }) };
}

function headerOf(file: DicomFile, found: ReadonlyMap<number, Element[]>): DicomHeader {
  const texts = (tag: number) => (found.get(tag) ?? []).map((element) => textOf(file, element));
  const top = (tag: number) => found.get(tag)?.find(({ inside }) => inside === 0);
  const text = (tag: number) => {
    const element = top(tag);
    return element ? textOf(file, element) : "";
  };
  const binary = (tag: number) => {
    const element = top(tag);
    return element?.length === 2 ? unsigned16(file, element.at) : 0;
  };
  const [spacing] = texts(TAG.spacing).map((value) => numbers(value, 2));
  const positive = spacing?.every((length) => length > 0);
  return {
    modality: text(TAG.modality).replaceAll(/[^A-Z]/g, "").slice(0, 16),
    series: text(TAG.series) && [TAG.series, TAG.echo, TAG.imageType].map(text).join("\n"),
    examination: text(TAG.examination),
    instance: text(TAG.instance),
    number: Number.parseInt(text(TAG.number)) || 0,
    localiser: text(TAG.imageType).split("\\").includes("LOCALIZER"),
    size: [binary(TAG.columns), binary(TAG.rows)],
    samples: binary(TAG.samples),
    bits: binary(TAG.bits),
    ...(spacing && positive && { spacing: [spacing[1], spacing[0]] }),
    frames: Number.parseInt(text(TAG.frames) || "1") || 0,
    places: placesOf(texts(TAG.position), texts(TAG.orientation)),
  };
}

/** Where slices lie; what cannot be a place is left out. One orientation may hold for all. */
function placesOf(positions: readonly string[], orientations: readonly string[]): SlicePlace[] {
  return positions.flatMap((text, i) => {
    const position = numbers(text, 3);
    const orientation = numbers(orientations[orientations.length === 1 ? 0 : i] ?? "", 6);
    return position && orientation && areDirections(orientation) ? [{ position, orientation }] : [];
  });
}

/** Whether six numbers are two directions at right angles, each of length 1. */
function areDirections([a, b, c, d, e, f]: readonly number[]): boolean {
  const near = (value: number, aim: number) => Math.abs(value - aim) < 0.01;
  return near(Math.hypot(a, b, c), 1) && near(Math.hypot(d, e, f), 1) &&
    near(a * d + b * e + c * f, 0);
}

/** Numbers separated by backslashes; undefined unless there are that many that are believed. */
function numbers(text: string, count: number): number[] | undefined {
  const values = text.split("\\").map((value) => value.trim() === "" ? NaN : Number(value));
  const sound = values.length === count && values.every((value) => Math.abs(value) <= FARTHEST);
  return sound ? values : undefined;
}

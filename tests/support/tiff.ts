/** Small TIFF files made field by field, so that tests can store pixels in any way. */

/** Values of a field; text is ASCII. */
export type TiffValues = readonly number[] | string;

/** Pages, each of fields by their tags and of blocks, with the tag that says where these start. */
export interface TiffPage {
  /** Fields by their tags, but those of the blocks' places. */
  fields: Readonly<Record<number, TiffValues>>;
  /** The stored blocks. */
  blocks: readonly Uint8Array[];
  /** Whether blocks are tiles. */
  tiled?: boolean;
}

/** A TIFF file of these pages. */
export function tiffBytes(pages: readonly TiffPage[], littleEndian = true): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(8)];
  let size = 8;
  const add = (bytes: Uint8Array) => {
    parts.push(bytes);
    size += bytes.length;
    return size - bytes.length;
  };
  const links: number[] = [4];
  const firsts: number[] = [];
  for (const { fields, blocks, tiled } of pages) {
    const offsets = blocks.map(add);
    const [at, bytes] = tiled ? [324, 325] : [273, 279];
    const all: [number, TiffValues][] = [
      ...Object.entries(fields).map(([tag, values]): [number, TiffValues] => [+tag, values]),
      [at, offsets],
      [bytes, blocks.map(({ length }) => length)],
    ];
    const directory = new DataView(new ArrayBuffer(2 + 12 * all.length + 4));
    directory.setUint16(0, all.length, littleEndian);
    all.sort(([a], [b]) => a - b).forEach(([tag, values], i) => {
      const entry = 2 + 12 * i;
      const text = typeof values === "string";
      const stored = text ? new TextEncoder().encode(`${values}\0`) : longs(values, littleEndian);
      directory.setUint16(entry, tag, littleEndian);
      directory.setUint16(entry + 2, text ? 2 : 4, littleEndian);
      directory.setUint32(entry + 4, text ? stored.length : values.length, littleEndian);
      if (stored.length > 4) directory.setUint32(entry + 8, add(stored), littleEndian);
      else stored.forEach((byte, k) => directory.setUint8(entry + 8 + k, byte));
    });
    const first = add(new Uint8Array(directory.buffer));
    firsts.push(first);
    links.push(first + directory.byteLength - 4);
  }
  const file = new Uint8Array(size);
  parts.reduce((at, part) => (file.set(part, at), at + part.length), 0);
  const view = new DataView(file.buffer);
  file.fill(littleEndian ? 0x49 : 0x4d, 0, 2);
  view.setUint16(2, 42, littleEndian);
  firsts.forEach((first, i) => view.setUint32(links[i], first, littleEndian));
  return file;
}

function longs(values: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setUint32(4 * i, value, littleEndian));
  return new Uint8Array(view.buffer);
}

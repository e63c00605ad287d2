/**
 * What the pages of a TIFF file are: slices, colours or time points, as ImageJ and OME describe them.
 *
 * @module
 */
import { excerpt } from "../../../io/text/printable.ts";

/** A stack's axes beyond those of a page, the fastest first. */
export interface Stack {
  /** Pages along each axis. */
  sizes: readonly number[];
  /** The axis of channels or time points, which is brought behind that of slices. */
  channelAxis?: number;
}

/** What is known of a file's pages. */
export interface PagesKnown {
  /** How many there are. */
  pages: number;
  /** Values of a pixel, which OME counts as channels. */
  samples: number;
  /** The first page's description. */
  description: string;
  /** The file's path or name, for messages. */
  source: string;
}

/**
 * The axes along which the pages lie: slices, where nothing describes them.
 *
 * @throws {SyntaxError} If the description speaks of another number of pages.
 * @throws {TypeError} If pages are both channels and time points.
 */
export function stackOf({ pages, samples, description, source }: PagesKnown): Stack {
  const axes = imageJ(description) ?? ome(description, samples);
  if (!axes) return { sizes: [pages] };
  const described = axes.reduce((product, { size }) => product * size, 1);
  if (described !== pages) {
    throw new SyntaxError(
      `${source}: expected ${excerpt(`${described}`)} pages, as its description says, found ` +
        `${pages}; save it as single files`,
    );
  }
  const long = axes.filter(({ size, name }) => size > 1 && name !== "Z");
  if (long.length > 1) {
    throw new TypeError(
      `${source}: expected channels or time points, found both; split the file first`,
    );
  }
  const channelAxis = axes.findIndex(({ size, name }) => size > 1 && name !== "Z");
  return { sizes: axes.map(({ size }) => size), ...(channelAxis >= 0 && { channelAxis }) };
}

interface Axis {
  name: string;
  size: number;
}

/** ImageJ's description: lines such as "slices=5", channels the fastest. */
function imageJ(description: string): Axis[] | undefined {
  if (!description.startsWith("ImageJ=")) return undefined;
  const number = (name: string) =>
    Number(description.match(new RegExp(`^${name}=(\\d{1,9})\\s*$`, "m"))?.[1] ?? 1);
  const [images, channels, slices, frames] = ["images", "channels", "slices", "frames"].map(number);
  const rest = images / (channels * slices * frames);
  return [
    { name: "C", size: channels },
    // A plain stack may say how many images it has, and no more.
    { name: "Z", size: slices * Math.max(1, rest) },
    { name: "T", size: frames },
  ];
}

/** OME's description: XML with sizes and an order of axes, the fastest first. */
function ome(description: string, samples: number): Axis[] | undefined {
  if (!/<OME\b/.test(description)) return undefined;
  const order = description.match(/DimensionOrder="XY([ZCT]{3})"/)?.[1];
  if (!order) return undefined;
  return [...order].map((name) => {
    const size = Number(description.match(new RegExp(`Size${name}="(\\d{1,9})"`))?.[1] ?? 1);
    return { name, size: name === "C" && size % samples === 0 ? size / samples : size };
  });
}

/// <reference lib="dom" />
import type { FeaturesData, PackedFeatures } from "../page_data.ts";
import { split, unpack } from "./bytes.ts";
import { byId, clamp, setText } from "./elements.ts";
import { type Rgb, show, windowed } from "./paint.ts";

/** Cividis at even steps: read alike with any colour vision, and in print (Nuñez et al., 2018). */
const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];

/** What an arrow key adds to a pixel's column and row. */
const MOVES: Record<string, readonly [x: number, y: number] | undefined> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The embedded data, unpacked. */
interface Views extends Pick<FeaturesData, "size" | "titles" | "structures"> {
  images: Uint8Array[];
  labels: Uint8Array[];
  pretrainings: UnpackedFeatures[];
}

interface UnpackedFeatures extends Omit<PackedFeatures, "colours" | "features"> {
  colours: Uint8Array[];
  features: Float32Array;
}

/** A pixel of a slice. */
interface Pixel {
  slice: number;
  x: number;
  y: number;
}

/** What is shown: the pixel that all are compared with, and by which pretraining. */
interface State extends Pixel {
  pretraining: number;
}

/** Starts the explorer of pixel features. */
export async function startFeatureExplorer(data: FeaturesData): Promise<void> {
  const views = await unpackViews(data);
  const state: State = { pretraining: 0, ...firstPixel(views) };
  const set = (changes: Partial<State>) => {
    Object.assign(state, changes);
    renderFeatures(views, state);
  };
  views.images.forEach((image, slice) => {
    show(canvasOf("image", slice), painted(image.length, (i) => grey(image[i])), {
      width: views.size,
    });
  });
  const pretraining = byId("feature-pretraining", HTMLSelectElement);
  pretraining.addEventListener("change", () => set({ pretraining: pretraining.selectedIndex }));
  followPixel(views.size, { state, set });
  set({});
}

async function unpackViews(
  { size, titles, structures, images, labels, pretrainings }: FeaturesData,
): Promise<Views> {
  const pixels = size * size;
  return {
    ...{ size, titles, structures },
    images: split(await unpack(images), pixels),
    labels: split(await unpack(labels), pixels),
    pretrainings: await Promise.all(pretrainings.map(async (pretraining) => ({
      ...pretraining,
      colours: split(await unpack(pretraining.colours), 3 * pixels),
      features: unitFeatures(
        new Int8Array((await unpack(pretraining.features)).buffer),
        pretraining,
      ),
    }))),
  };
}

/**
 * The features that bytes stand for, at unit length.
 *
 * @param values [pixels × axes].
 * @returns of the same shape; zeros where there are no features.
 */
export function unitFeatures(
  values: Int8Array,
  { scales }: Pick<PackedFeatures, "scales">,
): Float32Array {
  const axes = scales.length;
  const features = Float32Array.from(values, (value, i) => value * scales[i % axes]);
  for (let at = 0; at < features.length; at += axes) {
    const pixel = features.subarray(at, at + axes);
    const length = Math.hypot(...pixel) || 1;
    pixel.forEach((value, i) => pixel[i] = value / length);
  }
  return features;
}

/**
 * The cosine of every pixel's features and those of one.
 *
 * @param features [pixels × axes], of unit length.
 * @param chosen the pixel.
 * @returns [pixels] in [−1, 1].
 */
export function similarityTo(features: Float32Array, axes: number, chosen: number): Float32Array {
  const reference = features.subarray(chosen * axes, (chosen + 1) * axes);
  const similarity = new Float32Array(features.length / axes);
  for (let pixel = 0, at = 0; pixel < similarity.length; pixel++) {
    for (let axis = 0; axis < axes; axis++, at++) {
      similarity[pixel] += features[at] * reference[axis];
    }
  }
  return similarity;
}

/** The middle of the last structure in the first slice, or of the slice. */
function firstPixel({ size, labels, structures }: Views): Pixel {
  const last = structures.findLast(({ label }) => labels[0].includes(label));
  const places = [...labels[0].keys()].filter((pixel) => labels[0][pixel] === last?.label)
    .map((pixel) => ({ x: pixel % size, y: Math.floor(pixel / size) }));
  const middle = (axis: "x" | "y") =>
    places.length
      ? Math.round(places.reduce((sum, place) => sum + place[axis], 0) / places.length)
      : size >> 1;
  return { slice: 0, x: middle("x"), y: middle("y") };
}

/** A click on a picture chooses a pixel, arrow keys move it. */
function followPixel(
  size: number,
  { state, set }: { state: Readonly<State>; set: (pixel: Pixel) => void },
): void {
  const last = size - 1;
  for (const canvas of byId("feature-maps", HTMLElement).querySelectorAll("canvas")) {
    const slice = Number(canvas.dataset.slice);
    canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const pixelAt = (offset: number, length: number) =>
        clamp(Math.floor(offset / length * size), 0, last);
      set({
        slice,
        x: pixelAt(offsetX, canvas.clientWidth),
        y: pixelAt(offsetY, canvas.clientHeight),
      });
    });
    canvas.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move) return;
      event.preventDefault();
      const [x, y] = [state.x + move[0], state.y + move[1]];
      set({ slice, x: clamp(x, 0, last), y: clamp(y, 0, last) });
    });
  }
}

function renderFeatures(views: Views, state: Readonly<State>): void {
  const { size, titles, labels } = views;
  const { name, colours, features, scales, dimensions, kept } =
    views.pretrainings[state.pretraining];
  const { slice, x, y } = state;
  const chosen = slice * size * size + y * size + x;
  const similarity = similarityTo(features, scales.length, chosen);
  split(similarity, size * size).forEach((part, slice) => {
    const put = (row: "similarity" | "colours", colourOf: (pixel: number) => Rgb | Uint8Array) =>
      show(canvasOf(row, slice), painted(part.length, colourOf), { width: size });
    put("similarity", (i) => cividis(part[i]));
    put("colours", (i) => colours[slice].subarray(3 * i, 3 * i + 3));
  });
  moveMarks(size, state);
  setText(
    "feature-kept",
    `Kept in this page: ${scales.length} of ${dimensions} dimensions, ` +
      `${(100 * kept).toFixed(0)} % of the features' squared length.`,
  );
  setText(
    "feature-state",
    `${name}: pixel ${x}, ${y} of ${titles[slice]} (${
      nameOf(labels[slice][y * size + x], views)
    }). ` +
      `Mean similarity in all slices: ${meansByStructure(similarity, views)}.`,
  );
}

function nameOf(label: number, { structures }: Views): string {
  return structures.find((structure) => structure.label === label)?.name ?? "background";
}

function meansByStructure(similarity: Float32Array, views: Views): string {
  const all = views.labels.flatMap((part) => [...part]);
  return [0, ...views.structures.map(({ label }) => label)].flatMap((label) => {
    const among = similarity.filter((_, pixel) => all[pixel] === label);
    const mean = among.reduce((sum, value) => sum + value, 0) / among.length;
    return among.length ? `${nameOf(label, views)} ${mean.toFixed(2)}` : [];
  }).join(", ");
}

function moveMarks(size: number, { slice, x, y }: Pixel): void {
  for (const mark of byId("feature-maps", HTMLElement).querySelectorAll<HTMLElement>(".mark")) {
    mark.hidden = Number(mark.dataset.slice) !== slice;
    mark.style.left = `${100 * (x + 0.5) / size}%`;
    mark.style.top = `${100 * (y + 0.5) / size}%`;
  }
}

function canvasOf(row: "image" | "colours" | "similarity", slice: number): HTMLCanvasElement {
  return byId(`feature-${row}-${slice}`, HTMLCanvasElement);
}

/** The pixels of a picture, from the colour of each. */
function painted(
  pixels: number,
  colourOf: (pixel: number) => Rgb | Uint8Array,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * pixels).fill(255);
  for (let i = 0; i < pixels; i++) rgba.set(colourOf(i), 4 * i);
  return rgba;
}

function grey(value: number): Rgb {
  return new Array<number>(3).fill(windowed(value, { level: 0.5, width: 1 }));
}

/** Dark blue for 0 and less, yellow for 1. */
function cividis(value: number): Rgb {
  const position = clamp(value, 0, 1) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(position), CIVIDIS.length - 2);
  const share = position - below;
  return CIVIDIS[below].map((low, i) => low + share * (CIVIDIS[below + 1][i] - low));
}

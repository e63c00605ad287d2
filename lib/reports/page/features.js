import { split, unpack } from "./bytes.js";
import { byId, clamp } from "./elements.js";
import { show, windowed } from "./paint.js";

/** Cividis at even steps: read alike with any colour vision, and in print (Nuñez et al., 2018). */
const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];

/**
 * Starts the explorer of pixel features.
 *
 * @param {object} data the content that `featuresSection` embeds.
 */
export async function startFeatureExplorer(data) {
  const views = await unpackViews(data);
  const state = { pretraining: 0, ...firstPixel(views) };
  const set = (changes) => {
    Object.assign(state, changes);
    renderFeatures(views, state);
  };
  views.images.forEach((image, slice) => {
    show(canvasOf("image", slice), painted(image.length, (i) => grey(image[i])));
  });
  byId("feature-pretraining").addEventListener(
    "change",
    ({ target }) => set({ pretraining: target.selectedIndex }),
  );
  followPixel(views.size, { state, set });
  set({});
}

async function unpackViews({ size, titles, structures, images, labels, pretrainings }) {
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
 * @param {Int8Array} values [pixels × axes].
 * @param {{ scales: number[] }} pretraining what a byte is worth, by axis.
 * @returns {Float32Array} of the same shape; zeros where there are no features.
 */
export function unitFeatures(values, { scales }) {
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
 * @param {Float32Array} features [pixels × axes], of unit length.
 * @param {number} axes
 * @param {number} chosen the pixel.
 * @returns {Float32Array} [pixels] in [−1, 1].
 */
export function similarityTo(features, axes, chosen) {
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
function firstPixel({ size, labels, structures }) {
  const last = structures.findLast(({ label }) => labels[0].includes(label));
  const places = [...labels[0].keys()].filter((pixel) => labels[0][pixel] === last?.label)
    .map((pixel) => ({ x: pixel % size, y: Math.floor(pixel / size) }));
  const middle = (axis) =>
    places.length
      ? Math.round(places.reduce((sum, place) => sum + place[axis], 0) / places.length)
      : size >> 1;
  return { slice: 0, x: middle("x"), y: middle("y") };
}

/** A click on a picture chooses a pixel, arrow keys move it. */
function followPixel(size, { state, set }) {
  const last = size - 1;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const canvas of byId("feature-maps").querySelectorAll("canvas")) {
    const slice = Number(canvas.dataset.slice);
    canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const pixelAt = (offset, length) => clamp(Math.floor(offset / length * size), 0, last);
      set({
        slice,
        x: pixelAt(offsetX, canvas.clientWidth),
        y: pixelAt(offsetY, canvas.clientHeight),
      });
    });
    canvas.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      const [x, y] = [state.x + move[0], state.y + move[1]];
      set({ slice, x: clamp(x, 0, last), y: clamp(y, 0, last) });
    });
  }
}

function renderFeatures({ size, titles, structures, labels, pretrainings }, state) {
  const { name, colours, features, scales, dimensions, kept } = pretrainings[state.pretraining];
  const chosen = state.slice * size * size + state.y * size + state.x;
  const similarity = similarityTo(features, scales.length, chosen);
  split(similarity, size * size).forEach((part, slice) => {
    show(canvasOf("similarity", slice), painted(part.length, (i) => cividis(part[i])));
    show(
      canvasOf("colours", slice),
      painted(part.length, (i) => colours[slice].subarray(3 * i, 3 * i + 3)),
    );
  });
  moveMarks(size, state);
  byId("feature-kept").textContent = `Kept in this page: ${scales.length} of ` +
    `${dimensions} dimensions, ${(100 * kept).toFixed(0)} % of the features' squared length.`;
  byId("feature-state").textContent = `${name}: pixel ${state.x}, ${state.y} of ` +
    `${titles[state.slice]} (${nameOf(labels[state.slice][state.y * size + state.x])}). ` +
    `Mean similarity in all slices: ${meansByStructure(similarity)}.`;

  function nameOf(label) {
    return structures.find((structure) => structure.label === label)?.name ?? "background";
  }

  function meansByStructure(similarity) {
    const all = labels.flatMap((part) => [...part]);
    return [0, ...structures.map(({ label }) => label)].flatMap((label) => {
      const among = similarity.filter((_, pixel) => all[pixel] === label);
      const mean = among.reduce((sum, value) => sum + value, 0) / among.length;
      return among.length ? `${nameOf(label)} ${mean.toFixed(2)}` : [];
    }).join(", ");
  }
}

function moveMarks(size, { slice, x, y }) {
  for (const mark of byId("feature-maps").querySelectorAll(".mark")) {
    mark.hidden = Number(mark.dataset.slice) !== slice;
    mark.style.left = `${100 * (x + 0.5) / size}%`;
    mark.style.top = `${100 * (y + 0.5) / size}%`;
  }
}

function canvasOf(row, slice) {
  return byId(`feature-${row}-${slice}`);
}

/** The pixels of a picture, from the red, green and blue of each. */
function painted(pixels, colourOf) {
  const rgba = new Uint8ClampedArray(4 * pixels).fill(255);
  for (let i = 0; i < pixels; i++) rgba.set(colourOf(i), 4 * i);
  return rgba;
}

function grey(value) {
  return new Array(3).fill(windowed(value, { level: 0.5, width: 1 }));
}

/** Dark blue for 0 and less, yellow for 1. */
function cividis(value) {
  const position = clamp(value, 0, 1) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(position), CIVIDIS.length - 2);
  const share = position - below;
  return CIVIDIS[below].map((low, i) => low + share * (CIVIDIS[below + 1][i] - low));
}

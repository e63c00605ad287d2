/**
 * What a backbone makes of slices, in pictures: the views it is pretrained on, its features warped
 * like a view, their principal components, their similarity to one pixel's. Of slices with several
 * channels the first is shown.
 *
 * @module
 */
import { concatArrays } from "../../io/concat_arrays.ts";
import * as tf from "@tensorflow/tfjs";
import { drawViews } from "../../augmentations/views.ts";
import type { Network } from "../../backbones/weights.ts";
import type { ViewSettings } from "../../config/config.ts";
import { type SliceStack, takeChannel, takeSlices } from "../../data/slices/slices.ts";
import {
  componentColours,
  cosineSimilarity,
  type PixelFeatures,
} from "../../analysis/feature_maps.ts";
import { gridSample } from "../../ops/grid_sample.ts";
import { random } from "../../math/random.ts";
import { imageTensor } from "../../training/batches.ts";
import { type Panel, panelsPng } from "./panels_png.ts";

/** How dark what lies outside the field of view becomes. */
const OUTSIDE = 0.25;

/** A picture of slices and their views, and what the backbone makes of them. */
export interface ViewPictures {
  /** A row per slice x: x, t(x), φ(t'(x)). */
  views: Uint8Array;
  /** A row per slice: φ(f(t(x))), f(φ(t'(x))), and how similar the two are, dark outside the slice. */
  equivariance: Uint8Array;
}

/**
 * Draws two views of each slice and the features of both, the first's warped by φ as in
 * pretraining. Colours are principal components of all features together; an equivariant backbone
 * gives both columns the same. Similarity runs from a cosine of 0, black, to 1, white.
 *
 * @param seed what the views are drawn with.
 */
export async function viewPictures(
  backbone: Network,
  slices: SliceStack,
  { views, seed }: { views: ViewSettings; seed: number },
): Promise<ViewPictures> {
  const { count } = slices;
  const { first, second, warped, direct, inside } = tf.tidy(() => {
    const x = imageTensor(slices);
    const { grid, ...drawn } = drawViews(x, views, random(seed, "pictures"));
    const features = (view: tf.Tensor4D) => backbone.forward(view, { training: false });
    return {
      ...drawn,
      warped: gridSample(features(drawn.first), grid),
      direct: features(drawn.second),
    };
  });
  const [a, b] = [await pixelFeatures(warped), await pixelFeatures(direct)];
  const [t, t2] = await Promise.all([first, second].map((view) => view.data<"float32">()));
  tf.dispose([first, second, warped, direct]);
  const { dimensions } = a;
  const similarity = cosineSimilarity(b, a.values).map((cosine, pixel) => inside[pixel] * cosine);
  const colours = componentColours({
    values: concatArrays([a.values, b.values], Float32Array),
    dimensions,
  })
    .map((value, i) => inside[Math.floor(i / 3) % inside.length] ? value : OUTSIDE * value);
  const half = colours.length / 2;
  const rows = (...columns: Float32Array[]) =>
    panelsPng(Array.from(
      { length: count },
      (_, slice) => columns.map((pixels) => panelOf(pixels, slice, slices)),
    ));
  return {
    views: rows(...[slices.images, t, t2].map((images) => shown({ ...slices, images }))),
    equivariance: rows(colours.subarray(0, half), colours.subarray(half), similarity),
  };
}

/**
 * Draws slices above the principal components of their features: what has one colour is alike to
 * the backbone, within a slice and from one to another.
 */
export async function componentsPicture(
  backbone: Network,
  slices: SliceStack,
): Promise<Uint8Array> {
  const colours = componentColours(await featuresOf(backbone, slices));
  const row = (pixels: Float32Array) =>
    Array.from({ length: slices.count }, (_, slice) => panelOf(pixels, slice, slices));
  return panelsPng([row(shown(slices)), row(colours)]);
}

/**
 * Draws slices above the similarity of their features to those of one pixel of the first slice,
 * which is marked: black for a cosine of 0 or less, white for 1.
 *
 * @param pixel its column and row.
 */
export async function similarityPicture(
  backbone: Network,
  slices: SliceStack,
  pixel: readonly [column: number, row: number],
): Promise<Uint8Array> {
  const features = await featuresOf(backbone, slices);
  const { values, dimensions } = features;
  const start = (pixel[1] * slices.size + pixel[0]) * dimensions;
  const similarity = cosineSimilarity(features, values.subarray(start, start + dimensions));
  const row = (pixels: Float32Array) =>
    Array.from({ length: slices.count }, (_, slice): Panel => ({
      ...panelOf(pixels, slice, slices),
      mark: slice === 0 ? pixel : undefined,
    }));
  return panelsPng([row(shown(slices)), row(similarity)]);
}

/** The features of all pixels, slice by slice so that little memory is taken. */
async function featuresOf(backbone: Network, slices: SliceStack): Promise<PixelFeatures> {
  const parts: PixelFeatures[] = [];
  for (let slice = 0; slice < slices.count; slice++) {
    const x = takeSlices(slices, [slice]);
    const z = tf.tidy(() => backbone.forward(imageTensor(x), { training: false }));
    parts.push(await pixelFeatures(z));
    z.dispose();
  }
  const { dimensions } = parts[0];
  return { values: concatArrays(parts.map(({ values }) => values), Float32Array), dimensions };
}

async function pixelFeatures(z: tf.Tensor4D): Promise<PixelFeatures> {
  return { values: await z.data<"float32">(), dimensions: z.shape[3] };
}

/** The first channel's intensities: of several, only one can be grey. */
function shown(slices: SliceStack): Float32Array {
  return takeChannel(slices).images;
}

/** One slice's part of the greys or colours of all slices. */
function panelOf(pixels: Float32Array, slice: number, { size, count }: SliceStack): Panel {
  const each = pixels.length / count;
  return { pixels: pixels.subarray(slice * each, (slice + 1) * each), size };
}

/**
 * Class probabilities of a scan's slices, one slice after the other, on the scan's own grid.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../backbones/weights.ts";
import type { InferenceSettings } from "../config/config.ts";
import { planeRestorer, type PreparedVolume } from "../data/slices/preprocess.ts";
import { concatArrays } from "../io/concat_arrays.ts";
import { cutWindows, joinWindows, windowsOver } from "./sliding_window.ts";

/** Slices, or windows, that pass the network together. */
const BATCH = 16;

/** A network, how it segments, and a scan's slices as it is to see them. */
export interface PreparedModel {
  /** From slices [batch, size, size, channels] to class logits. */
  model: Network;
  /** The slices; `prepareVolume` must have been given the same `window`. */
  slices: PreparedVolume;
  /** How it segments. */
  inference: InferenceSettings;
}

/**
 * The probabilities of each slice in turn, [height, width, classes]; all 0 where a pixel lies outside
 * of the model's grid. No more than some slices are held at a time, whatever the scan's size.
 *
 * @throws {TypeError} if the scan was prepared for another `window`.
 */
export async function* probabilityPlanes(member: PreparedModel): AsyncGenerator<Float32Array> {
  const { slices, inference: { window } } = member;
  const preparedFor = slices.window === undefined ? "centre" : "sliding";
  if (preparedFor !== window) {
    throw new TypeError(
      `segmentVolume: expected slices prepared with the window "${window}", found ` +
        `"${preparedFor}"; pass the same to prepareVolume or loadCohort`,
    );
  }
  const restored = planeRestorer(slices);
  const planes = slices.window === undefined
    ? wholePlanes(member)
    : joinedPlanes(member, slices.window);
  for await (const plane of planes) yield restored(plane);
}

/** What `read` makes of slices [count, size, size, channels] by a model, batch by batch. */
export async function* runOnSlices(
  model: Network,
  { images, size, channels }: Pick<PreparedVolume, "images" | "channels"> & { size: number },
  read: (model: Network, x: tf.Tensor4D) => tf.Tensor,
): AsyncGenerator<ArrayLike<number>> {
  const each = size * size * channels;
  const count = images.length / each;
  for (let first = 0; first < count; first += BATCH) {
    const end = Math.min(count, first + BATCH);
    const output = tf.tidy(() => {
      const slices = images.subarray(first * each, end * each);
      const x = tf.tensor4d(slices, [end - first, size, size, channels]);
      return read(model, x);
    });
    const values = await output.data();
    output.dispose();
    yield values;
  }
}

/** The probabilities of every slice on its grid, [size, size, classes]. */
async function* wholePlanes(
  { model, slices, inference }: PreparedModel,
): AsyncGenerator<Float32Array> {
  const { images, channels, depth, grid: { size } } = slices;
  let left = depth;
  const read = inference.mirror ? mirroredSoftmax : softmaxOf;
  for await (const batch of runOnSlices(model, { images, size, channels }, read)) {
    const count = Math.min(left, BATCH);
    const length = batch.length / count;
    for (let i = 0; i < count; i++) {
      yield (batch as Float32Array).subarray(i * length, (i + 1) * length);
    }
    left -= count;
  }
}

/** Those of every slice, averaged over windows that slide over it, [side, side, classes]. */
async function* joinedPlanes(
  { model, slices, inference }: PreparedModel,
  size: number,
): AsyncGenerator<Float32Array> {
  const { images, channels, depth, grid: { size: side } } = slices;
  const read = inference.mirror ? mirroredSoftmax : softmaxOf;
  const windows = windowsOver(slices, { size, overlap: inference.overlap });
  for (let slice = 0; slice < depth; slice++) {
    const length = side * side * channels;
    const plane = images.subarray(slice * length, (slice + 1) * length);
    const cut = cutWindows(plane, windows, { size, side, channels });
    const parts = await Array.fromAsync(
      runOnSlices(model, { images: cut, size, channels }, read),
    );
    yield joinWindows(concatArrays(parts, Float32Array), windows, { size, side });
  }
}

/** The softmax of a model's logits. */
function softmaxOf(model: Network, x: tf.Tensor4D): tf.Tensor {
  return tf.softmax(model.forward(x, { training: false }));
}

/** The axis of a slice's columns, and that of its rows: those that views are mirrored along. */
const MIRRORED = [2, 1];

/**
 * The mean softmax of slices as they are, mirrored left to right, and top to bottom: what the views of
 * training show (`spatial.flip`), each as often as the others.
 */
function mirroredSoftmax(model: Network, x: tf.Tensor4D): tf.Tensor {
  const mirrored = MIRRORED.map((axis) =>
    tf.reverse(softmaxOf(model, tf.reverse(x, axis) as tf.Tensor4D), axis)
  );
  return tf.div(tf.addN([softmaxOf(model, x), ...mirrored]), 1 + mirrored.length);
}

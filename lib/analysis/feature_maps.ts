/**
 * Pixel features as pictures: principal components as colours, and similarity to one pixel.
 *
 * @module
 */
import { covarianceMatrix } from "../math/covariance.ts";
import { percentile } from "../math/descriptive.ts";
import { symmetricEigen } from "../math/symmetric_eigen.ts";

/** Features of pixels, of one slice or of several. */
export interface PixelFeatures {
  /** [pixels × dimensions], pixel by pixel. */
  values: Float32Array;
  /** Features of a pixel. */
  dimensions: number;
}

/** Share of the pixels, at either end of a component, that a colour channel does not tell apart. */
const CLIPPED = 0.01;

/** Variance of a component, as a share of the first one's, that is nothing but rounding. */
const NEGLIGIBLE = 1e-10;

/**
 * The first three principal components of features as red, green and blue: what the network takes
 * for alike has one colour, in all slices that are given together. Each component runs from its 1st
 * to its 99th percentile; its sign, which is arbitrary, is the one that makes its largest entry
 * positive.
 *
 * @returns [pixels × 3] in [0, 1], pixel by pixel; channels are 0 where there are
 * fewer than three components that vary.
 */
export function componentColours({ values, dimensions }: PixelFeatures): Float32Array {
  const covariance = covarianceMatrix(Float64Array.from(values), dimensions);
  const { values: variances, vectors } = symmetricEigen(covariance);
  const varying = variances.filter((variance) => variance > NEGLIGIBLE * variances[0]).length;
  const pixels = values.length / dimensions;
  const colours = new Float32Array(3 * pixels);
  for (let channel = 0; channel < Math.min(3, varying); channel++) {
    const axis = signed(vectors.subarray(channel * dimensions, (channel + 1) * dimensions));
    const component = Float64Array.from(
      { length: pixels },
      (_, pixel) => axis.reduce((sum, x, i) => sum + x * values[pixel * dimensions + i], 0),
    );
    const sorted = component.toSorted();
    const [low, high] = [CLIPPED, 1 - CLIPPED].map((share) => percentile(sorted, share));
    component.forEach((value, pixel) => {
      const share = high > low ? (value - low) / (high - low) : 0;
      colours[3 * pixel + channel] = Math.min(1, Math.max(0, share));
    });
  }
  return colours;
}

function signed(axis: Float64Array): Float64Array {
  const largest = axis.reduce((most, x) => Math.abs(x) > Math.abs(most) ? x : most, 0);
  return largest < 0 ? axis.map((x) => -x) : axis;
}

/**
 * The cosine of the angle between each pixel's features and some reference features.
 *
 * @param reference [dimensions], the same for every pixel, or one row for each [pixels × dimensions].
 * @returns [pixels] in [−1, 1]; 0 where there are no features.
 * @throws {RangeError} if the reference has another size.
 */
export function cosineSimilarity(
  { values, dimensions }: PixelFeatures,
  reference: Float32Array,
): Float32Array {
  if (reference.length !== dimensions && reference.length !== values.length) {
    throw new RangeError(
      `cosineSimilarity: expected a reference of ${dimensions} or ${values.length} features, ` +
        `found ${reference.length}`,
    );
  }
  return Float32Array.from({ length: values.length / dimensions }, (_, pixel) => {
    const start = pixel * dimensions;
    let [product, squares, referenceSquares] = [0, 0, 0];
    for (let i = 0; i < dimensions; i++) {
      const x = values[start + i];
      const y = reference[(start + i) % reference.length];
      product += x * y;
      squares += x ** 2;
      referenceSquares += y ** 2;
    }
    const scale = Math.sqrt(squares * referenceSquares);
    return scale > 0 ? product / scale : 0;
  });
}

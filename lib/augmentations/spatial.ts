/**
 * Random affine transforms of slices: rotation, crop and flip. A transform maps points of the
 * output to points of the input (as PyTorch's `affine_grid`), in coordinates that run from −1 at
 * the centre of the first pixel to 1 at the centre of the last. Slices are square: a rotation in
 * these coordinates would shear any other.
 *
 * @module
 */
import type { SpatialSettings } from "../config/config.ts";
import type { Random } from "../math/random.ts";

/** One affine transform by its parts. */
export interface AffineParameters {
  /** Rotation in radians. */
  rotation: number;
  /** Side of the crop as a fraction of the slice's side. */
  scale: number;
  /** Centre of the crop (x, y). */
  translation: readonly [x: number, y: number];
  /** Signs of x and y: −1 mirrors. */
  flip: readonly [x: number, y: number];
}

/** Rounding that a point on the border may suffer and still lie inside. */
const BORDER_TOLERANCE = 1e-6;

/**
 * Draws one affine transform per slice, R·C·F: the output is flipped (F), placed on the crop's
 * window (C), and the window turned about the slice's centre (R). The window's centre is uniform
 * within ±(1 − scale), so that before it is turned it lies inside the slice.
 *
 * @returns [batch, 2, 3], the matrices one after another.
 */
export function drawAffine(
  batch: number,
  { rotation, scale, flip }: SpatialSettings,
  random: Random,
): Float32Array {
  const theta = new Float32Array(batch * 6);
  for (let slice = 0; slice < batch; slice++) {
    const angle = random.uniform(...rotation);
    const side = random.uniform(...scale);
    const translation = [random.uniform(side - 1, 1 - side), random.uniform(side - 1, 1 - side)];
    const mirrored = flip ? random.integer(3) : 0;
    theta.set(
      affineMatrix({
        rotation: angle,
        scale: side,
        translation: [translation[0], translation[1]],
        flip: [mirrored === 1 ? -1 : 1, mirrored === 2 ? -1 : 1],
      }),
      slice * 6,
    );
  }
  return theta;
}

/**
 * The first two rows of R·C·F, row by row:
 * R = [cos −sin 0; sin cos 0; 0 0 1], C = [s 0 tx; 0 s ty; 0 0 1], F = diag(fx, fy, 1).
 */
export function affineMatrix(
  { rotation, scale, translation: [tx, ty], flip: [fx, fy] }: AffineParameters,
): number[] {
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  return [
    ...[scale * fx * cos, -scale * fy * sin, cos * tx - sin * ty],
    ...[scale * fx * sin, scale * fy * cos, sin * tx + cos * ty],
  ];
}

/**
 * Where each output pixel samples the input, θ·(p + u(p)): one resampling at these points equals
 * resampling with θ first and deforming what comes out by u then. On the CPU and in double
 * precision; `affineGrid` computes the same without u on the device.
 *
 * @param theta [batch, 2, 3].
 * @param size [height, width] of the output.
 * @param displacement u, [batch, height, width, 2]; none by default.
 * @returns [batch, height, width, 2], the last axis (x, y).
 */
export function sourcePoints(
  theta: Float32Array,
  [height, width]: readonly [number, number],
  displacement?: Float32Array,
): Float64Array {
  const points = new Float64Array(theta.length / 6 * height * width * 2);
  for (let slice = 0, at = 0; slice < theta.length / 6; slice++) {
    const [a, b, c, d, e, f] = theta.subarray(slice * 6, slice * 6 + 6);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at += 2) {
        let x = 2 * column / (width - 1) - 1;
        let y = 2 * row / (height - 1) - 1;
        if (displacement) {
          x += displacement[at];
          y += displacement[at + 1];
        }
        points[at] = a * x + b * y + c;
        points[at + 1] = d * x + e * y + f;
      }
    }
  }
  return points;
}

/**
 * Which output pixels have their source inside the input's field of view, [−1, 1] in x and y. The
 * others show padding and carry no information. On the CPU, because sampling pixels needs it
 * without waiting for a device.
 *
 * @param points [batch, height, width, 2], where each output pixel samples the input.
 * @returns [batch, height, width], 1 inside and 0 outside.
 */
export function insideFieldOfView(points: Float32Array | Float64Array): Uint8Array {
  const inside = new Uint8Array(points.length / 2);
  const limit = 1 + BORDER_TOLERANCE;
  for (let i = 0; i < inside.length; i++) {
    inside[i] = Math.abs(points[2 * i]) <= limit && Math.abs(points[2 * i + 1]) <= limit ? 1 : 0;
  }
  return inside;
}

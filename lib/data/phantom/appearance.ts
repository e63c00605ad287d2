/**
 * How one patient's scan looks: the signal of each tissue, blur, coil sensitivity, noise, scale.
 *
 * @module
 */
import type { Random } from "../../math/random.ts";
import { millimetres, type Plane } from "./canvas.ts";
import type { Tissue } from "./paint.ts";

/** The phantom's tissues. */
export type TissueName =
  | "air"
  | "blood"
  | "rightBlood"
  | "muscle"
  | "myocardium"
  | "fat"
  | "lung"
  | "liver"
  | "spleen"
  | "stomach"
  | "border";

/** One patient's look. */
export interface Appearance {
  /** The tissues' signals. */
  tissues: Record<TissueName, Tissue>;
  /** Half the width of an edge, in mm. */
  blur: number;
  /** Standard deviation of the noise in the real and the imaginary part; blood is about 1. */
  noise: number;
  /** Share of its neighbours' noise in each pixel's: how much the reconstruction interpolated. */
  noiseCorrelation: number;
  /** Logarithm of the coil sensitivity: coefficients of x, y, z, x², xy, y², x³, y³; −1…1 each axis. */
  bias: number[];
  /** Contrast curve: signal to this power. */
  gamma: number;
  /** The file's intensity per signal. */
  gain: number;
  /** The file's intensity of no signal. */
  offset: number;
}

/** Draws a look; the order of tissues (blood over muscle, fat bright) is that of cine bSSFP. */
export function drawAppearance(rng: Random): Appearance {
  const blood = rng.uniform(0.75, 1.05);
  const myocardium = blood / rng.uniform(1.4, 4.2);
  const fine = rng.uniform(0.6, 1.6);
  const coarse = rng.uniform(0.6, 1.6);
  const tissue = (level: number, fineShare: number, coarseShare: number): Tissue => ({
    level,
    fine: fine * fineShare,
    coarse: coarse * coarseShare,
  });
  return {
    tissues: {
      air: tissue(0.01, 0.1, 0),
      blood: tissue(blood, 0.04, 0.07),
      rightBlood: tissue(blood * rng.uniform(0.75, 1.05), 0.05, 0.09),
      myocardium: tissue(myocardium, 0.08, 0.09),
      muscle: tissue(myocardium * rng.uniform(0.6, 1.3), 0.2, 0.2),
      fat: tissue(blood * rng.uniform(0.65, 1.35), 0.06, 0.12),
      lung: tissue(rng.uniform(0.02, 0.09), 0.45, 0.25),
      liver: tissue(myocardium * rng.uniform(0.8, 2), 0.1, 0.08),
      spleen: tissue(myocardium * rng.uniform(0.8, 2.4), 0.09, 0.1),
      stomach: tissue(blood * rng.uniform(0.1, 1.1), 0.3, 0.35),
      border: tissue(rng.uniform(0.1, 0.9) * myocardium, 0.3, 0.2),
    },
    blur: rng.uniform(1.0, 2.8),
    noise: 10 ** rng.uniform(-2, -0.8),
    noiseCorrelation: rng.uniform(0, 0.45),
    bias: Array.from({ length: 8 }, () => 0.32 * rng.normal()),
    gamma: rng.uniform(0.6, 1.6),
    gain: 10 ** rng.uniform(2, 3.2),
    offset: rng.uniform(0, 20),
  };
}

/**
 * Turns painted signal into the file's intensities: contrast, coil sensitivity, Rician noise (the
 * magnitude of a complex signal with normal noise in both parts), scale.
 *
 * @param depth Where the slice lies between the base (−1) and the apex (1).
 */
export function acquire(
  signal: Float32Array,
  { plane, depth, appearance, rng }: {
    plane: Plane;
    depth: number;
    appearance: Appearance;
    rng: Random;
  },
): Int16Array {
  const { width, height } = plane;
  const { noise, gamma, gain, offset } = appearance;
  const real = correlatedNoise(rng, plane, appearance.noiseCorrelation);
  const imaginary = correlatedNoise(rng, plane, appearance.noiseCorrelation);
  const [bx, by, bz, bxx, bxy, byy, bxxx, byyy] = appearance.bias;
  const image = new Int16Array(signal.length);
  for (let row = 0; row < height; row++) {
    const y = millimetres(row, height, 2 / height);
    for (let column = 0; column < width; column++) {
      const x = millimetres(column, width, 2 / width);
      const i = row * width + column;
      const sensitivity = Math.exp(
        bx * x + by * y + bz * depth + bxx * x * x + bxy * x * y + byy * y * y +
          bxxx * x ** 3 + byyy * y ** 3,
      );
      const clean = Math.max(0, signal[i]) ** gamma * sensitivity;
      const magnitude = Math.sqrt((clean + noise * real[i]) ** 2 + (noise * imaginary[i]) ** 2);
      image[i] = Math.round(gain * magnitude + offset);
    }
  }
  return image;
}

/** Normal noise of variance 1, of which every pixel shares a part with its right and lower ones. */
function correlatedNoise(rng: Random, { width, height }: Plane, share: number): Float32Array {
  const white = new Float32Array((width + 1) * (height + 1));
  for (let i = 0; i < white.length; i++) white[i] = rng.normal();
  const scale = 1 / (1 + share * share);
  const noise = new Float32Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const at = row * (width + 1) + column;
      const right = white[at] + share * white[at + 1];
      const below = white[at + width + 1] + share * white[at + width + 2];
      noise[i] = scale * (right + share * below);
    }
  }
  return noise;
}

/**
 * One patient of the phantom cohort: a seeded short-axis heart in its thorax, at ED and ES, with
 * exact masks.
 *
 * @module
 */
import { type Random, random } from "../../math/random.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";
import { acquire, drawAppearance } from "./appearance.ts";
import { layOut, type Plane } from "./canvas.ts";
import { cutHeart, drawHeart, type Group, GROUPS, type Heart } from "./heart.ts";
import { heartLayers, labelHeart } from "./heart_layers.ts";
import { paint } from "./paint.ts";
import { drawTexture } from "./texture.ts";
import { drawThorax, thoraxLayers } from "./thorax.ts";

/** What ACDC's `Info.cfg` says of a patient. */
export interface PatientInfo {
  /** The frame of end-diastole in the cine, from 1. */
  ED: number;
  /** The frame of end-systole in the cine, from 1. */
  ES: number;
  /** The disease group. */
  Group: Group;
  /** Height in cm. */
  Height: number;
  /** Number of frames in the cine. */
  NbFrame: number;
  /** Weight in kg. */
  Weight: number;
}

/** An image (int16) with its mask (uint8: 0 background, 1 RV, 2 myocardium, 3 LV). */
export interface PhantomScan {
  /** The intensities. */
  image: Volume;
  /** The labels. */
  mask: Volume;
}

/** A patient in memory. */
export interface PhantomPatient {
  /** The patient's data. */
  info: PatientInfo;
  /** End-diastole. */
  ed: PhantomScan;
  /** End-systole. */
  es: PhantomScan;
}

/** Options of {@linkcode phantomPatient}. */
export interface PhantomPatientOptions {
  /** Seed of the cohort that the patient belongs to, 0 by default. */
  seed?: number;
}

/**
 * Makes the patient number `index`, from 0: the same index and seed give the same voxels. Groups take
 * turns with the index, so that every cohort is balanced.
 */
export function phantomPatient(
  index: number,
  options: PhantomPatientOptions = {},
): PhantomPatient {
  const { seed = 0 } = options;
  const draw = (purpose: string) => random(seed, "phantom", index, purpose);
  const heart = drawHeart(draw("heart"), GROUPS[index % GROUPS.length]);
  const grid = drawGrid(draw("grid"), heart);
  const appearance = drawAppearance(draw("appearance"));
  const thorax = drawThorax(draw("thorax"), [seed, "phantom", index, "thorax"]);
  const texture = drawTexture(draw("texture"));

  const pixels = grid.width * grid.height;
  const scans = {
    ED: emptyScan(grid, `phantom ${index} ED`),
    ES: emptyScan(grid, `phantom ${index} ES`),
  };
  for (let k = 0; k < grid.depth; k++) {
    const z = grid.firstDepth + k * grid.thickness;
    const slice = { z, thickness: grid.thickness };
    const canvas = layOut(grid, texture, k);
    const style = { canvas, blur: appearance.blur };
    const surroundings = new Float32Array(pixels);
    const layers = thoraxLayers(thorax, cutHeart(heart, "ED", slice), appearance.tissues);
    paint(surroundings, layers, style);
    for (const phase of ["ED", "ES"] as const) {
      const rng = draw(`${phase} ${k}`);
      const section = cutHeart(heart, phase, slice);
      const signal = surroundings.slice();
      paint(signal, heartLayers(heart, section, { tissues: appearance.tissues, rng }), style);
      const depth = 2 * k / (grid.depth - 1) - 1;
      scans[phase].image.voxels.set(
        acquire(signal, { plane: grid, depth, appearance, rng }),
        k * pixels,
      );
      scans[phase].mask.voxels.set(labelHeart(section, canvas), k * pixels);
    }
  }
  return { info: drawInfo(draw("info"), heart.group), ed: scans.ED, es: scans.ES };
}

/** The voxel grid of a patient's scans. */
interface Grid extends Plane {
  /** Number of slices. */
  depth: number;
  /** Distance of two slices in mm, which is also their thickness. */
  thickness: number;
  /** Depth of the first slice below the valve plane in mm. */
  firstDepth: number;
}

/** Draws a grid that covers the heart from the base to about the apex. */
function drawGrid(rng: Random, heart: Heart): Grid {
  const sixtyFourths = (value: number) => Math.round(64 * value) / 64;
  const spacing = sixtyFourths(rng.uniform(1.3, 1.8));
  const pixels = () => Math.round(rng.uniform(170, 200) / spacing);
  const thickness = sixtyFourths(rng.uniform(8, 10));
  const firstDepth = rng.uniform(-0.7, 0.7) * thickness;
  const covered = rng.uniform(0.78, 1) * heart.sizes.ED.length - firstDepth;
  const depth = Math.min(10, Math.max(6, 1 + Math.floor(covered / thickness)));
  return { width: pixels(), height: pixels(), spacing, depth, thickness, firstDepth };
}

/** A patient's data, plausible but independent of the disease. */
function drawInfo(rng: Random, Group: Group): PatientInfo {
  const NbFrame = 20 + rng.integer(16);
  const Height = 155 + rng.integer(36);
  return {
    ED: 1,
    ES: Math.round(NbFrame * rng.uniform(0.33, 0.42)),
    Group,
    Height,
    NbFrame,
    Weight: Math.round((Height / 100) ** 2 * rng.uniform(20, 31)),
  };
}

/** An image and a mask of zeros on a grid. */
function emptyScan(grid: Grid, source: string): PhantomScan {
  const voxels = grid.width * grid.height * grid.depth;
  return {
    image: onGrid(new Int16Array(voxels), grid, source),
    mask: onGrid(new Uint8Array(voxels), grid, `${source} mask`),
  };
}

/**
 * Voxels with the header that ACDC's files have: the spacing in `pixdim` alone, and an affine without
 * it.
 */
function onGrid(voxels: Voxels, grid: Grid, source: string): Volume {
  const { width, height, depth, spacing, thickness } = grid;
  const affine = [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  return {
    voxels,
    shape: [width, height, depth],
    spacing: [spacing, spacing, thickness],
    affine,
    geometry: {
      version: 1,
      pixdim: [1, spacing, spacing, thickness, 1, 1, 1, 1],
      qformCode: 0,
      sformCode: 2,
      quaternion: [0, 0, 0],
      offset: [0, 0, 0],
      sform: affine.slice(0, 3),
      units: 0,
    },
    source,
    warnings: [],
  };
}

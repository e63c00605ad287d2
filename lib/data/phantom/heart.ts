/**
 * The phantom's heart: ventricles of a given volume, ejection fraction and muscle mass, cut by a
 * short-axis plane at end-diastole (ED) or end-systole (ES).
 *
 * @module
 */
import type { Random } from "../../math/random.ts";
import { bump, type Contour, contour, ellipse, type Radius, ripple } from "./contour.ts";

/** The disease groups, in the order in which patients take turns. */
export const GROUPS = ["NOR", "DCM", "HCM", "MINF", "RV"] as const;

/** A disease group, named as in ACDC. */
export type Group = typeof GROUPS[number];

/** A moment of the heart cycle. */
export type Phase = "ED" | "ES";

/** What a group's patients are drawn from: volumes at ED in ml, ejection fractions. */
interface Ranges {
  lv: [number, number];
  lvEjection: [number, number];
  muscle: [number, number];
  rv: [number, number];
  rvEjection: [number, number];
}

/**
 * Typical values of each group under its definition in ACDC (Bernard et al., IEEE TMI 37(11), 2018,
 * section II): DCM and MINF eject below 40 %, DCM's cavity is dilated, HCM's wall is over 15 mm, the
 * RV group's right ventricle is large or ejects below 40 %.
 */
const RANGES: Record<Group, Ranges> = {
  NOR: {
    lv: [95, 150],
    lvEjection: [0.55, 0.68],
    muscle: [80, 110],
    rv: [105, 155],
    rvEjection: [0.5, 0.62],
  },
  DCM: {
    lv: [200, 280],
    lvEjection: [0.12, 0.28],
    muscle: [125, 170],
    rv: [110, 190],
    rvEjection: [0.25, 0.42],
  },
  HCM: {
    lv: [95, 135],
    lvEjection: [0.62, 0.74],
    muscle: [160, 205],
    rv: [90, 130],
    rvEjection: [0.52, 0.65],
  },
  MINF: {
    lv: [140, 190],
    lvEjection: [0.32, 0.42],
    muscle: [95, 125],
    rv: [95, 140],
    rvEjection: [0.45, 0.6],
  },
  RV: {
    lv: [80, 115],
    lvEjection: [0.5, 0.62],
    muscle: [65, 90],
    rv: [165, 215],
    rvEjection: [0.2, 0.36],
  },
};

/** A heart's size in one phase, in mm. */
export interface HeartSize {
  /** Radius of the left cavity at the base. */
  cavity: number;
  /** Radius of the left ventricle with its wall at the base. */
  outer: number;
  /** Width of the right ventricle at the base. */
  right: number;
  /** Depth of the left cavity below the valve plane. */
  cavityLength: number;
  /** Depth of the left ventricle with its wall below the valve plane. */
  length: number;
  /** Distance of the valve plane from where it is at ED, towards the apex. */
  descent: number;
}

/** One patient's heart. */
export interface Heart {
  /** The disease group. */
  group: Group;
  /** Sizes per phase. */
  sizes: Record<Phase, HeartSize>;
  /** Where the septum lies, as an angle in the image. */
  septum: number;
  /** The axis at the base, in mm to the right of the image's middle. */
  x: number;
  /** The axis at the base, in mm below the image's middle. */
  y: number;
  /** How far the axis moves in the plane per mm towards the apex. */
  drift: readonly [number, number];
  /** Irregularity of the left cavity, relative to its radius. */
  cavityRipple: Radius;
  /** Irregularity of the left ventricle's outline, relative to its radius. */
  outerRipple: Radius;
  /** Irregularity of the right ventricle, relative to its radius. */
  rightRipple: Radius;
  /** Height of the right ventricle relative to the left's radius. */
  rightHeight: number;
  /** Direction and strength (0…1) of a scar that is thin and does not move. */
  scar: { angle: number; strength: number };
  /** How much thicker the septum is than the rest of the wall, relative to the cavity's radius. */
  septalThickening: number;
  /** Thickness of the fat on the heart in mm; none where it is negative. */
  epicardialFat: Radius;
  /** Angles and relative size of the papillary muscles. */
  papillaries: { angle: number; size: number }[];
}

/** The outlines of a heart in one slice. */
export interface Section {
  /** The heart's axis in the slice, in mm to the right of the image's middle. */
  x: number;
  /** The heart's axis in the slice, in mm below the image's middle. */
  y: number;
  /** Depth below the valve plane at ED in mm. */
  z: number;
  /** The part of the slice's thickness below the valve plane: 1 except at the base, 0 above. */
  within: number;
  /** Epicardial outline of the left ventricle. */
  outer?: Contour;
  /** Endocardial outline of the left ventricle. */
  cavity?: Contour;
  /** Right ventricle, which the left covers where they meet. */
  right?: Contour;
  /** How far the left outlines move through the slice's thickness, in mm: their blur. */
  slope: number;
}

/**
 * Mean area of the right ventricle's sections relative to its width times the left ventricle's radius,
 * both at the base; fitted so that the masks have the volumes that were drawn.
 */
const RIGHT_AREA = 1.32;

/** Draws a heart of a group. */
export function drawHeart(rng: Random, group: Group): Heart {
  const sizes = drawSizes(rng, group);
  const fat = rng.uniform(-1.5, 2);
  const fatRipple = ripple(rng, 4, 1, 5);
  const anterolateral = rng.uniform(-0.9, -0.5);
  const septum = Math.PI + rng.uniform(-0.6, 0.25);
  return {
    group,
    sizes,
    septum,
    x: rng.uniform(-12, 24),
    y: rng.uniform(-22, 10),
    drift: [rng.uniform(-0.08, 0.2), rng.uniform(-0.08, 0.12)],
    cavityRipple: ripple(rng, 0.045),
    outerRipple: ripple(rng, 0.03, 2, 5),
    rightRipple: ripple(rng, 0.06, 2, 5),
    rightHeight: rng.uniform(1.0, 1.25),
    scar: {
      angle: septum + rng.uniform(-2.2, 2.2),
      strength: group === "MINF" ? rng.uniform(0.75, 1) : 0,
    },
    septalThickening: group === "HCM" ? rng.uniform(0.05, 0.25) : 0,
    epicardialFat: (angle) => fat + fatRipple(angle),
    papillaries: [anterolateral, anterolateral + rng.uniform(1.4, 1.9)].map((angle) => ({
      angle: angle + septum - Math.PI,
      size: rng.uniform(0.14, 0.24),
    })),
  };
}

/** Draws volumes of a group, and the sizes that a heart of them has at ED and ES. */
function drawSizes(rng: Random, group: Group): Record<Phase, HeartSize> {
  const between = ([low, high]: [number, number]) => rng.uniform(low, high);
  const ranges = RANGES[group];
  const lv = between(ranges.lv);
  const ejection = between(ranges.lvEjection);
  const muscle = between(ranges.muscle);
  const rv = between(ranges.rv);
  const rvEjection = between(ranges.rvEjection);
  const length = 80 * (lv / 130) ** 0.25;
  const size = (left: number, right: number, shorter: number): HeartSize => {
    const cavityLength = length * (1 - shorter);
    const wholeLength = cavityLength + 0.09 * length;
    const outer = baseRadius(left + muscle, wholeLength);
    return {
      cavity: baseRadius(left, cavityLength),
      outer,
      right: 1000 * right / (RIGHT_AREA * outer * wholeLength),
      cavityLength,
      length: wholeLength,
      descent: length * shorter,
    };
  };
  return {
    ED: size(lv, rv, 0),
    ES: size(lv * (1 - ejection), rv * (1 - rvEjection), 0.25 * ejection),
  };
}

/**
 * How a ventricle tapers: its radius relative to the base at a relative depth 0…1, blunter than an
 * ellipsoid (exponent 2).
 */
const BLUNTNESS = 2.5;

function taper(depth: number): number {
  return Math.sqrt(Math.max(0, 1 - Math.max(0, depth) ** BLUNTNESS));
}

/** Radius in mm at the base that gives a tapering body its volume (ml) over its length (mm). */
function baseRadius(volume: number, length: number): number {
  return Math.sqrt(1000 * volume * (BLUNTNESS + 1) / (BLUNTNESS * Math.PI * length));
}

/**
 * Cuts the heart at `z` mm below the valve plane at ED, by a slice of a thickness in mm.
 */
export function cutHeart(
  heart: Heart,
  phase: Phase,
  slice: { z: number; thickness: number },
): Section {
  const size = heart.sizes[phase];
  const below = slice.z - size.descent;
  const within = Math.min(1, Math.max(0, below / slice.thickness + 0.5));
  const z = Math.max(0, below);
  const x = heart.x + heart.drift[0] * slice.z;
  const y = heart.y + heart.drift[1] * slice.z;
  const outerRadius = size.outer * taper(z / size.length);
  const half = slice.thickness / 2;
  const slope = size.outer *
    (taper((z - half) / size.length) - taper((z + half) / size.length)) / 2;
  const section: Section = { x, y, z: slice.z, within, slope };
  if (outerRadius < 5) return section;

  const { cavity, outer } = walls(heart, phase, z);
  section.outer = contour(x, y, outer);
  section.cavity = contour(x, y, cavity);
  if (section.cavity.most < 3) delete section.cavity;

  const width = size.right * (1 - (z / (0.88 * size.length)) ** 2);
  if (width > 5) {
    const across = (0.8 * outerRadius + width) / 2;
    const centre = outerRadius + width - across;
    const shape = ellipse(across, heart.rightHeight * outerRadius + 0.12 * width);
    const sag = 0.12 * outerRadius;
    section.right = contour(
      x + centre * Math.cos(heart.septum) + sag * Math.sin(heart.septum),
      y + centre * Math.sin(heart.septum) - sag * Math.cos(heart.septum),
      (angle) => {
        const turned = angle - heart.septum;
        return shape(turned) * (1 + heart.rightRipple(turned) + 0.08 * Math.cos(3 * turned));
      },
    );
  }
  return section;
}

/** Inner and outer radius of the left ventricle `z` mm below the valve plane. */
function walls(heart: Heart, phase: Phase, z: number): { cavity: Radius; outer: Radius } {
  const depth = z / heart.sizes.ED.length;
  const scarred = (angle: number) =>
    heart.scar.strength * bump(angle, heart.scar.angle, 0.75) * Math.min(1, 0.3 + depth);
  const mean = (at: Phase) => ({
    cavity: heart.sizes[at].cavity * taper(z / heart.sizes[at].cavityLength),
    outer: heart.sizes[at].outer * taper(z / heart.sizes[at].length),
  });
  const now = mean(phase);
  const diastole = mean("ED");
  const blend = (from: number, to: number, share: number) => from + share * (to - from);
  const outer = (angle: number) =>
    blend(now.outer, diastole.outer, scarred(angle)) * (1 + heart.outerRipple(angle));
  const cavity = (angle: number) => {
    const scar = scarred(angle);
    const thinned = diastole.cavity + 0.45 * (diastole.outer - diastole.cavity) * scar;
    const septal = heart.septalThickening *
      (bump(angle, heart.septum, 1) - 0.5 * bump(angle, heart.septum + Math.PI, 1));
    const radius = blend(now.cavity, thinned, scar) * (1 + heart.cavityRipple(angle) - septal);
    return Math.min(radius, outer(angle) - 3);
  };
  return { cavity, outer };
}

/**
 * What surrounds the phantom's heart: chest wall, lung, diaphragm, liver, stomach, spleen, vessels.
 *
 * @module
 */
import { type Random, random } from "../../math/random.ts";
import type { TissueName } from "./appearance.ts";
import { bump, type Contour, contour, ellipse, type Radius, ripple } from "./contour.ts";
import type { Section } from "./heart.ts";
import type { Layer, Tissue } from "./paint.ts";

/** One patient's thorax; lengths in mm, positions relative to the middle of the image. */
export interface Thorax {
  /** Direction from the heart to the nearest chest wall, as an angle in the image. */
  wallDirection: number;
  /** Distance to the inner face of that wall at the base of the heart. */
  wallDistance: number;
  /** How much nearer the wall comes per mm towards the apex. */
  wallApproach: number;
  /** Radius of the thorax. */
  wallRadius: number;
  /** Irregularity of the thorax, relative to its radius. */
  wallRipple: Radius;
  /** Thickness of the wall's muscle. */
  muscle: number;
  /** Thickness of the fat on that muscle. */
  fat: number;
  /** Where the diaphragm lies below the heart's axis at the base. */
  diaphragm: number;
  /** How much the diaphragm rises per mm towards the apex. */
  diaphragmRise: number;
  /** Irregularity of the diaphragm, relative to its radius. */
  diaphragmRipple: Radius;
  /** Where liver and stomach meet, from the heart's axis to the right. */
  liverEdge: number;
  /** Outlines' irregularities of liver, stomach and spleen. */
  organRipples: Radius[];
  /** Radius of the stomach's inside. */
  stomach: number;
  /** Thickness of the stomach's wall. */
  stomachWall: number;
  /** Radius of the spleen. */
  spleen: number;
  /** Least thickness of the fat pad that the heart lies in. */
  pericardialFat: number;
  /** Irregularity of the fat pad, relative to its radius. */
  padRipple: Radius;
  /** Descending aorta relative to the heart's axis, and its radius. */
  aorta: { x: number; y: number; radius: number };
  /** Key of what differs from slice to slice. */
  key: (number | string)[];
}

/** Draws a thorax; `key` seeds what differs between its slices. */
export function drawThorax(rng: Random, key: (number | string)[]): Thorax {
  return {
    wallDirection: rng.uniform(-2.7, -0.5),
    wallDistance: rng.uniform(52, 74),
    wallApproach: rng.uniform(0.1, 0.35),
    wallRadius: rng.uniform(105, 150),
    wallRipple: ripple(rng, 0.05, 2, 5),
    muscle: rng.uniform(7, 13),
    fat: rng.uniform(6, 30),
    diaphragm: rng.uniform(36, 54),
    diaphragmRise: rng.uniform(0.1, 0.35),
    diaphragmRipple: ripple(rng, 0.04, 2, 7),
    liverEdge: rng.uniform(-15, 30),
    organRipples: Array.from({ length: 3 }, () => ripple(rng, 0.14, 2, 6)),
    stomach: rng.uniform(14, 28),
    stomachWall: rng.uniform(0, 7),
    spleen: rng.uniform(18, 30),
    pericardialFat: rng.uniform(1.5, 6),
    padRipple: ripple(rng, 0.3, 1, 5),
    aorta: { x: rng.uniform(38, 58), y: rng.uniform(34, 60), radius: rng.uniform(8, 12) },
    key,
  };
}

/** The organs around the heart that was cut at ED, from back to front. */
export function thoraxLayers(
  thorax: Thorax,
  slice: Section,
  tissues: Record<TissueName, Tissue>,
): Layer[] {
  const rng = random(...thorax.key, Math.round(slice.z));
  const { x, y } = slice;
  const aorta = blob(rng, x + thorax.aorta.x, y + thorax.aorta.y, thorax.aorta.radius, 0.05);
  return [
    { shape: contour(0, 0, () => 300), tissue: tissues.lung },
    ...lungVessels(rng, slice, tissues.blood),
    ...pericardium(thorax, slice, tissues),
    ...outlined(aorta, tissues.blood, tissues.border),
    ...abdomen(thorax, slice, tissues, rng),
    ...chestWall(thorax, slice, tissues, rng),
  ];
}

/** Bright dots and short branches. */
function lungVessels(rng: Random, slice: Section, blood: Tissue): Layer[] {
  return Array.from({ length: 34 }, () => {
    const angle = rng.uniform(-Math.PI, 0.6);
    const distance = heartRadius(slice) + rng.uniform(8, 85);
    const length = 0.7 + 1.1 * rng.uniform() ** 2;
    const shape = ellipse(length * rng.uniform(1, 2.5), length, rng.uniform(0, Math.PI));
    return {
      shape: contour(
        slice.x + distance * Math.cos(angle),
        slice.y + distance * Math.sin(angle),
        shape,
      ),
      tissue: blood,
      opacity: rng.uniform(0.2, 0.9),
    };
  });
}

/** The fat pad that carries the heart towards chest wall and diaphragm. */
function pericardium(
  thorax: Thorax,
  slice: Section,
  tissues: Record<TissueName, Tissue>,
): Layer[] {
  const away = thorax.wallDirection - 0.6;
  const shape = contour(slice.x, slice.y, (angle) =>
    (heartRadius(slice) + thorax.pericardialFat) *
    (1 + Math.abs(thorax.padRipple(angle)) * 0.4 +
      0.9 * bump(angle, Math.min(away, -2.3), 0.45) + 0.7 * bump(angle, 2.3, 0.6)));
  return [
    { shape, tissue: tissues.border, grow: 1.3 },
    { shape, tissue: tissues.fat, opacity: 0.85 },
  ];
}

/** Everything below the diaphragm. */
function abdomen(
  thorax: Thorax,
  slice: Section,
  tissues: Record<TissueName, Tissue>,
  rng: Random,
): Layer[] {
  const top = slice.y + thorax.diaphragm - thorax.diaphragmRise * slice.z;
  const edge = slice.x + thorax.liverEdge + 0.35 * slice.z;
  const { border } = tissues;
  const { liver, stomach, spleen } = organs(thorax, edge, top);
  const bowel = Array.from({ length: 12 }, () => {
    const [x, y] = [edge + rng.uniform(-10, 80), top + rng.uniform(25, 80)];
    const loop = blob(rng, x, y, rng.uniform(4, 11), 0.25);
    return outlined(loop, rng.uniform() < 0.5 ? tissues.muscle : tissues.stomach, border);
  }).flat();
  const vessels = Array.from({ length: 14 }, () => {
    const [x, y] = [liver.x + rng.uniform(-40, 45), liver.y + rng.uniform(-45, 30)];
    const shape = blob(rng, x, y, rng.uniform(1, 3), 0.3);
    return { shape, tissue: tissues.rightBlood, opacity: rng.uniform(0.1, 0.5) };
  });
  return [
    ...outlined(dome(slice.x + 5, top + 122, 120, thorax.diaphragmRipple), tissues.fat, border),
    ...bowel,
    ...outlined(spleen, tissues.spleen, border),
    { shape: stomach, tissue: border, grow: thorax.stomachWall + 1 },
    { shape: stomach, tissue: tissues.muscle, grow: thorax.stomachWall },
    { shape: stomach, tissue: tissues.stomach },
    ...outlined(liver, tissues.liver, border),
    ...vessels,
  ];
}

/** The large organs, right and left of the liver's edge, below the diaphragm's top. */
function organs(
  { organRipples, stomach, spleen }: Thorax,
  edge: number,
  top: number,
): Record<"liver" | "stomach" | "spleen", Contour> {
  const [liverWave, stomachWave, spleenWave] = organRipples;
  return {
    liver: dome(edge - 62, top + 66, 64, liverWave),
    stomach: dome(edge + stomach, top + stomach + 3, stomach, stomachWave),
    spleen: dome(edge + 2 * stomach + 0.8 * spleen, top + spleen + 8, spleen, spleenWave),
  };
}

function dome(x: number, y: number, radius: number, wave: Radius): Contour {
  return contour(x, y, (angle) => radius * (1 + wave(angle)));
}

/** Muscle with ribs, fat, and the air outside. */
function chestWall(
  thorax: Thorax,
  slice: Section,
  tissues: Record<TissueName, Tissue>,
  rng: Random,
): Layer[] {
  const reach = thorax.wallDistance - thorax.wallApproach * slice.z - thorax.wallRadius;
  const x = slice.x + reach * Math.cos(thorax.wallDirection);
  const y = slice.y + reach * Math.sin(thorax.wallDirection);
  const wave = (angle: number) => thorax.wallRadius * (1 + thorax.wallRipple(angle));
  const inner = contour(x, y, wave);
  const first = rng.uniform(0, 0.25);
  const ribs = Array.from({ length: 25 }, (_, i): Layer[] => {
    const angle = first + i * 0.25 + rng.uniform(-0.03, 0.03);
    const distance = wave(angle) + thorax.muscle / 2;
    const shape = contour(
      x + distance * Math.cos(angle),
      y + distance * Math.sin(angle),
      ellipse(rng.uniform(4, 7), rng.uniform(1.5, 3), angle + Math.PI / 2 + rng.uniform(-0.3, 0.3)),
    );
    return [
      { shape, tissue: tissues.border, grow: 1.5 },
      { shape, tissue: tissues.fat, opacity: 0.65 },
    ];
  }).flat();
  return [
    { shape: inner, tissue: tissues.fat, inverted: true },
    { shape: inner, tissue: tissues.muscle, grow: 1.5, inverted: true },
    ...ribs,
    { shape: inner, tissue: tissues.border, grow: thorax.muscle, inverted: true },
    { shape: inner, tissue: tissues.fat, grow: thorax.muscle + 1, inverted: true },
    { shape: inner, tissue: tissues.air, grow: thorax.muscle + thorax.fat, inverted: true },
  ];
}

/** Largest radius of the left ventricle in the slice in mm, 0 beyond the apex. */
function heartRadius(slice: Section): number {
  return slice.outer?.most ?? 0;
}

/** A disc with a random ripple of a relative amplitude. */
function blob(rng: Random, x: number, y: number, radius: number, amplitude: number): Contour {
  const wave = ripple(rng, amplitude, 2, 4);
  return contour(x, y, (angle) => radius * (1 + wave(angle)));
}

/** An organ with the dark line that chemical shift draws around it. */
function outlined(shape: Contour, tissue: Tissue, border: Tissue): Layer[] {
  return [{ shape, tissue: border, grow: 1.2 }, { shape, tissue }];
}

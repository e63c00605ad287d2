/**
 * What a cut through the phantom's heart looks like, and its exact mask.
 *
 * @module
 */
import type { Random } from "../../math/random.ts";
import type { TissueName } from "./appearance.ts";
import type { Canvas } from "./canvas.ts";
import { type Contour, contour, ellipse, outside, reshape, ripple } from "./contour.ts";
import type { Heart, Section } from "./heart.ts";
import type { Layer, Tissue } from "./paint.ts";

/** Thickness of the right ventricle's free wall in mm. */
const RIGHT_WALL = 2.2;

/** The layers of a heart in one slice, from back to front. */
export function heartLayers(
  heart: Heart,
  section: Section,
  { tissues, rng }: { tissues: Record<TissueName, Tissue>; rng: Random },
): Layer[] {
  const { outer, cavity, right, within, slope } = section;
  if (!outer) return [];
  const ventricles: Layer[] = [];
  const add = (shape: Contour | undefined, tissue: Tissue, style: Partial<Layer> = {}) => {
    if (shape) ventricles.push({ shape, tissue, ...style });
  };
  const coats = [right, outer].map((shape) =>
    shape && reshape(shape, (radius, angle) => radius + RIGHT_WALL + heart.epicardialFat(angle))
  );
  for (const coat of coats) add(coat, tissues.border, { grow: 1 });
  for (const coat of coats) add(coat, tissues.fat, { soft: slope / 2 });
  add(outer, tissues.border, { grow: 0.5, opacity: 0.6 });
  add(right, tissues.myocardium, { grow: RIGHT_WALL });
  add(right, tissues.rightBlood);
  if (right) ventricles.push(...rightTrabeculae(right, tissues.myocardium, rng));
  add(outer, tissues.myocardium, { soft: slope / 2 });
  if (cavity) {
    add(bloodPool(cavity, rng), tissues.blood, { soft: slope / 2 });
    ventricles.push(...papillaries(heart, cavity, tissues.myocardium, rng));
  }
  return [
    ...(within < 1 ? atria(section, tissues) : []),
    ...ventricles.map((layer) => ({ ...layer, opacity: (layer.opacity ?? 1) * within })),
  ];
}

/** The mask of one slice: 3 in the left cavity with its papillary muscles, 2 wall, 1 right cavity. */
export function labelHeart({ outer, cavity, right, within }: Section, canvas: Canvas): Uint8Array {
  const { x, y } = canvas;
  const labels = new Uint8Array(x.length);
  if (within < 0.5) return labels;
  const fill = (shape: Contour | undefined, label: number) => {
    if (!shape) return;
    for (let i = 0; i < labels.length; i++) {
      const square = (x[i] - shape.x) ** 2 + (y[i] - shape.y) ** 2;
      if (square < shape.most ** 2 && outside(shape, x[i], y[i]) < 0) labels[i] = label;
    }
  };
  fill(right, 1);
  fill(outer, 2);
  fill(cavity, 3);
  return labels;
}

/** What lies above the valve plane: left atrium, right atrium or outflow tract, aortic root. */
function atria({ outer, right }: Section, tissues: Record<TissueName, Tissue>): Layer[] {
  const layers: Layer[] = [];
  const vessel = (shape: Contour, tissue: Tissue) =>
    layers.push({ shape, tissue: tissues.border, grow: 1, opacity: 0.6 }, { shape, tissue });
  if (right) vessel(right, tissues.rightBlood);
  if (outer) {
    vessel(reshape(outer, (radius) => 0.85 * radius), tissues.blood);
    const root = right ?? outer;
    vessel(
      contour((outer.x + root.x) / 2, (outer.y + root.y) / 2 - 0.55 * outer.most, () => 12),
      tissues.blood,
    );
  }
  return layers;
}

/** The bright part of the cavity: its edge is frayed by trabeculae. */
function bloodPool(cavity: Contour, rng: Random): Contour {
  const fray = ripple(rng, 2, 5, 14);
  return reshape(cavity, (radius, angle) => radius - 0.6 - Math.abs(fray(angle)));
}

/** The papillary muscles: dark in the blood, near the lateral wall. */
function papillaries(heart: Heart, cavity: Contour, muscle: Tissue, rng: Random): Layer[] {
  const radius = (cavity.least + cavity.most) / 2;
  return heart.papillaries.map(({ angle, size }) => {
    const bulk = Math.min(size * heart.sizes.ED.cavity, 0.36 * radius) * rng.uniform(0.85, 1.15);
    const distance = radius - 1.1 * bulk;
    return {
      shape: contour(
        cavity.x + distance * Math.cos(angle),
        cavity.y + distance * Math.sin(angle),
        ellipse(1.2 * bulk, 0.8 * bulk, angle + rng.uniform(-0.5, 0.5)),
      ),
      tissue: muscle,
      opacity: rng.uniform(0.7, 0.95),
    };
  });
}

/** Muscle bundles of the right ventricle. */
function rightTrabeculae(right: Contour, muscle: Tissue, rng: Random): Layer[] {
  return Array.from({ length: 5 }, () => {
    const angle = rng.uniform(-Math.PI, Math.PI);
    const distance = rng.uniform(0.3, 0.95) * right.least;
    return {
      shape: contour(
        right.x + distance * Math.cos(angle),
        right.y + distance * Math.sin(angle),
        ellipse(rng.uniform(2, 5), rng.uniform(1, 2), rng.uniform(0, Math.PI)),
      ),
      tissue: muscle,
      opacity: rng.uniform(0.2, 0.8),
    };
  });
}

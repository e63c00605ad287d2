import assert from "node:assert/strict";
import { acquire, drawAppearance } from "../../../lib/data/phantom/appearance.ts";
import { random } from "../../../lib/math/random.ts";

const plane = { width: 96, height: 80, spacing: 1.5 };
const plain = {
  ...drawAppearance(random("appearance")),
  bias: Array(8).fill(0),
  gamma: 1,
  gain: 1000,
  offset: 0,
  noise: 0.05,
};
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("acquire() adds Rician noise: σ·√(π/2) in air, √(A² + σ²) or so in tissue", () => {
  const signal = (level: number) => new Float32Array(plane.width * plane.height).fill(level);
  const shoot = (level: number) =>
    acquire(signal(level), { plane, depth: 0, appearance: plain, rng: random("noise", level) });
  assert.ok(Math.abs(mean(shoot(0)) / (50 * Math.sqrt(Math.PI / 2)) - 1) < 0.03);
  assert.ok(Math.abs(mean(shoot(0.8)) / (800 + 50 ** 2 / (2 * 800)) - 1) < 0.005);
});

Deno.test("acquire() multiplies by the coil sensitivity exp(b·x)", () => {
  const appearance = { ...plain, noise: 0, bias: [0.5, 0, 0, 0, 0, 0, 0, 0] };
  const signal = new Float32Array(plane.width * plane.height).fill(0.4);
  const image = acquire(signal, { plane, depth: 0, appearance, rng: random("bias") });
  const edge = 1 - 1 / plane.width;
  assert.equal(image[0], Math.round(400 * Math.exp(-0.5 * edge)));
  assert.equal(image[plane.width - 1], Math.round(400 * Math.exp(0.5 * edge)));
});

Deno.test("drawAppearance() keeps blood brighter than myocardium, by a ratio that varies", () => {
  const ratios = Array.from({ length: 50 }, (_, i) => {
    const { blood, myocardium } = drawAppearance(random("look", i)).tissues;
    return blood.level / myocardium.level;
  });
  assert.ok(Math.min(...ratios) >= 1.4);
  assert.ok(Math.max(...ratios) / Math.min(...ratios) > 1.5);
});

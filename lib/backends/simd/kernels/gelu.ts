// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** The Gaussian error linear unit, x·Φ(x). */
import { CHUNK, exp4 } from "./pointwise";

/** y = x·Φ(x), n values. Unit: CHUNK values. */
export function gelu(unit: i32, _scratch: usize, x: usize, y: usize, n: i32): void {
  const end = min(n, (unit + 1) * CHUNK);
  let i = unit * CHUNK;
  for (; i + 4 <= end; i += 4) {
    const value = v128.load(x + i * 4);
    v128.store(y + i * 4, f32x4.mul(value, distribution(value, bell(value))));
  }
  for (; i < end; i++) {
    const value = v128.load32_zero(x + i * 4);
    const result = f32x4.mul(value, distribution(value, bell(value)));
    store<f32>(y + i * 4, f32x4.extract_lane(result, 0));
  }
}

/** dx = dy·(Φ(x) + x·φ(x)), n values. Unit: CHUNK values. */
export function geluGradient(
  unit: i32, _scratch: usize,
  dy: usize, x: usize, dx: usize, n: i32,
): void {
  const end = min(n, (unit + 1) * CHUNK);
  let i = unit * CHUNK;
  for (; i + 4 <= end; i += 4) {
    v128.store(dx + i * 4, f32x4.mul(v128.load(dy + i * 4), slope(v128.load(x + i * 4))));
  }
  for (; i < end; i++) {
    const result = f32x4.mul(v128.load32_zero(dy + i * 4), slope(v128.load32_zero(x + i * 4)));
    store<f32>(dx + i * 4, f32x4.extract_lane(result, 0));
  }
}

function slope(x: v128): v128 {
  const b = bell(x);
  const density = f32x4.mul(b, f32x4.splat(0.39894228040143268));
  return f32x4.relaxed_madd(x, density, distribution(x, b));
}

/** exp(−x²/2). */
function bell(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/**
 * Φ(x) from exp(−x²/2), to 1e-7: Abramowitz & Stegun 7.1.26, the error function's complement at
 * |x|/√2, halved, is the tail beyond |x|.
 */
function distribution(x: v128, b: v128): v128 {
  const one = f32x4.splat(1);
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678118654752));
  const t = f32x4.div(one, f32x4.relaxed_madd(z, f32x4.splat(0.3275911), one));
  let p = f32x4.relaxed_madd(t, f32x4.splat(1.061405429), f32x4.splat(-1.453152027));
  p = f32x4.relaxed_madd(p, t, f32x4.splat(1.421413741));
  p = f32x4.relaxed_madd(p, t, f32x4.splat(-0.284496736));
  p = f32x4.relaxed_madd(p, t, f32x4.splat(0.254829592));
  const tail = f32x4.mul(f32x4.mul(f32x4.mul(p, t), b), f32x4.splat(0.5));
  return v128.bitselect(f32x4.sub(one, tail), tail, f32x4.ge(x, f32x4.splat(0)));
}

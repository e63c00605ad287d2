// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** The leaky ReLU and its gradient. */
import { CHUNK } from "./pointwise";

/** y = x where x > 0, else alpha·x, n values. Unit: CHUNK values. */
export function leakyRelu(unit: i32, _scratch: usize, x: usize, y: usize, n: i32, alpha: f32): void {
  leakyReluGradient(unit, 0, x, x, y, n, alpha);
}

/** dx = dy where x > 0, else alpha·dy, n values. Unit: CHUNK values. */
export function leakyReluGradient(
  unit: i32,
  _scratch: usize,
  dy: usize,
  x: usize,
  dx: usize,
  n: i32,
  alpha: f32,
): void {
  const slope = f32x4.splat(alpha), zero = f32x4.splat(0);
  const end = min(n, (unit + 1) * CHUNK);
  let i = unit * CHUNK;
  for (; i + 4 <= end; i += 4) {
    const value = v128.load(dy + i * 4);
    const open = f32x4.gt(v128.load(x + i * 4), zero);
    v128.store(dx + i * 4, v128.bitselect(value, f32x4.mul(value, slope), open));
  }
  for (; i < end; i++) {
    const value = load<f32>(dy + i * 4);
    store<f32>(dx + i * 4, load<f32>(x + i * 4) > 0 ? value : value * alpha);
  }
}

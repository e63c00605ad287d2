// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * The one-dimensional transforms of Winograd's F(4×4, 3×3), and their transposes for the gradients
 * (Lavin & Gray 2016, with Bᵀ, G and Aᵀ as they give them). Each takes values `step` bytes apart and
 * stores them `toStep` bytes apart: of images for eight channels at a time, of filters for four.
 */

/** Bᵀ, 6 → 6. */
export function inputLine(from: usize, step: i32, to: usize, toStep: i32): void {
  const from1 = from + step, from2 = from1 + step, from3 = from2 + step;
  const from4 = from3 + step, from5 = from4 + step;
  const to1 = to + toStep, to2 = to1 + toStep, to3 = to2 + toStep;
  const to4 = to3 + toStep, to5 = to4 + toStep;
  const four = f32x4.splat(4), five = f32x4.splat(5);
  const l2 = v128.load(from2), r2 = v128.load(from2, 16);
  const l4 = v128.load(from4), r4 = v128.load(from4, 16);
  const l0 = v128.load(from), r0 = v128.load(from, 16);
  const lFirst = f32x4.relaxed_madd(four, l0, f32x4.relaxed_nmadd(five, l2, l4));
  const rFirst = f32x4.relaxed_madd(four, r0, f32x4.relaxed_nmadd(five, r2, r4));
  v128.store(to, lFirst);
  v128.store(to, rFirst, 16);
  const lEven = f32x4.relaxed_nmadd(four, l2, l4), rEven = f32x4.relaxed_nmadd(four, r2, r4);
  const lNear = f32x4.sub(l4, l2), rNear = f32x4.sub(r4, r2);
  const l1 = v128.load(from1), r1 = v128.load(from1, 16);
  const l3 = v128.load(from3), r3 = v128.load(from3, 16);
  const lOdd = f32x4.relaxed_nmadd(four, l1, l3), rOdd = f32x4.relaxed_nmadd(four, r1, r3);
  const lHalf = f32x4.sub(l3, l1), rHalf = f32x4.sub(r3, r1);
  const lFar = f32x4.add(lHalf, lHalf), rFar = f32x4.add(rHalf, rHalf);
  v128.store(to1, f32x4.add(lEven, lOdd));
  v128.store(to1, f32x4.add(rEven, rOdd), 16);
  v128.store(to2, f32x4.sub(lEven, lOdd));
  v128.store(to2, f32x4.sub(rEven, rOdd), 16);
  v128.store(to3, f32x4.add(lNear, lFar));
  v128.store(to3, f32x4.add(rNear, rFar), 16);
  v128.store(to4, f32x4.sub(lNear, lFar));
  v128.store(to4, f32x4.sub(rNear, rFar), 16);
  const l5 = v128.load(from5), r5 = v128.load(from5, 16);
  v128.store(to5, f32x4.relaxed_madd(four, l1, f32x4.relaxed_nmadd(five, l3, l5)));
  v128.store(to5, f32x4.relaxed_madd(four, r1, f32x4.relaxed_nmadd(five, r3, r5)), 16);
}

/** Aᵀ, 6 → 4, of which the first `count` are stored. */
export function outputLine(from: usize, step: i32, to: usize, toStep: i32, count: i32): void {
  const from1 = from + step, from2 = from1 + step, from3 = from2 + step;
  const from4 = from3 + step, from5 = from4 + step;
  const l1 = v128.load(from1), r1 = v128.load(from1, 16);
  const l2 = v128.load(from2), r2 = v128.load(from2, 16);
  const lSum = f32x4.add(l1, l2), rSum = f32x4.add(r1, r2);
  const lOdd = f32x4.sub(l1, l2), rOdd = f32x4.sub(r1, r2);
  const l3 = v128.load(from3), r3 = v128.load(from3, 16);
  const l4 = v128.load(from4), r4 = v128.load(from4, 16);
  const lFar = f32x4.add(l3, l4), rFar = f32x4.add(r3, r4);
  const lFarOdd = f32x4.sub(l3, l4), rFarOdd = f32x4.sub(r3, r4);
  const l0 = v128.load(from), r0 = v128.load(from, 16);
  v128.store(to, f32x4.add(l0, f32x4.add(lSum, lFar)));
  v128.store(to, f32x4.add(r0, f32x4.add(rSum, rFar)), 16);
  if (count == 1) return;
  const two = f32x4.splat(2), four = f32x4.splat(4), eight = f32x4.splat(8);
  const to1 = to + toStep, to2 = to1 + toStep, to3 = to2 + toStep;
  v128.store(to1, f32x4.relaxed_madd(two, lFarOdd, lOdd));
  v128.store(to1, f32x4.relaxed_madd(two, rFarOdd, rOdd), 16);
  if (count == 2) return;
  v128.store(to2, f32x4.relaxed_madd(four, lFar, lSum));
  v128.store(to2, f32x4.relaxed_madd(four, rFar, rSum), 16);
  if (count == 3) return;
  const l5 = v128.load(from5), r5 = v128.load(from5, 16);
  v128.store(to3, f32x4.add(l5, f32x4.relaxed_madd(eight, lFarOdd, lOdd)));
  v128.store(to3, f32x4.add(r5, f32x4.relaxed_madd(eight, rFarOdd, rOdd)), 16);
}

/** A, 4 → 6: the transpose of `outputLine`. */
export function outputGradientLine(from: usize, step: i32, to: usize, toStep: i32): void {
  const from1 = from + step, from2 = from1 + step, from3 = from2 + step;
  const to1 = to + toStep, to2 = to1 + toStep, to3 = to2 + toStep;
  const to4 = to3 + toStep, to5 = to4 + toStep;
  const two = f32x4.splat(2), four = f32x4.splat(4);
  const l0 = v128.load(from), r0 = v128.load(from, 16);
  const l2 = v128.load(from2), r2 = v128.load(from2, 16);
  v128.store(to, l0);
  v128.store(to, r0, 16);
  const lEven = f32x4.add(l0, l2), rEven = f32x4.add(r0, r2);
  const lFar = f32x4.relaxed_madd(four, l2, l0), rFar = f32x4.relaxed_madd(four, r2, r0);
  const l1 = v128.load(from1), r1 = v128.load(from1, 16);
  const l3 = v128.load(from3), r3 = v128.load(from3, 16);
  v128.store(to5, l3);
  v128.store(to5, r3, 16);
  const lOdd = f32x4.add(l1, l3), rOdd = f32x4.add(r1, r3);
  const lFarOdd = f32x4.mul(two, f32x4.relaxed_madd(four, l3, l1));
  const rFarOdd = f32x4.mul(two, f32x4.relaxed_madd(four, r3, r1));
  v128.store(to1, f32x4.add(lEven, lOdd));
  v128.store(to1, f32x4.add(rEven, rOdd), 16);
  v128.store(to2, f32x4.sub(lEven, lOdd));
  v128.store(to2, f32x4.sub(rEven, rOdd), 16);
  v128.store(to3, f32x4.add(lFar, lFarOdd));
  v128.store(to3, f32x4.add(rFar, rFarOdd), 16);
  v128.store(to4, f32x4.sub(lFar, lFarOdd));
  v128.store(to4, f32x4.sub(rFar, rFarOdd), 16);
}

/** G, 3 → 6. */
export function filterLine(from: usize, step: i32, to: usize, toStep: i32): void {
  const g0 = v128.load(from), g1 = v128.load(from + step), g2 = v128.load(from + 2 * step);
  const sixth = f32x4.splat(1.0 / 6.0);
  const ends = f32x4.mul(f32x4.add(g0, g2), sixth), middle = f32x4.mul(g1, sixth);
  const even = f32x4.relaxed_madd(g0, f32x4.splat(1.0 / 24.0), f32x4.mul(g2, sixth));
  const odd = f32x4.mul(g1, f32x4.splat(1.0 / 12.0));
  v128.store(to, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(to += toStep, f32x4.neg(f32x4.add(ends, middle)));
  v128.store(to += toStep, f32x4.sub(middle, ends));
  v128.store(to += toStep, f32x4.add(even, odd));
  v128.store(to += toStep, f32x4.sub(even, odd));
  v128.store(to + toStep, g2);
}

/** Gᵀ, 6 → 3: the transpose of `filterLine`. */
export function filterGradientLine(from: usize, step: i32, to: usize, toStep: i32): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from += step);
  const u2 = v128.load(from += step);
  const u3 = v128.load(from += step);
  const u4 = v128.load(from += step);
  const u5 = v128.load(from += step);
  const sixth = f32x4.splat(1.0 / 6.0);
  const sum1 = f32x4.mul(f32x4.add(u1, u2), sixth), sum2 = f32x4.add(u3, u4);
  v128.store(
    to,
    f32x4.sub(
      f32x4.relaxed_madd(u0, f32x4.splat(0.25), f32x4.mul(sum2, f32x4.splat(1.0 / 24.0))),
      sum1,
    ),
  );
  v128.store(
    to + toStep,
    f32x4.relaxed_madd(
      f32x4.sub(u2, u1),
      sixth,
      f32x4.mul(f32x4.sub(u3, u4), f32x4.splat(1.0 / 12.0)),
    ),
  );
  v128.store(to + 2 * toStep, f32x4.add(u5, f32x4.relaxed_madd(sum2, sixth, f32x4.neg(sum1))));
}

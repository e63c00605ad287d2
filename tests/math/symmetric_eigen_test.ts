import assert from "node:assert/strict";
import fc from "fast-check";
import { symmetricEigen } from "../../lib/math/symmetric_eigen.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";

/** Rows as one array. */
function matrix(...rows: number[][]): Float64Array {
  return Float64Array.from(rows.flat());
}

/** A square matrix by its entries. */
function square(order: number, entry: (i: number, j: number) => number): Float64Array {
  return Float64Array.from(
    { length: order * order },
    (_, at) => entry(Math.floor(at / order), at % order),
  );
}

Deno.test("symmetricEigen() knows small matrices", () => {
  assertClose(symmetricEigen(matrix([7])).values, [7], 1e-12);
  assertClose(symmetricEigen(matrix([2, 1], [1, 2])).values, [3, 1], 1e-12);
  assertClose(symmetricEigen(matrix([0, 2], [2, 0])).values, [2, -2], 1e-12);
  assertClose(symmetricEigen(matrix([1, 0, 0], [0, -4, 0], [0, 0, 3])).values, [3, 1, -4], 1e-12);
  assert.deepEqual([...symmetricEigen(new Float64Array(9)).values], [0, 0, 0]);
});

Deno.test("symmetricEigen() finds 2 − 2 cos(kπ/(n + 1)) of the second difference", () => {
  for (const order of [2, 5, 40]) {
    const { values: found } = symmetricEigen(
      square(order, (i, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0),
    );
    const expected = Array.from(
      { length: order },
      (_, k) => 2 - 2 * Math.cos((order - k) * Math.PI / (order + 1)),
    );
    assertClose(found, expected, 1e-12);
  }
});

Deno.test("symmetricEigen() finds those of a mirrored diagonal, close and zero ones too", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 1, 1 + 1e-9, 1e-6, -3, 250), { minLength: 1, maxLength: 9 }),
      fc.nat(),
      (eigenvalues, seed) => {
        const order = eigenvalues.length;
        const source = random("mirror", seed);
        const axis = eigenvalues.map(() => source.normal());
        const length = Math.hypot(...axis);
        // H = 1 − 2 a aᵀ is symmetric and orthogonal: H D H has the eigenvalues of D.
        const h = square(
          order,
          (i, j) => (i === j ? 1 : 0) - 2 * axis[i] * axis[j] / length ** 2,
        );
        const mirrored = square(
          order,
          (i, j) => eigenvalues.reduce((s, d, k) => s + h[i * order + k] * d * h[k * order + j], 0),
        );
        const expected = eigenvalues.toSorted((a, b) => b - a);
        const { values, vectors } = symmetricEigen(mirrored);
        assertClose(values, expected, 1e-12);
        const norm = Math.hypot(...eigenvalues, 1);
        // V A = Λ V with orthonormal rows V.
        const row = (v: number) => vectors.subarray(v * order, (v + 1) * order);
        for (let v = 0; v < order; v++) {
          const image = row(v).map((_, j) =>
            row(v).reduce((s, x, i) => s + x * mirrored[i * order + j], 0)
          );
          assertClose(image, row(v).map((x) => x * values[v]), 1e-12, norm);
          const products = values.map((_, w) => row(w).reduce((s, x, i) => s + x * row(v)[i], 0));
          assertClose(products, values.map((_, w) => v === w ? 1 : 0), 1e-12);
        }
      },
    ),
  );
});

Deno.test("symmetricEigen() leaves the matrix as it is, and refuses what is not square", () => {
  const given = matrix([2, 1], [1, 2]);
  symmetricEigen(given);
  assert.deepEqual([...given], [2, 1, 1, 2]);
  assert.throws(() => symmetricEigen(new Float64Array(6)), {
    name: "RangeError",
    message: "symmetricEigen: expected a square matrix, found 6 values",
  });
});

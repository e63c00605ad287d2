import assert from "node:assert/strict";
import fc from "fast-check";
import { symmetricEigenvalues } from "../../lib/evaluators/symmetric_eigenvalues.ts";
import { random } from "../../lib/random.ts";
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

Deno.test("symmetricEigenvalues() knows small matrices", () => {
  assertClose(symmetricEigenvalues(matrix([7])), [7], 1e-12);
  assertClose(symmetricEigenvalues(matrix([2, 1], [1, 2])), [3, 1], 1e-12);
  assertClose(symmetricEigenvalues(matrix([0, 2], [2, 0])), [2, -2], 1e-12);
  assertClose(symmetricEigenvalues(matrix([1, 0, 0], [0, -4, 0], [0, 0, 3])), [3, 1, -4], 1e-12);
  assert.deepEqual([...symmetricEigenvalues(new Float64Array(9))], [0, 0, 0]);
});

Deno.test("symmetricEigenvalues() finds 2 − 2 cos(kπ/(n + 1)) of the second difference", () => {
  for (const order of [2, 5, 40]) {
    const found = symmetricEigenvalues(
      square(order, (i, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0),
    );
    const expected = Array.from(
      { length: order },
      (_, k) => 2 - 2 * Math.cos((order - k) * Math.PI / (order + 1)),
    );
    assertClose(found, expected, 1e-12);
  }
});

Deno.test("symmetricEigenvalues() finds those of a mirrored diagonal, close and zero ones too", () => {
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
        assertClose(symmetricEigenvalues(mirrored), expected, 1e-12);
      },
    ),
  );
});

Deno.test("symmetricEigenvalues() leaves the matrix as it is, and refuses what is not square", () => {
  const given = matrix([2, 1], [1, 2]);
  symmetricEigenvalues(given);
  assert.deepEqual([...given], [2, 1, 1, 2]);
  assert.throws(() => symmetricEigenvalues(new Float64Array(6)), {
    name: "RangeError",
    message: "symmetricEigenvalues: expected a square matrix, found 6 values",
  });
});

import assert from "node:assert/strict";
import { covarianceMatrix } from "../../lib/math/covariance.ts";
import { compactFeatures, expandFeatures } from "../../lib/analysis/compact_features.ts";
import { cosineSimilarity } from "../../lib/analysis/feature_maps.ts";
import { leadingAxes } from "../../lib/math/leading_axes.ts";
import { symmetricEigen } from "../../lib/math/symmetric_eigen.ts";
import { random } from "../../lib/math/random.ts";

/** Features about 0 that vary less in each dimension than in the one before. */
function features(pixels: number, dimensions: number): Float32Array {
  const source = random("features");
  return Float32Array.from(
    { length: pixels * dimensions },
    (_, i) => source.normal() * 0.7 ** (i % dimensions),
  );
}

function energy(rows: Float32Array, basis: ArrayLike<number>, dimensions: number): number {
  let sum = 0;
  for (let at = 0; at < rows.length; at += dimensions) {
    for (let axis = 0; axis < basis.length; axis += dimensions) {
      let product = 0;
      for (let i = 0; i < dimensions; i++) product += rows[at + i] * basis[axis + i];
      sum += product ** 2;
    }
  }
  return sum;
}

Deno.test("leadingAxes() holds as much as the leading eigenvectors, on orthonormal axes", () => {
  const [dimensions, axes] = [12, 4];
  const half = features(300, dimensions);
  // Each row beside its opposite: the mean is 0, and the covariance the second moment.
  const rows = Float32Array.from(
    { length: 2 * half.length },
    (_, i) => i < half.length ? half[i] : -half[i - half.length],
  );
  const basis = leadingAxes(rows, { dimensions, axes });
  const { vectors } = symmetricEigen(covarianceMatrix(Float64Array.from(rows), dimensions));
  const best = energy(rows, vectors.subarray(0, axes * dimensions), dimensions);
  const held = energy(rows, basis, dimensions);
  assert.ok(held > 0.9999 * best && held < 1.0001 * best, `${held} of ${best}`);
  for (let a = 0; a < axes; a++) {
    for (let b = 0; b <= a; b++) {
      const product = basis.subarray(a * dimensions, (a + 1) * dimensions)
        .reduce((sum, x, i) => sum + x * basis[b * dimensions + i], 0);
      assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-9);
    }
  }
});

Deno.test("leadingAxes() gives orthonormal axes of rows that do not vary, or are nothing", () => {
  for (const rows of [Float32Array.of(1, 2, 2, 1, 2, 2), new Float32Array(6)]) {
    const basis = leadingAxes(rows, { dimensions: 3, axes: 3 });
    assert.ok(Math.abs(energy(Float32Array.of(1, 0, 0, 0, 1, 0), basis, 3) - 2) < 1e-6);
  }
});

Deno.test("compactFeatures() keeps cosines where all axes are kept", () => {
  const [pixels, dimensions] = [200, 8];
  const full = { values: features(pixels, dimensions), dimensions };
  const compact = compactFeatures(full, 32);
  assert.equal(compact.dimensions, dimensions);
  assert.equal(compact.values.length, pixels * dimensions);
  assert.ok(Math.abs(compact.kept - 1) < 1e-4);
  const expanded = expandFeatures(compact);
  const [expected, found] = [full, expanded].map((of) =>
    cosineSimilarity(of, of.values.slice(0, dimensions))
  );
  expected.forEach((cosine, pixel) => assert.ok(Math.abs(cosine - found[pixel]) < 0.02));
});

Deno.test("compactFeatures() keeps most of what varies on few axes, and says how much", () => {
  const [pixels, dimensions] = [9000, 16];
  const full = { values: features(pixels, dimensions), dimensions };
  const compact = compactFeatures(full, 5);
  assert.equal(compact.dimensions, 5);
  assert.equal(compact.values.length, pixels * 5);
  assert.ok(compact.kept > 0.9 && compact.kept < 0.999, `${compact.kept}`);
});

Deno.test("compactFeatures() leaves a pixel without features without", () => {
  const { values } = compactFeatures({ values: Float32Array.of(0, 0, 3, 4), dimensions: 2 }, 2);
  assert.deepEqual([...values.subarray(0, 2)], [0, 0]);
});

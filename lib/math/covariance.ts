/**
 * How features vary together.
 *
 * @module
 */

/**
 * The biased covariance of rows of features, in float64: small eigenvalues count too.
 *
 * @param rows [count × dimensions], row by row.
 * @returns [dimensions × dimensions].
 */
export function covarianceMatrix(rows: Float64Array, dimensions: number): Float64Array {
  const count = rows.length / dimensions;
  const means = new Float64Array(dimensions);
  rows.forEach((x, i) => means[i % dimensions] += x / count);
  const centred = rows.map((x, i) => x - means[i % dimensions]);
  const covariance = new Float64Array(dimensions * dimensions);
  for (let start = 0; start < centred.length; start += dimensions) {
    const row = centred.subarray(start, start + dimensions);
    row.forEach((x, i) => {
      const share = x / count;
      for (let j = 0; j < dimensions; j++) covariance[i * dimensions + j] += share * row[j];
    });
  }
  return covariance;
}

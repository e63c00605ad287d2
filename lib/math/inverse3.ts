/**
 * The inverse of a 3 × 3 matrix.
 *
 * @module
 */

/** The inverse of a matrix's first three rows and columns; of a singular one, not finite. */
export function inverse3(m: readonly (readonly number[])[]): number[][] {
  const cofactor = (i: number, j: number) => {
    const [a, b] = [0, 1, 2].filter((row) => row !== i);
    const [c, d] = [0, 1, 2].filter((column) => column !== j);
    return (i + j & 1 ? -1 : 1) * (m[a][c] * m[b][d] - m[a][d] * m[b][c]);
  };
  const determinant = [0, 1, 2].reduce((sum, j) => sum + m[0][j] * cofactor(0, j), 0);
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => cofactor(j, i) / determinant));
}

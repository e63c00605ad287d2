/**
 * WGSL of how a product reads and writes matrices: four columns at once, where they allow it as one
 * vector.
 *
 * @module
 */

/** Values along the channels that are read at once. */
export function vectorOf(channels: number): "vec4f" | "f32" {
  return channels % 4 === 0 ? "vec4f" : "f32";
}

/** Four neighbours: one vector, or four numbers. */
export function fourOf(type: "vec4f" | "f32", at: (j: number) => string): string {
  if (type === "vec4f") return `return ${at(0)};`;
  return `return vec4f(${[0, 1, 2, 3].map(at).join(", ")});`;
}

/** WGSL: a load function of a matrix in memory, four columns at once and 0 outside. */
export function matrix(
  name: string,
  buffer: string,
  { rows, columns }: { rows: number; columns: number },
): string {
  const type = vectorOf(columns);
  const quad = `${buffer}[(row * ${columns}u + column) / 4u]`;
  const each = (j: number) => `${buffer}At(row, column + ${j}u)`;
  const one = type === "vec4f" ? "" : `fn ${buffer}At(row: u32, column: u32) -> f32 {
  if (column >= ${columns}u) { return 0.0; }
  return ${buffer}[row * ${columns}u + column];
}`;
  return `${one}
fn ${name}(row: u32, column: u32) -> vec4f {
  if (row >= ${rows}u || column >= ${columns}u) { return vec4f(); }
  ${fourOf(type, (j) => type === "vec4f" ? quad : each(j))}
}`;
}

/** WGSL: the store function of a matrix, or of one per split, from row `first` on. */
export function storeMatrix(
  buffer: string,
  size: { rows: number; columns: number },
  first = "0u",
): string {
  const { rows, columns } = size;
  const place = `(split * ${rows}u + ${first} + row) * ${columns}u + column`;
  return storeAt(buffer, { ...size, type: vectorOf(columns), place });
}

/** WGSL: the store function of a result whose places are computed; four columns lie side by side. */
export function storeAt(
  buffer: string,
  { rows, columns, type, place }: {
    rows: number;
    columns: number;
    type: "vec4f" | "f32";
    place: string;
  },
): string {
  const one = (j: number) =>
    `{ let column = first + ${j}u; if (column < ${columns}u) { ${buffer}[${place}] = ` +
    `value.${"xyzw"[j]}; } }`;
  return `fn store(split: u32, row: u32, first: u32, value: vec4f) {
  if (row >= ${rows}u || first >= ${columns}u) { return; }
  ${
    type === "vec4f"
      ? `let column = first; ${buffer}[(${place}) / 4u] = value;`
      : [0, 1, 2, 3].map(one).join("\n  ")
  }
}`;
}

/** WGSL: a load function of a matrix that lies in memory transposed: [columns, rows] in `size`. */
export function transposedMatrix(
  name: string,
  buffer: string,
  { rows, columns }: { rows: number; columns: number },
): string {
  const one = (j: number) =>
    `select(0.0, ${buffer}[(column + ${j}u) * ${rows}u + row], column + ${j}u < ${columns}u)`;
  return `fn ${name}(row: u32, column: u32) -> vec4f {
  if (row >= ${rows}u) { return vec4f(); }
  return vec4f(${[0, 1, 2, 3].map(one).join(", ")});
}`;
}

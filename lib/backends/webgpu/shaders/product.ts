/**
 * A matrix product in WGSL whose matrices may be anything that can be loaded by index: the
 * convolutions are such products (implicit GEMM).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** The sizes of a product [rows × depth] · [depth × columns]. */
export interface ProductSizes {
  /** Rows of the result. */
  rows: number;
  /** Columns of the result. */
  columns: number;
  /** What is summed over. */
  depth: number;
  /** Parts of the depth that are summed apart; `store` is told which. */
  splits: number;
  /**
   * Half precision: factors, WGSL, that bring A and B into its range, powers of two. Tiles are then
   * halves, sums over a tile's depth too, and sums of those float32; results are divided by both.
   */
  half?: { a: string; b: string };
}

/** A product, and how its matrices are read and written. */
export interface Product extends ProductSizes {
  /**
   * Which four neighbours `loadA(row, k) -> vec4f` gives: along the depth, k to k + 3 of a row, or
   * along the rows, row to row + 3 at one k.
   */
  along: "depth" | "rows";
  /**
   * WGSL: bindings, and the functions `loadA(row: u32, k: u32) -> vec4f`, `loadB(k: u32, column: u32)
   * -> vec4f` (column to column + 3) and `store(split: u32, row: u32, column: u32, value: vec4f)`
   * (likewise). Loads are 0 outside; whatever lies in the last tile is asked for and stored.
   */
  code: string;
}

/** Rows and columns that one invocation computes. */
const THREAD_TILE = 8;
/** Depth of a tile. */
const TILE_DEPTH = 16;
/** Steps of the depth written out one after another; more make shaders slow to compile. */
const UNROLLED = 4;

/** Large tiles from which on a product has enough of them to keep a large GPU busy. */
const MANY_TILES = 256;

/** How a product is cut into tiles. */
interface Tiles {
  /** Invocations of a workgroup, which computes a tile. */
  threads: number;
  /** Rows of a tile. */
  rows: number;
  /** Columns of a tile. */
  columns: number;
}

/**
 * Large products have large tiles, in which each number that was loaded is used more often; in halves
 * that was slower. Few columns, as the first layers have, make tiles high instead of wasting half of
 * their width.
 */
function tilesOf({ rows, columns, half }: Omit<ProductSizes, "depth" | "splits">): Tiles {
  const large = !half && Math.ceil(rows / 128) * Math.ceil(columns / 128) >= MANY_TILES;
  if (large && columns > 64) return { threads: 256, rows: 128, columns: 128 };
  const width = columns <= 16 ? 16 : columns <= 32 ? 32 : 64;
  return { threads: 64, rows: 64 * THREAD_TILE ** 2 / width, columns: width };
}

/** The workgroups of a product: along the rows, the columns, the splits. */
export function productWorkgroups(product: ProductSizes): number[] {
  const { rows, columns } = tilesOf(product);
  return [Math.ceil(product.rows / rows), Math.ceil(product.columns / columns), product.splits];
}

/** The parts into which to split a depth so that at least so many workgroups share the work. */
export function splitsFor(
  product: Omit<ProductSizes, "splits">,
  workgroups: number,
): number {
  const { rows, columns } = tilesOf(product);
  const tiles = Math.ceil(product.rows / rows) * Math.ceil(product.columns / columns);
  return Math.min(Math.ceil(workgroups / tiles), Math.ceil(product.depth / (8 * TILE_DEPTH)));
}

/** The sum of a product's parts [splits, …shape], which are disposed. */
export function sumParts(
  backend: WebgpuBackend,
  parts: tf.TensorInfo,
  { label, shape }: { label: string; shape: number[] },
): tf.TensorInfo {
  const splits = parts.shape[0];
  if (splits === 1) return { ...parts, shape };
  const size = tf.util.sizeFromShape(shape);
  const body = `  var sum = 0.0;
  for (var part = 0u; part < ${splits}u; part++) { sum += parts[part * ${size}u + i]; }
  total[i] = sum;`;
  const [total] = dispatch(backend, {
    label,
    code: () => `${bindings({ parts: "f32", total: "f32" }, 1)}\n${flatMain(size, 64, body)}`,
    inputs: [parts],
    outputs: [shape],
    workgroups: flatWorkgroups(size, 64),
  });
  backend.disposeData(parts.dataId);
  return total;
}

/**
 * The shader: tiles of both matrices pass through workgroup memory, each invocation keeps its part of
 * the result in registers.
 */
export function productShader(product: Product): string {
  const { depth, splits, along, half, code } = product;
  const vector = half ? "vec4h" : "vec4f";
  const tiles = tilesOf(product);
  const across = tiles.columns / THREAD_TILE;
  const down = tiles.threads / across;
  const [aWidth, bWidth] = [tiles.rows / 4, tiles.columns / 4];
  const share = Math.ceil(depth / (splits * TILE_DEPTH)) * TILE_DEPTH;
  const [aRows, bColumns] = [range(THREAD_TILE / 4), range(THREAD_TILE / 4)];
  const results = range(THREAD_TILE).flatMap((row) => bColumns.map((column) => [row, column]));
  const name = ([row, column]: number[]) => `sum_${row}_${column}`;
  // What the steps of a tile add to.
  const term = (place: number[]) => half ? `half_${name(place)}` : name(place);
  const step = (k: number) =>
    [
      ...aRows.map((i) => `let a${i} = tileA[(d + ${k}u) * ${aWidth}u + down + ${i * down}u];`),
      ...bColumns.map((j) =>
        `let b${j} = tileB[(d + ${k}u) * ${bWidth}u + across + ${j * across}u];`
      ),
      ...results.map(([row, column]) =>
        `${term([row, column])} = fma(${vector}(a${row >> 2}.${"xyzw"[row & 3]}), b${column}, ` +
        `${term([row, column])});`
      ),
    ].join(" ");
  return `${half ? "enable f16;" : ""}
${code}
var<workgroup> tileA: array<${vector}, ${TILE_DEPTH * aWidth}>;
var<workgroup> tileB: array<${vector}, ${TILE_DEPTH * bWidth}>;
fn tiledA(value: vec4f) -> ${vector} { return ${half ? `vec4h(value * ${half.a})` : "value"}; }
fn tiledB(value: vec4f) -> ${vector} { return ${half ? `vec4h(value * ${half.b})` : "value"}; }

@compute @workgroup_size(${tiles.threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let firstRow = group.x * ${tiles.rows}u;
  let firstColumn = group.y * ${tiles.columns}u;
  let across = local % ${across}u;
  let down = local / ${across}u;
${results.map((place) => `  var ${name(place)} = vec4f();`).join("\n")}
  let end = min((group.z + 1u) * ${share}u, ${depth}u);
  for (var k = group.z * ${share}u; k < end; k += ${TILE_DEPTH}u) {
${firsts(tiles, tiles.rows).map((first) => loadA(first, along, aWidth)).join("\n")}
${firsts(tiles, tiles.columns).map((first) => loadB(first, bWidth)).join("\n")}
    workgroupBarrier();
${half ? results.map((place) => `    var ${term(place)} = vec4h();`).join("\n") : ""}
    for (var d = 0u; d < ${TILE_DEPTH}u; d += ${UNROLLED}u) {
${range(UNROLLED).map((k) => `      { ${step(k)} }`).join("\n")}
    }
${half ? results.map((at) => `    ${name(at)} += vec4f(${term(at)});`).join("\n") : ""}
    workgroupBarrier();
  }
${
    results.map(([row, column]) => {
      const r = `firstRow + (down + ${(row >> 2) * down}u) * 4u + ${row & 3}u`;
      const c = `firstColumn + (across + ${column * across}u) * 4u`;
      const scale = half ? ` / (${half.a} * ${half.b})` : "";
      return `  store(group.z, ${r}, ${c}, ${name([row, column])}${scale});`;
    }).join("\n")
  }
}`;
}

/** Where the parts of a matrix's tile start that each invocation loads one vector of. */
function firsts({ threads }: Tiles, width: number): number[] {
  return range(width * TILE_DEPTH / 4 / threads).map((part) => part * threads);
}

/** The invocation's vector of a part of A's tile, which lies in memory as [depth][rows]. */
function loadA(first: number, along: Product["along"], width: number): string {
  const at = `let at = local + ${first}u;`;
  if (along === "rows") {
    return `    { ${at} tileA[at] = tiledA(loadA(firstRow + at % ${width}u * 4u, k + at / ${width}u)); }`;
  }
  const quads = TILE_DEPTH / 4;
  const store = range(4).map((j) =>
    `tileA[(depth + ${j}u) * ${width}u + row / 4u][row % 4u] = value.${"xyzw"[j]};`
  );
  return `    { ${at} let row = at / ${quads}u; let depth = at % ${quads}u * 4u;
      let value = tiledA(loadA(firstRow + row, k + depth)); ${store.join(" ")} }`;
}

/** The invocation's vector of a part of B's tile, [depth][columns]. */
function loadB(first: number, width: number): string {
  const at = `let at = local + ${first}u;`;
  return `    { ${at} tileB[at] = tiledB(loadB(k + at / ${width}u, firstColumn + at % ${width}u * 4u)); }`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/**
 * The bilinear warp and its gradient.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch, flatMain, flatWorkgroups } from "../dispatch.ts";

/** Invocations of a workgroup. */
const THREADS = 64;

/** The contract's kernels, see lib/ops/grid_sample.ts. */
export const gridSampleEntries = {
  GridSample: ({ inputs: { x, grid }, backend }) => {
    const [batch, height, width, channels] = x.shape;
    const [, outHeight, outWidth] = grid.shape;
    const size = batch * outHeight * outWidth * channels;
    const body = `  let point = i / ${channels}u;
  let image = point / ${outHeight * outWidth}u;
  let at = placeOf(point);
  let corner = vec2i(floor(at));
  var sum = 0.0;
  for (var tap = 0; tap < 4; tap++) {
    let pixel = corner + vec2i(tap & 1, tap >> 1);
    if (all(pixel >= vec2i()) && all(pixel < vec2i(${width}, ${height}))) {
      let near = 1.0 - abs(at - vec2f(pixel));
      let place = (image * ${height}u + u32(pixel.y)) * ${width}u + u32(pixel.x);
      sum += near.x * near.y * x[place * ${channels}u + i % ${channels}u];
    }
  }
  y[i] = sum;`;
    const [y] = dispatch(backend, {
      label: "GridSample",
      code: () =>
        `${bindings({ x: "f32", grid: "vec2f", y: "f32" }, 1)}
${placeOf(height, width)}
${flatMain(size, THREADS, body)}`,
      inputs: [x, grid],
      outputs: [[batch, outHeight, outWidth, channels]],
      workgroups: flatWorkgroups(size, THREADS),
    });
    return y;
  },
  GridSampleGrad: ({ inputs: { dy, grid }, attrs: { height, width }, backend }) => {
    const lists = pointLists(backend, grid, { height, width });
    const dx = gather(backend, { dy, grid, ...lists }, { height, width });
    for (const { dataId } of Object.values(lists)) backend.disposeData(dataId);
    return dx;
  },
} satisfies Entries<WebgpuBackend>;

/** WGSL: where a point of the grid lies, in pixels. */
function placeOf(height: number, width: number): string {
  return `fn placeOf(point: u32) -> vec2f {
  return (grid[point] + 1.0) * vec2f(${(width - 1) / 2}, ${(height - 1) / 2});
}`;
}

/** The points of the grid by the pixel that lies above and to the left of them, its cell. */
interface PointLists {
  /** Where each cell's points end in `list`; they begin where the one before ends. */
  ends: tf.TensorInfo;
  /** The points of each image, cell by cell and in their order. */
  list: tf.TensorInfo;
}

/** Invocations of the workgroup that sorts the points of an image. */
const SORTERS = 256;

/**
 * Sorts the points of each image by cell, one workgroup per image: counts, adds up, puts them in
 * place, and brings each cell's few into order, so that sums do not depend on the device's timing.
 * Cells run from column and row −1 on, for points just outside.
 */
function pointLists(
  backend: WebgpuBackend,
  grid: tf.TensorInfo,
  { height, width }: { height: number; width: number },
): PointLists {
  const [batch, outHeight, outWidth] = grid.shape;
  const points = outHeight * outWidth;
  const cells = (height + 1) * (width + 1);
  const [ends, list] = dispatch(backend, {
    label: "GridSampleGrad, points by cell",
    variant: [height, width],
    code: () => sortingShader({ height, width }, points),
    inputs: [grid],
    outputs: [[batch, cells], [batch, points]],
    workgroups: [batch, 1, 1],
  });
  return { ends, list };
}

function sortingShader(
  { height, width }: { height: number; width: number },
  points: number,
): string {
  const cells = (height + 1) * (width + 1);
  const each = (count: number, name: string, body: string) =>
    `for (var ${name} = local; ${name} < ${count}u; ${name} += ${SORTERS}u) { ${body} }`;
  const share = Math.ceil(cells / SORTERS);
  return `${bindings({ grid: "vec2f", ends: "atomic<u32>", list: "u32" }, 2)}
${placeOf(height, width)}
var<workgroup> sums: array<u32, ${SORTERS}>;

/// The cell of a point, or ${cells} where it lies outside.
fn cellOf(point: u32) -> u32 {
  let corner = vec2i(floor(placeOf(point))) + 1;
  if (any(corner < vec2i()) || any(corner > vec2i(${width}, ${height}))) { return ${cells}u; }
  return u32(corner.y) * ${width + 1}u + u32(corner.x);
}

@compute @workgroup_size(${SORTERS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let firstCell = group.x * ${cells}u;
  let firstPoint = group.x * ${points}u;
  ${each(cells, "cell", "atomicStore(&ends[firstCell + cell], 0u);")}
  storageBarrier();
  ${
    each(
      points,
      "point",
      `let cell = cellOf(firstPoint + point);
    if (cell < ${cells}u) { atomicAdd(&ends[firstCell + cell], 1u); }`,
    )
  }
  storageBarrier();
  let first = min(local * ${share}u, ${cells}u);
  let last = min(first + ${share}u, ${cells}u);
  var sum = 0u;
  for (var cell = first; cell < last; cell++) { sum += atomicLoad(&ends[firstCell + cell]); }
  sums[local] = sum;
  workgroupBarrier();
  var start = 0u;
  for (var other = 0u; other < local; other++) { start += sums[other]; }
  for (var cell = first; cell < last; cell++) {
    let count = atomicLoad(&ends[firstCell + cell]);
    atomicStore(&ends[firstCell + cell], start);
    start += count;
  }
  storageBarrier();
  ${
    each(
      points,
      "point",
      `let cell = cellOf(firstPoint + point);
    if (cell < ${cells}u) {
      list[firstPoint + atomicAdd(&ends[firstCell + cell], 1u)] = firstPoint + point;
    }`,
    )
  }
  storageBarrier();
  ${
    each(
      cells,
      "cell",
      `let end = firstPoint + atomicLoad(&ends[firstCell + cell]);
    var begin = firstPoint;
    if (cell > 0u) { begin += atomicLoad(&ends[firstCell + cell - 1u]); }
    for (var i = begin + 1u; i < end; i++) {
      let point = list[i];
      var j = i;
      while (j > begin && list[j - 1u] > point) { list[j] = list[j - 1u]; j--; }
      list[j] = point;
    }`,
    )
  }
}`;
}

/** Each pixel gathers from the points in the four cells around it: dx. */
function gather(
  backend: WebgpuBackend,
  { dy, grid, ends, list }: PointLists & Record<"dy" | "grid", tf.TensorInfo>,
  { height, width }: { height: number; width: number },
): tf.TensorInfo {
  const [batch, outHeight, outWidth, channels] = dy.shape;
  const size = batch * height * width * channels;
  const cells = (height + 1) * (width + 1);
  const body = `  let pixel = i / ${channels}u;
  let image = pixel / ${height * width}u;
  let column = pixel % ${width}u;
  let row = pixel / ${width}u % ${height}u;
  var sum = 0.0;
  for (var tap = 0u; tap < 4u; tap++) {
    let cell = (row + (tap >> 1u)) * ${width + 1}u + column + (tap & 1u);
    var at = image * ${outHeight * outWidth}u;
    let end = at + ends[image * ${cells}u + cell];
    if (cell > 0u) { at += ends[image * ${cells}u + cell - 1u]; }
    for (; at < end; at++) {
      let point = list[at];
      let near = 1.0 - abs(placeOf(point) - vec2f(f32(column), f32(row)));
      sum += near.x * near.y * dy[point * ${channels}u + i % ${channels}u];
    }
  }
  dx[i] = sum;`;
  const [dx] = dispatch(backend, {
    label: "GridSampleGrad",
    code: () =>
      `${bindings({ dy: "f32", grid: "vec2f", ends: "u32", list: "u32", dx: "f32" }, 1)}
${placeOf(height, width)}
${flatMain(size, THREADS, body)}`,
    inputs: [dy, grid, ends, list],
    outputs: [[batch, height, width, channels]],
    workgroups: flatWorkgroups(size, THREADS),
  });
  return dx;
}

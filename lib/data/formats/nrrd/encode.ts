/**
 * NRRD files as bytes: masks on the grid of a volume that was read.
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { compress } from "../compress.ts";
import { datatypeOf, fromVoxels } from "../datatype.ts";
import { shapeOn } from "../grid.ts";

/**
 * A .nrrd file, compressed with gzip, that holds `voxels` on the grid of `like`, placed in LPS.
 *
 * @param voxels x fastest, as many as `like` has, or as many as one of its frames has.
 * @throws {RangeError} If the number of voxels is another.
 */
export async function encodeNrrd(voxels: Voxels, like: Volume): Promise<Uint8Array> {
  const shape = shapeOn(voxels, like);
  const [x, y, z] = like.affine;
  const vector = (column: number) => `(${-x[column]},${-y[column]},${z[column]})`;
  const frames = shape.length > 3;
  const type = datatypeOf(voxels).replace("float32", "float").replace("float64", "double");
  const lines = [
    "NRRD0004",
    `type: ${type}`,
    `dimension: ${shape.length}`,
    "space: left-posterior-superior",
    `sizes: ${shape.join(" ")}`,
    `space directions: ${[0, 1, 2].map(vector).join(" ")}${frames ? " none" : ""}`,
    `kinds: domain domain domain${frames ? " list" : ""}`,
    "endian: little",
    "encoding: gzip",
    `space origin: ${vector(3)}`,
  ];
  const header = new TextEncoder().encode(`${lines.join("\n")}\n\n`);
  return concatBytes([header, await compress(fromVoxels(voxels, { littleEndian: true }), "gzip")]);
}

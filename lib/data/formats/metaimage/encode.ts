/**
 * MetaImage files as bytes: masks on the grid of a volume that was read.
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { compress } from "../compress.ts";
import { datatypeOf, fromVoxels } from "../datatype.ts";
import { columnLengths, shapeOn } from "../grid.ts";
import { META_TYPES } from "./header.ts";

/**
 * An .mha file, compressed with zlib, that holds `voxels` on the grid of `like`, placed in LPS.
 *
 * @param voxels x fastest, as many as `like` has, or as many as one of its frames has.
 * @throws {RangeError} If the number of voxels is another.
 */
export async function encodeMetaImage(voxels: Voxels, like: Volume): Promise<Uint8Array> {
  const shape = shapeOn(voxels, like);
  const sizes = columnLengths(like.affine);
  const [type] = [...META_TYPES].find(([, name]) => name === datatypeOf(voxels))!;
  const data = await compress(fromVoxels(voxels, { littleEndian: true }), "deflate");
  // A matrix has a row for each axis of the grid; that of frames is time's alone.
  const axes = shape.map((_, axis) =>
    shape.map((_, row) => {
      if (axis > 2 || row > 2) return axis === row ? 1 : 0;
      return (row < 2 ? -1 : 1) * like.affine[row][axis] / sizes[axis];
    })
  );
  const [x, y, z] = like.affine.map((row) => row[3]);
  const lines = [
    "ObjectType = Image",
    `NDims = ${shape.length}`,
    "BinaryData = True",
    "BinaryDataByteOrderMSB = False",
    "CompressedData = True",
    `CompressedDataSize = ${data.length}`,
    `TransformMatrix = ${axes.flat().join(" ")}`,
    `Offset = ${shape.map((_, row) => [-x, -y, z, 0][row]).join(" ")}`,
    `ElementSpacing = ${shape.map((_, axis) => [...sizes, 1][axis]).join(" ")}`,
    `DimSize = ${shape.join(" ")}`,
    `ElementType = MET_${type}`,
    "ElementDataFile = LOCAL",
  ];
  return concatBytes([new TextEncoder().encode(`${lines.join("\n")}\n`), data]);
}

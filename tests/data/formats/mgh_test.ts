import assert from "node:assert/strict";
import { decodeMgh } from "../../../lib/data/formats/mgh/decode.ts";
import { encodeMgh } from "../../../lib/data/formats/mgh/encode.ts";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import { writeMask } from "../../../lib/data/volumes/write_mask.ts";
import { withFolder } from "../../support/datasets.ts";
import { assertSameAffine, obliqueVolume } from "../../support/grids.ts";
import { pythonWith, runPython } from "../../support/python.ts";

const NIBABEL_WRITES = `
import json, nibabel, numpy
rng = numpy.random.default_rng(2)
affine = numpy.array([[-1.4, .2, .5, 10], [-.4, -.7, -1.5, -20], [0, -.1, 7.8, 30], [0, 0, 0, 1]])
expected = {}
for kind in "uint8", "int16", "int32", "float32":
    for shape in (5, 4, 3), (5, 4, 3, 2):
        values = rng.integers(0, 200, shape).astype(kind)
        name = f"{kind}_{len(shape)}." + ("mgz" if kind != "int32" else "mgh")
        image = nibabel.MGHImage(values, affine)
        nibabel.save(image, name)
        again = nibabel.load(name)
        expected[name] = [list(shape), numpy.asarray(again.dataobj).ravel(order="F").tolist(), again.affine.tolist()]
image = nibabel.MGHImage(values[..., 0], affine)
image.header["goodRASFlag"] = 0
data = bytearray(image.to_bytes())
data[28:30] = b"\\0\\0"
open("default.mgh", "wb").write(data)
again = nibabel.load("default.mgh")
expected["default.mgh"] = [[5, 4, 3], numpy.asarray(again.dataobj).ravel(order="F").tolist(), again.affine.tolist()]
json.dump(expected, open("expected.json", "w"))
`;

const NIBABEL_READS = `
import json, nibabel, numpy, sys
for name in sys.argv[1:]:
    image = nibabel.load(name)
    print(json.dumps([str(image.get_data_dtype()), image.affine.tolist(), numpy.asarray(image.dataobj).ravel(order="F").tolist()]))
`;

const python = await pythonWith("nibabel");
const reason = python ? "" : " (skipped: no nibabel)";

Deno.test(
  { name: `decodeMgh() reads what nibabel writes${reason}`, ignore: !python },
  () =>
    withFolder(async (dir) => {
      await runPython(python!, NIBABEL_WRITES, { dir });
      const expected: Record<string, [number[], number[], number[][]]> = JSON.parse(
        await Deno.readTextFile(`${dir}/expected.json`),
      );
      assert.equal(Object.keys(expected).length, 9);
      for (const [name, [shape, values, affine]] of Object.entries(expected)) {
        const read = await readVolume(`${dir}/${name}`);
        assert.deepEqual(read.shape, shape, name);
        assert.deepEqual(Array.from(read.voxels), values, name);
        assertSameAffine(read.affine, affine, 1e-5);
        assert.equal(read.warnings.length, name === "default.mgh" ? 1 : 0);
      }
    }),
);

Deno.test(
  { name: `encodeMgh() writes what nibabel reads${reason}`, ignore: !python },
  () =>
    withFolder(async (dir) => {
      const volume = obliqueVolume();
      const arrays = [Uint8Array, Int8Array, Uint16Array, Uint32Array, Float64Array];
      const kinds = ["uint8", ">i2", ">i4", ">i4", ">f4"];
      const names = arrays.map((_, i) => `${i}.${i % 2 ? "mgh" : "mgz"}`);
      const labels = arrays.map((array) => array.from(Array(60).keys()));
      for (const [i, name] of names.entries()) await writeMask(`${dir}/${name}`, labels[i], volume);
      const lines = (await runPython(python!, NIBABEL_READS, { dir, args: names })).trim().split(
        "\n",
      );
      for (const [i, line] of lines.entries()) {
        const [kind, affine, values] = JSON.parse(line);
        assert.equal(kind, kinds[i]);
        assert.deepEqual(values, Array.from(labels[i]));
        assertSameAffine(affine, volume.affine, 1e-5);
      }
    }),
);

Deno.test("decodeMgh() refuses what is no sound file", async () => {
  const volume = obliqueVolume();
  const bytes = encodeMgh(volume.voxels, volume);
  const changed = (at: number, value: number) => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setInt32(at, value);
    return copy;
  };
  const refused: [Uint8Array, RegExp][] = [
    [
      bytes.subarray(0, 100),
      /^SyntaxError: a\.mgh: expected an MGH header of 284 bytes, found 100/,
    ],
    [bytes.subarray(0, -1), /^SyntaxError: a\.mgh: expected 404 bytes of voxels, found 403: trunc/],
    [changed(0, 2), /^SyntaxError: a\.mgh: expected an MGH file of version 1/],
    [changed(4, 0), /^RangeError: a\.mgh: expected lengths from 1, found 0 × 4 × 3 × 1/],
    [changed(20, 7), /^TypeError: a\.mgh: expected integer or real voxels, found type 7/],
    [changed(30, 0), /^RangeError: a\.mgh: expected voxel sizes above 0, found 0, 0.75/],
  ];
  for (const [file, says] of refused) await assert.rejects(decodeMgh(file, "a.mgh"), says);
  await assert.rejects(decodeMgh(changed(4, 500_000_000), "a.mgh"), /RangeError|SyntaxError/);
});

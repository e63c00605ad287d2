import assert from "node:assert/strict";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import { writeMask } from "../../../lib/data/volumes/write_mask.ts";
import { tinyVolume, withFolder } from "../../support/datasets.ts";
import { pythonWith, runPython } from "../../support/python.ts";

/** Pictures as Pillow writes them, with the values that numpy gave it, x fastest and channels last. */
const PICTURES = `
import json, numpy as np
from PIL import Image
rng = np.random.default_rng(1)
expected = {}
def keep(name, array):
    # rows, columns, colours -> x, y, 1, colours
    a = np.asarray(array)
    a = a[:, :, None] if a.ndim == 2 else a
    shape = [a.shape[1], a.shape[0], 1] + ([a.shape[2]] if a.shape[2] > 1 else [])
    expected[name] = [shape, a.transpose(1, 0, 2).ravel(order="F").astype(float).tolist()]
def stack(name, pages):
    a = np.stack(pages)
    expected[name] = [[a.shape[2], a.shape[1], a.shape[0]], a.transpose(2, 1, 0).ravel(order="F").astype(float).tolist()]
grey = rng.integers(0, 256, (37, 21)).astype(np.uint8)
deep = rng.integers(0, 65536, (37, 21)).astype(np.uint16)
real = rng.normal(size=(37, 21)).astype(np.float32)
whole = rng.integers(-2**31, 2**31, (37, 21)).astype(np.int32)
rgb = rng.integers(0, 256, (37, 21, 3)).astype(np.uint8)
rgba = np.dstack([rgb, rng.integers(0, 256, (37, 21)).astype(np.uint8)])
bits = rng.integers(0, 2, (37, 21)).astype(bool)
smooth = (np.add.outer(np.arange(370), np.arange(210)) % 251).astype(np.uint8)
index = (grey % 5).astype(np.uint8)
def palette(array):
    image = Image.fromarray(array, "P")
    image.putpalette([7, 1, 3, 200, 10, 10, 10, 200, 10, 10, 10, 200, 9, 9, 9])
    return image
for name, array, true in [("grey", grey, grey), ("rgb", rgb, rgb), ("rgba", rgba, rgb), ("bits", bits, bits), ("smooth", smooth, smooth)]:
    Image.fromarray(array).save(name + ".png"); keep(name + ".png", true)
    for compression in [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
        file = f"{name}_{compression}.tif"
        Image.fromarray(array).save(file, compression=compression); keep(file, true)
Image.fromarray(deep).save("deep.png"); keep("deep.png", deep)
palette(index).save("palette.png"); keep("palette.png", index)
palette(index).save("palette.tif"); keep("palette.tif", index)
Image.fromarray(np.dstack([grey, grey, grey])).save("same.png"); keep("same.png", grey)
for name, array in [("deep", deep), ("real", real), ("whole", whole)]:
    for compression in [None, "tiff_lzw", "tiff_adobe_deflate"]:
        file = f"{name}_{compression}.tif"
        Image.fromarray(array).save(file, compression=compression); keep(file, array)
for predictor, array, name in [(2, grey, "grey"), (2, rgb, "rgb"), (2, deep, "deep")]:
    file = f"differences_{name}.tif"
    Image.fromarray(array).save(file, compression="tiff_lzw", tiffinfo={317: predictor}); keep(file, array)
pages = [rng.integers(0, 65536, (9, 7)).astype(np.uint16) for _ in range(4)]
first, *others = [Image.fromarray(page) for page in pages]
first.save("pages.tiff", save_all=True, append_images=others); stack("pages.tiff", pages)
json.dump(expected, open("expected.json", "w"))
`;

/** Prints the pages of pictures as numpy sees them, as one list each. */
const PAGES = `
import json, sys, numpy as np
from PIL import Image, ImageSequence
for name in sys.argv[1:]:
    with Image.open(name) as image:
        pages = [np.array(page) for page in ImageSequence.Iterator(image)]
    print(json.dumps([np.shape(pages), np.ravel(pages).tolist()]))
`;

const python = await pythonWith("PIL", "numpy");

const reason = python ? "" : " (skipped: no Pillow)";

Deno.test({
  name: `decodePng() and decodeTiff() read what Pillow writes${
    python ? "" : " (skipped: no Pillow)"
  }`,
  ignore: !python,
}, () =>
  withFolder(async (dir) => {
    await runPython(python!, PICTURES, { dir });
    const expected: Record<string, [number[], number[]]> = JSON.parse(
      await Deno.readTextFile(`${dir}/expected.json`),
    );
    assert.ok(Object.keys(expected).length > 30);
    for (const [name, [shape, values]] of Object.entries(expected)) {
      const { voxels, warnings, geometry, ...volume } = await readVolume(`${dir}/${name}`);
      assert.deepEqual(volume.shape, shape, name);
      assert.deepEqual(Array.from(voxels), values, name);
      assert.deepEqual(volume.spacing, [1, 1, 1], name);
      assert.equal(geometry.sformCode + geometry.qformCode, 0, name);
      const said = /palette/.test(name) ? /palette/ : /rgba/.test(name) ? /opacity/ : undefined;
      assert.equal(warnings.length, said ? 1 : 0, `${name}: ${warnings}`);
      if (said) assert.match(warnings[0], said);
    }
  }));

Deno.test({
  name: `encodePng() and encodeTiff() write what Pillow reads${reason}`,
  ignore: !python,
}, () =>
  withFolder(async (dir) => {
    const stack = tinyVolume();
    const slice = { ...stack, shape: [4, 6, 1] };
    const files = [
      { name: "a.png", like: slice, type: Uint8Array, shape: [1, 6, 4] },
      { name: "b.png", like: slice, type: Uint16Array, shape: [1, 6, 4] },
      { name: "a.tif", like: stack, type: Uint8Array, shape: [2, 3, 4] },
      { name: "b.tif", like: stack, type: Uint16Array, shape: [2, 3, 4] },
      { name: "c.tif", like: stack, type: Int32Array, shape: [2, 3, 4] },
      { name: "d.tif", like: slice, type: Float32Array, shape: [1, 6, 4] },
    ];
    const labels = (type: typeof files[number]["type"]) =>
      type.from(Array(24).keys()).fill(type === Uint8Array ? 200 : 1005, 0, 1);
    for (const { name, like, type } of files) await writeMask(`${dir}/${name}`, labels(type), like);
    const lines = await runPython(python!, PAGES, { dir, args: files.map(({ name }) => name) });
    lines.trim().split("\n").forEach((line, i) => {
      const { shape, type } = files[i];
      assert.deepEqual(JSON.parse(line), [shape, Array.from(labels(type))], files[i].name);
    });
  }));

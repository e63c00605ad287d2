import assert from "node:assert/strict";
import { isLabelMap } from "../../../lib/data/masks/mask_values.ts";
import { countWhole, looksLikeLabels } from "../../../lib/data/masks/whole_values.ts";
import { random } from "../../../lib/math/random.ts";
import { withFolder } from "../../support/datasets.ts";
import { pythonWith, runPython } from "../../support/python.ts";

Deno.test("countWhole() counts values that are whole within a thousandth", () => {
  const counts = countWhole(Float32Array.of(0, -0, 1.0005, 1, 0.9999, 0, -1), 9);
  assert.deepEqual(new Map(counts), new Map([[0, 3], [1, 3], [-1, 1]]));
  assert.equal(countWhole(Float32Array.of(0, 1.002), 9), undefined);
  assert.deepEqual(countWhole(Float32Array.of(NaN, NaN, 2, 0), 9), new Map([[0, 3], [2, 1]]));
  assert.equal(countWhole(Float32Array.of(0, Infinity), 9), undefined);
  assert.equal(countWhole(Uint8Array.of(0, 1, 2), 2), undefined);
});

Deno.test("looksLikeLabels() tells an atlas from an image of as many values", () => {
  const draw = random("an image");
  const image = Uint8Array.from({ length: 4096 }, () => draw.integer(100));
  assert.equal(looksLikeLabels({ voxels: image }), false);
  // An atlas of a hundred regions, each 8 voxels wide.
  const atlas = Uint8Array.from({ length: 4096 }, (_, i) => (i >> 3) % 100);
  assert.equal(looksLikeLabels({ voxels: atlas }), true);
  assert.equal(looksLikeLabels({ voxels: new Uint8Array(8) }), true, "nothing is outlined");
});

const python = await pythonWith("nibabel");

Deno.test({
  name: `isLabelMap() believes nibabel's intent code${python ? "" : " (skipped: no nibabel)"}`,
  ignore: !python,
  fn: () =>
    withFolder(async (dir) => {
      await runPython(
        python!,
        `
import nibabel as nib, numpy as np
voxels = np.random.default_rng(0).permutation(4096).reshape(16, 16, 16).astype(np.int16)
for name, kind in (("1", nib.Nifti1Image), ("2", nib.Nifti2Image)):
    for code in ("label", "none"):
        for ending in (".nii", ".nii.gz"):
            image = kind(voxels, np.eye(4)); image.header.set_intent(code)
            nib.save(image, f"{code}{name}{ending}")
big = nib.Nifti1Image(voxels, np.eye(4), nib.Nifti1Header(endianness=">")); big.header.set_intent("label")
nib.save(big, "label_big.nii")
`,
        { dir },
      );
      for (const { name } of Deno.readDirSync(dir)) {
        assert.equal(
          await isLabelMap(`${dir}/${name}`, { within: dir }),
          name.startsWith("label"),
          name,
        );
      }
      assert.equal(await isLabelMap(`${dir}/none.nii`, { within: dir }), false);
    }),
});

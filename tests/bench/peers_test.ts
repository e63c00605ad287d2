/** The peers of bench/peers: that they measure, cut slices and build networks as this toolkit does. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { writePhantomCohort } from "../../lib/data/phantom/cohort.ts";
import { prepareVolume, restoreMask } from "../../lib/data/slices/preprocess.ts";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";
import { tinyVolume, withFolder } from "../support/datasets.ts";
import { plainDice } from "../support/dice.ts";
import { pythonWith, runPython } from "../support/python.ts";
import { onCpu, TINY } from "../training/tiny.ts";

const PEERS = fileURLToPath(new URL("../../bench/peers", import.meta.url));
const IMPORTS = `import json, sys
sys.path.insert(0, ${JSON.stringify(PEERS)})
sys.dont_write_bytecode = True
`;

const light = await pythonWith("torch", "numpy", "nibabel");
const nnunet = await pythonWith("nnunetv2");

/** A test with a folder and a Python: skipped, saying so, where the Python is absent. */
function testWith(
  python: string | undefined,
  { name, needs }: { name: string; needs: string },
  body: (dir: string, python: string) => Promise<void>,
): void {
  Deno.test({
    name: python === undefined ? `${name} (skipped: no python3 with ${needs})` : name,
    ignore: python === undefined,
    fn: onCpu(() => withFolder((dir) => body(dir, python!))),
  });
}

const LIGHT = "torch and nibabel";

testWith(light, { name: "peers measure Dice by its definition", needs: LIGHT }, async (dir, at) => {
  const masks = [0, 1].map((which) => {
    const source = random("masks", which);
    // No RV in the first, no LV in either.
    const least = which === 0 ? 1 : 0;
    return Uint8Array.from({ length: 300 }, () => [0, 2, 1][source.integer(3 - least)]);
  });
  const program = `${IMPORTS}
import numpy
from acdc import dice, summary
a, b = numpy.array(json.loads(sys.argv[1]))
cases = [dice(a, b), dice(a, a)]
print(json.dumps([cases, summary(cases[:1] + [{**cases[1], "RV": 0.5, "LV": 1.0}])]))`;
  const args = [JSON.stringify(masks.map((mask) => [...mask]))];
  const [cases, summary] = JSON.parse(await runPython(at, program, { dir, args }));
  const myo = plainDice(masks[0], masks[1], 2);
  assert.deepEqual(cases, [{ RV: 0, MYO: myo, LV: null }, { RV: null, MYO: 1, LV: null }]);
  const means = { RV: 0.25, MYO: (myo + 1) / 2, LV: 1 };
  assertClose(
    [summary.RV, summary.MYO, summary.LV, summary.mean],
    [means.RV, means.MYO, means.LV, (means.RV + means.MYO + means.LV) / 3],
    1e-12,
  );
});

testWith(
  light,
  { name: "peers cut slices and bring masks back as the toolkit does", needs: LIGHT },
  async (dir, at) => {
    const shape = [150, 90, 2];
    const inHeart = (x: number, y: number, reach: number) => Math.hypot(x - 132, y - 40) < reach;
    const each = <T>(of: (x: number, y: number) => T) =>
      Array.from(
        { length: shape[0] * shape[1] * shape[2] },
        (_, i) => of(i % shape[0], Math.floor(i / shape[0]) % shape[1]),
      );
    const source = random("peer's scan");
    const voxels = Float32Array.from(each(() => source.uniform(0, 1)));
    const mask = Uint8Array.from(each((x, y) => inHeart(x, y, 7) ? 3 : inHeart(x, y, 13) ? 2 : 0));
    const like = { ...tinyVolume(), shape };
    await writeNifti(`${dir}/image.nii.gz`, voxels, like);
    await writeNifti(`${dir}/mask.nii.gz`, mask, like);
    const [image, labels] = [
      await readNifti(`${dir}/image.nii.gz`),
      await readNifti(`${dir}/mask.nii.gz`),
    ];
    const grid = { size: 64, spacing: 2 };
    const scale: [number, number] = [0, 1];
    const trained = prepareVolume(image, grid, { mask: labels, window: "labels", scale });
    const tested = prepareVolume(image, grid, { scale });
    assert.notDeepEqual(trained.centre, tested.centre);
    const program = `${IMPORTS}
import numpy
from acdc import read
from unet_torch_acdc import aside, one_hot, restored, slices
(voxels, spacing), (mask, _) = read("image.nii.gz"), read("mask.nii.gz")
move = aside(mask, spacing)
slices(voxels[None], spacing, move=move).tofile("trained")
slices(one_hot(mask), spacing, move=move).argmax(1).astype("uint8").tofile("labels")
seen = slices(voxels[None], spacing)
seen.tofile("tested")
restored(numpy.concatenate([seen, 1 - seen], 1), voxels.shape, spacing).T.astype("uint8").tofile("mask")`;
    await runPython(at, program, { dir });
    const bytes = (name: string) => Deno.readFileSync(`${dir}/${name}`);
    assertClose(new Float32Array(bytes("trained").buffer), trained.images, 1e-5);
    assertClose(new Float32Array(bytes("tested").buffer), tested.images, 1e-5);
    assertDiffersLittle(bytes("labels"), trained.labels!);
    const classes = Float32Array.from(
      { length: 2 * tested.images.length },
      (_, i) => i % 2 ? 1 - tested.images[i >> 1] : tested.images[i >> 1],
    );
    assertDiffersLittle(bytes("mask"), restoreMask(classes, tested));
  },
);

/** Where two classes are level, rounding decides. */
function assertDiffersLittle(found: Uint8Array, expected: Uint8Array): void {
  assert.equal(found.length, expected.length);
  assert.ok(new Set(expected).size > 1);
  const differ = expected.filter((label, i) => label !== found[i]).length;
  assert.ok(differ <= expected.length / 500, `${differ} of ${expected.length} differ`);
}

testWith(
  light,
  { name: "the PyTorch peer has the toolkit's network", needs: LIGHT },
  async (dir, at) => {
    const backbone = { name: "unet" as const, widths: [16, 32, 64, 128], features: 64 };
    const { weights } = segmentationNetwork({ ...TINY, backbone }, 4);
    const ours = Object.entries(await exportWeights(weights)).map(([name, { shape }]) =>
      [name.replace(/^backbone\./, "").replace(/^head\.0\./, "head."), shape] as const
    );
    disposeWeights(weights);
    const program = `${IMPORTS}
from unet_torch_acdc import UNet
state = UNet().state_dict()
print(json.dumps({name: list(value.shape) for name, value in state.items() if value.ndim}))`;
    assert.deepEqual(JSON.parse(await runPython(at, program, { dir })), Object.fromEntries(ours));
  },
);

testWith(
  light,
  { name: "peers train for the minutes they are given", needs: LIGHT },
  async (dir, at) => {
    const program = `${IMPORTS}
import time
from acdc import train_for
shares, start = [], time.monotonic()
steps = train_for(0.3 / 60, lambda share: shares.append(share) or time.sleep(0.01))
print(json.dumps([steps, shares, time.monotonic() - start]))`;
    const [steps, shares, seconds] = JSON.parse(await runPython(at, program, { dir }));
    assert.equal(shares.length, steps);
    assert.ok(steps > 1 && shares[0] < 0.1 && shares.at(-1) < 1, `${shares}`);
    assert.deepEqual(shares, shares.toSorted((a: number, b: number) => a - b));
    assert.ok(seconds >= 0.3, `${seconds} s`);
  },
);

for (const peer of ["nnunet", "unet_torch"]) {
  testWith(
    nnunet,
    { name: `${peer}_acdc.py trains and tests`, needs: "nnunetv2" },
    async (dir, at) => {
      await writePhantomCohort(`${dir}/data`, { patients: 2 });
      await Deno.writeTextFile(`${dir}/split.json`, JSON.stringify({ test: ["patient002"] }));
      const run = (labelled: string) =>
        new Deno.Command(at, {
          args: [
            `${PEERS}/${peer}_acdc.py`,
            ...["--data", `${dir}/data`, "--split", `${dir}/split.json`],
            ...["--labelled", labelled, "--minutes", "0.05"],
          ],
        }).output();
      const { stdout, stderr } = await run("patient001");
      const outcome = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual(Object.keys(outcome.dice), ["RV", "MYO", "LV", "mean"]);
      assert.equal(outcome.cases.length, 2);
      assert.ok(outcome.steps > 0, new TextDecoder().decode(stderr));
      const refused = await run("patient001,patient002");
      assert.match(
        new TextDecoder().decode(refused.stderr),
        /expected no test patient .* patient002/,
      );
    },
  );
}

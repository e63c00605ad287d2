import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { geometryOf } from "../../lib/data/formats/grid.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import {
  decodeModelFile,
  encodeModelFile,
  type ModelFile,
  modelFileOf,
  networkOf,
} from "../../lib/export/model_file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { exportWeights, prefixed } from "../../lib/training/weights/weight_tensors.ts";
import { damaged } from "../fuzz/support.ts";
import { onCpu, TINY, withoutLeak } from "../training/tiny.ts";
import { WORDINGS } from "../support/wordings.ts";

const structures = [{ label: 1, name: "RV" }, { label: 2, name: "Myo „x“" }];
const name = "heart.safetensors";

/** The tensors of a segmentation network of random weights. */
async function tensorsOf(seed: number) {
  const { weights } = segmentationNetwork({ ...TINY, seed }, 3);
  const tensors = await exportWeights(weights);
  disposeWeights(weights);
  return tensors;
}

async function segmenter(): Promise<ModelFile> {
  const tensors = await tensorsOf(1);
  return modelFileOf({ tensors, metadata: {} }, { config: TINY, structures });
}

const AFFINE = [[9, 0, 0, 0], [0, 8, 0, 0], [0, 0, 10, 0], [0, 0, 0, 1]];

/** A scan of its own size and spacing. */
const scan: Volume = {
  voxels: Float32Array.from({ length: 20 * 18 * 3 }, (_, i) => (i * 7919) % 1000),
  shape: [20, 18, 3],
  spacing: [9, 8, 10],
  affine: AFFINE,
  geometry: geometryOf(AFFINE, [20, 18, 3]),
  source: "scan",
  warnings: [],
};

Deno.test(
  "decodeModelFile() gives back what encodeModelFile() wrote, and it segments the same",
  onCpu(withoutLeak(async () => {
    const model = await segmenter();
    const read = decodeModelFile(encodeModelFile(model), name);
    assert.deepEqual(read, model);
    const masks = await Promise.all([model, read].map(async (one) => {
      const network = networkOf(one);
      const mask = await segmentScan(network, scan, { config: one.config });
      disposeWeights(network.weights);
      return mask;
    }));
    assert.equal(masks[0].length, scan.voxels.length);
    assert.ok(new Set(masks[0]).size > 1);
    assert.deepEqual(masks[1], masks[0]);
  })),
);

Deno.test(
  "modelFileOf() of a Mean Teacher is the teacher, and of a pretraining the backbone alone",
  onCpu(withoutLeak(async () => {
    const [student, teacher] = [await tensorsOf(1), await tensorsOf(2)];
    const { "head.0.weight": _, "head.0.bias": bias, ...backbone } = student;
    const state = { "optimiser.m.head.0.bias": bias };
    const both = { ...student, ...prefixed("teacher.", teacher), ...state };
    const adapted = modelFileOf({ tensors: both, metadata: {} }, { config: TINY, structures });
    assert.deepEqual(adapted, { tensors: teacher, config: TINY, structures, output: "logits" });
    const tensors = { ...backbone, "projection.0.bias": bias, ...state };
    const pretrained = modelFileOf({ tensors, metadata: {} }, { config: TINY, structures: [] });
    assert.deepEqual(pretrained.tensors, backbone);
    assert.equal(pretrained.output, "features");
    const network = networkOf(decodeModelFile(encodeModelFile(pretrained), name));
    const { images } = prepareVolume(scan, TINY.grid);
    const features = tf.tidy(() =>
      network.forward(tf.tensor4d(images, [3, 16, 16, 1]), { training: false })
    );
    assert.deepEqual(features.shape, [3, 16, 16, 8]);
    features.dispose();
    disposeWeights(network.weights);
  })),
);

Deno.test("networkOf() refuses weights that are not its configuration's", async () => {
  const model = await segmenter();
  const config = { ...TINY, backbone: { ...TINY.backbone, widths: [4, 8, 16] } };
  assert.throws(() => networkOf({ ...model, config }, name), {
    name: "TypeError",
    message: new RegExp(String.raw`^heart\.safetensors: ${WORDINGS.otherArchitecture}, `),
  });
});

Deno.test("encodeModelFile() refuses weights that are not finite", async () => {
  const { tensors, ...model } = await segmenter();
  const bias = { shape: [1], values: Float32Array.of(NaN) };
  assert.throws(() => encodeModelFile({ ...model, tensors: { ...tensors, bias } }), {
    name: "RangeError",
    message: 'expected finite weights, found "bias" with others',
  });
});

Deno.test("decodeModelFile() refuses what is no model, of a later version, or of another kind", async () => {
  const model = await segmenter();
  const { tensors, metadata } = decodeSafetensors(encodeModelFile(model), name);
  const written = (changes: Record<string, string>) =>
    encodeSafetensors({ tensors, metadata: { ...metadata, ...changes } });
  const cases: [bytes: Uint8Array, message: string | RegExp][] = [
    [
      encodeSafetensors({ tensors, metadata: {} }),
      `${name}: expected a model of format pix2rep.model/1, found none; export a trained run to get one`,
    ],
    [
      written({ format: "pix2rep.checkpoint/1" }),
      `${name}: expected a model of format pix2rep.model/1, found pix2rep.checkpoint/1; ` +
      "export a trained run to get one",
    ],
    [
      written({ format: "pix2rep.model/2" }),
      `${name}: expected a model of format pix2rep.model/1, found pix2rep.model/2; use the version ` +
      "of this toolkit that wrote it",
    ],
    [written({ output: "features" }), `${name}: the checksum does not match: the file is damaged`],
    [
      encodeModelFile({ ...model, output: "features" }),
      /: expected structures of logits, and none/,
    ],
    [
      encodeModelFile({ ...model, structures: [{ label: 2, name: "RV" }] }),
      /^heart\.safetensors: structures: expected /,
    ],
    [
      encodeModelFile({ ...model, config: { ...TINY, seed: -1 } }),
      /^heart\.safetensors: config: seed: /,
    ],
    [new Uint8Array(3), /not a complete safetensors file/],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => decodeModelFile(bytes, name), { name: "SyntaxError", message });
  }
});

Deno.test("decodeModelFile() gives a damaged file's content back unchanged or refuses it in one line", async () => {
  const model = await segmenter();
  const sound = encodeModelFile(model);
  fc.assert(fc.property(damaged(sound), (bytes) => {
    try {
      // What JSON does not care about, and what no tensor covers, may change.
      assert.deepEqual(decodeModelFile(bytes, name), model);
    } catch (error) {
      assert.equal((error as Error).name, "SyntaxError", `${error}`);
      assert.match((error as Error).message, /^heart\.safetensors: [^\n]+$/);
    }
  }));
});

Deno.test("a model file is read, written and used by modules that need neither files nor node", async () => {
  const entries = ["export/mod.ts", "inference/segment.ts", "data/formats/nifti/parse.ts"].slice(
    0,
    2,
  );
  for (const entry of entries) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", new URL(`../../lib/${entry}`, import.meta.url).href],
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout));
    const specifiers = (modules as { dependencies?: { specifier: string }[] }[])
      .flatMap(({ dependencies = [] }) => dependencies.map(({ specifier }) => specifier));
    assert.ok(specifiers.length > 10);
    assert.deepEqual(specifiers.filter((specifier) => specifier.startsWith("node:")), []);
  }
});

Deno.test(
  "decodeModelFile() gives back the names of channels, which are as many as the weights see",
  onCpu(withoutLeak(async () => {
    const { weights } = segmentationNetwork(TINY, 3, 2);
    const tensors = await exportWeights(weights);
    disposeWeights(weights);
    const given = { config: TINY, structures, channels: ["T1", "T2"] };
    const model = modelFileOf({ tensors, metadata: {} }, given);
    assert.deepEqual(decodeModelFile(encodeModelFile(model), name), model);
    const network = networkOf(model);
    const mask = await segmentScan(network, [scan, scan], { config: TINY });
    assert.equal(mask.length, scan.voxels.length);
    await assert.rejects(segmentScan(network, scan, { config: TINY }), {
      name: "RangeError",
      message: new RegExp(`^unet: ${WORDINGS.otherChannels}`),
    });
    disposeWeights(network.weights);
    const message = /^expected names of the 2 channels that its weights see, found [13]; export /;
    for (const channels of [undefined, ["a", "b", "c"]]) {
      const wrong = { ...model, channels };
      assert.throws(() => encodeModelFile(wrong), { name: "RangeError", message });
    }
    const one = modelFileOf({ tensors: await tensorsOf(1), metadata: {} }, {
      ...given,
      channels: ["CT"],
    });
    assert.deepEqual(decodeModelFile(encodeModelFile(one), name).channels, ["CT"]);
  })),
);

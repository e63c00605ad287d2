/** The Python of docs/export.md, run as it stands there. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { disposeWeights, type Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { readNifti } from "../../lib/data/nifti_read.ts";
import { writeNifti } from "../../lib/data/nifti_write.ts";
import { prepareVolume } from "../../lib/data/preprocess.ts";
import { segmentScan } from "../../lib/evaluators/predict.ts";
import { decodeModelFile, encodeModelFile, networkOf } from "../../lib/export/model_file.ts";
import { random } from "../../lib/random.ts";
import { decodeSafetensors } from "../../lib/training/safetensors.ts";
import { segmentationNetwork } from "../../lib/training/segmentation_model.ts";
import { exportWeights, importWeights } from "../../lib/training/weight_tensors.ts";
import { disturbNorms } from "../backbones/references.ts";
import { assertClose } from "../support/close.ts";
import { tinyVolume, withFolder } from "../support/datasets.ts";
import { normals } from "../support/gradients.ts";
import { pythonWith, runPython } from "../support/python.ts";
import { onCpu, TINY } from "../training/tiny.ts";

const page = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
const code = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, block]) => block);

/** The block of the page that defines a function. */
function block(name: string): string {
  const found = code.find((text) => text.includes(`def ${name}(`));
  assert.ok(found, `docs/export.md defines no ${name}`);
  return found;
}

const python = await pythonWith("torch", "numpy", "nibabel");

/** A test that needs PyTorch: skipped, saying so, where it is absent. */
function testPython(name: string, body: (dir: string) => Promise<void>): void {
  Deno.test({
    name: python === undefined ? `${name} (skipped: no python3 with torch and nibabel)` : name,
    ignore: python === undefined,
    fn: onCpu(() => withFolder(body)),
  });
}

const config: Config = {
  ...TINY,
  grid: { size: 16, spacing: 2, axis: "auto" },
  backbone: { name: "unet", widths: [4, 8, 16], features: 5 },
};
const structures = [{ label: 1, name: "RV" }, { label: 2, name: "LV" }];
const SHAPE: [number, number, number, number] = [2, 16, 24, 1];

/** A model of random weights, on disk as it is exported. */
async function writeModel(
  dir: string,
  output: "logits" | "features",
  channels?: readonly string[],
): Promise<void> {
  const { weights, backbone } = segmentationNetwork(
    { ...config, seed: 4 },
    structures.length + 1,
    channels?.length,
  );
  await disturbNorms(weights);
  const all = await exportWeights(weights);
  const kept = Object.entries(all).filter(([name]) => output === "logits" || !/^head/.test(name));
  assert.equal(kept.length > Object.keys(backbone.weights).length, output === "logits");
  const model = {
    ...{ config, output, tensors: Object.fromEntries(kept) },
    structures: output === "logits" ? structures : [],
    channels,
  };
  await Deno.writeFile(`${dir}/heart.safetensors`, encodeModelFile(model));
  disposeWeights(weights);
}

/** Writes slices down for Python. */
async function writeInput(dir: string): Promise<tf.Tensor4D> {
  const x = normals(SHAPE, random("python"));
  const values = Float32Array.from(await x.data());
  await Deno.writeFile(`${dir}/x`, new Uint8Array(values.buffer));
  return x;
}

/** What a network makes of slices, [batch, channels, height, width]. */
async function forward({ weights, forward }: Network, x: tf.Tensor4D): Promise<Float32Array> {
  const y = tf.tidy(() => tf.transpose(forward(x, { training: false }), [0, 3, 1, 2]));
  const values = Float32Array.from(await y.data());
  tf.dispose([x, y]);
  disposeWeights(weights);
  return values;
}

/** Has PyTorch do the same. */
const FORWARD = `
x = torch.tensor(numpy.fromfile("x", "<f4")).reshape(2, 1, 16, 24)
with torch.no_grad():
    model(x).numpy().tofile("y")
`;

function readValues(path: string): Float32Array {
  return new Float32Array(Deno.readFileSync(path).buffer);
}

for (const output of ["logits", "features"] as const) {
  testPython(`docs/export.md: PyTorch computes the same ${output}`, async (dir) => {
    await writeModel(dir, output);
    const model = decodeModelFile(Deno.readFileSync(`${dir}/heart.safetensors`), "heart");
    const expected = await forward(networkOf(model), await writeInput(dir));
    const program = `${block("load")}
model, about = load("heart.safetensors")
${FORWARD}
print(json.dumps([about["output"], about["structures"], about["preprocessing"]]))`;
    assert.deepEqual(JSON.parse(await runPython(python!, program, { dir })), [
      output,
      output === "logits" ? structures : [],
      { size: 16, spacing: 2, percentiles: [1, 99], divisor: 4 },
    ]);
    assertClose(readValues(`${dir}/y`), expected, 1e-4);
  });
}

testPython("docs/export.md: what PyTorch trained and saved computes the same here", async (dir) => {
  const program = `${block("load")}
${block("save")}
torch.manual_seed(0)
head = nn.Sequential(nn.Conv2d(5, 3, 1))
model = nn.Sequential(OrderedDict(backbone=UNet([4, 8, 16], 5), head=head))
optimiser = torch.optim.Adam(model.parameters(), 0.01)
for _ in range(5):
    optimiser.zero_grad()
    model(torch.randn(2, 1, 16, 16)).square().mean().backward()
    optimiser.step()
save("torch.safetensors", model.state_dict())
model.eval()
${FORWARD}`;
  const x = await writeInput(dir);
  await runPython(python!, program, { dir });
  const path = `${dir}/torch.safetensors`;
  const { tensors } = decodeSafetensors(Deno.readFileSync(path), path);
  const network = segmentationNetwork(config, 3);
  const match = importWeights(network.weights, tensors, path);
  assert.deepEqual(match.unexpected, []);
  assert.equal(match.matched.length, Object.keys(tensors).length);
  assertClose(readValues(`${dir}/y`), await forward(network, x), 1e-4);
});

/** Stands in for onnxruntime, which Debian lacks: the same network, by PyTorch. */
const ONNXRUNTIME = `${block("load")}
class InferenceSession:
    def __init__(self, path):
        self.model, self.about = load(path.replace(".onnx", ".safetensors"))

    def get_modelmeta(self):
        text = lambda key: json.dumps(self.about.get(key))
        self.custom_metadata_map = {key: text(key) for key in ("preprocessing", "channels")}
        return self

    def run(self, names, feeds):
        feeds["image"].tofile("slices")
        with torch.no_grad():
            return [self.model(torch.tensor(feeds["image"])).numpy()]
`;

testPython(
  "docs/export.md: its Python prepares a scan and restores a mask as predict does",
  async (dir) => {
    await writeModel(dir, "logits");
    await Deno.writeTextFile(`${dir}/onnxruntime.py`, ONNXRUNTIME);
    const model = decodeModelFile(Deno.readFileSync(`${dir}/heart.safetensors`), "heart");
    // Smaller and larger than the grid, finer and coarser, and constant.
    for (
      const { shape, spacing, contrast } of [
        { shape: [30, 17, 3], spacing: [1.25, 2.5, 8], contrast: 900 },
        { shape: [12, 21, 2], spacing: [3.5, 1, 4], contrast: 900 },
        { shape: [16, 16, 1], spacing: [2, 2, 2], contrast: 0 },
      ]
    ) {
      await writeScan(`${dir}/scan.nii.gz`, { shape, spacing, contrast });
      await runPython(python!, block("prepare"), { dir });
      const [scan, mask] = await Promise.all(
        ["scan", "mask"].map((name) => readNifti(`${dir}/${name}.nii.gz`)),
      );
      assertClose(readValues(`${dir}/slices`), prepareVolume(scan, config.grid).images, 1e-5);
      const network = networkOf(model);
      const expected = await segmentScan(network, scan, { config });
      disposeWeights(network.weights);
      assert.deepEqual([mask.shape, mask.affine], [scan.shape, scan.affine]);
      const differ = expected.filter((label, i) => label !== mask.voxels[i]).length;
      // Where two classes are level, rounding decides.
      assert.ok(differ <= expected.length / 1000, `${differ} of ${expected.length} voxels differ`);
      if (contrast) assert.ok(new Set(expected).size > 1);
    }
  },
);

testPython("docs/export.md: its Python puts channels together as predict does", async (dir) => {
  const channels = ["T1", "FLAIR"];
  await writeModel(dir, "logits", channels);
  await Deno.writeTextFile(`${dir}/onnxruntime.py`, ONNXRUNTIME);
  const [shape, spacing] = [[30, 17, 3], [1.25, 2.5, 8]];
  for (const [i, name] of channels.entries()) {
    await writeScan(`${dir}/scan_${name}.nii.gz`, { shape, spacing, contrast: 900 - 600 * i });
  }
  const [functions] = block("prepare").split("model = ");
  const program = `${functions}
model = onnxruntime.InferenceSession("heart.onnx")
about = json.loads(model.get_modelmeta().custom_metadata_map["preprocessing"])
spacing, shape = ${JSON.stringify(spacing)}, ${JSON.stringify(shape)}
${code.find((text) => text.includes("concatenate"))}
restore(logits, shape, spacing, about).flatten("F").tofile("mask")`;
  await runPython(python!, program, { dir });
  const scans = await Promise.all(
    channels.map((name) => readNifti(`${dir}/scan_${name}.nii.gz`)),
  );
  const { images, depth } = prepareVolume(scans, config.grid);
  const planes = channels.map((_, c) => images.filter((_, i) => i % 2 === c));
  const expected = Array.from(
    { length: depth },
    (_, slice) => planes.map((plane) => plane.subarray(slice * 256, (slice + 1) * 256)),
  );
  assertClose(readValues(`${dir}/slices`), expected.flat(), 1e-5);
  const model = decodeModelFile(Deno.readFileSync(`${dir}/heart.safetensors`), "heart");
  const network = networkOf(model);
  const mask = await segmentScan(network, scans, { config });
  disposeWeights(network.weights);
  const found = Deno.readFileSync(`${dir}/mask`);
  assert.equal(found.length, mask.length);
  assert.ok(new Set(mask).size > 1);
  const differ = mask.filter((label, i) => label !== found[i]).length;
  assert.ok(differ <= mask.length / 1000, `${differ} of ${mask.length} voxels differ`);
});

/** A scan of smooth noise. */
async function writeScan(
  path: string,
  { shape, spacing, contrast }: { shape: number[]; spacing: number[]; contrast: number },
): Promise<void> {
  const source = random("scan", path.length);
  const [width, height, depth] = shape;
  const [a, b] = [source.uniform(0.2, 0.6), source.uniform(0.2, 0.6)];
  const voxels = Int16Array.from({ length: width * height * depth }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return contrast * (1 + Math.sin(a * x) * Math.cos(b * y) + source.uniform(-0.1, 0.1)) + 20;
  });
  const tiny = tinyVolume(voxels);
  const [x, y, z] = spacing;
  const sform = [[-x, 0, 0, 10], [0, y, 0, 20], [0, 0, z, 30]];
  await writeNifti(path, voxels, {
    ...tiny,
    ...{ shape, spacing: [x, y, z], affine: [...sform, [0, 0, 0, 1]] },
    geometry: { ...tiny.geometry, pixdim: [1, x, y, z, 0, 0, 0, 0], sform },
  });
}

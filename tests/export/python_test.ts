/** The PyTorch of docs/export.md, run as it stands there. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { disposeWeights, type Network } from "../../lib/backbones/weights.ts";
import { networkOf } from "../../lib/export/model_file.ts";
import { random } from "../../lib/math/random.ts";
import { decodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { segmentationNetwork } from "../../lib/training/weights/segmentation_model.ts";
import { importWeights } from "../../lib/training/weights/weight_tensors.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { runPython } from "../support/python.ts";
import {
  block,
  config,
  python,
  readValues,
  structures,
  testPython,
  writeModel,
} from "./python_model.ts";

const SHAPE: [number, number, number, number] = [2, 16, 24, 1];

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

for (const output of ["logits", "features"] as const) {
  testPython(`docs/export.md: PyTorch computes the same ${output}`, async (dir) => {
    const model = await writeModel(dir, { output });
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

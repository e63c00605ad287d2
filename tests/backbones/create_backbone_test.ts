import assert from "node:assert/strict";
import { createBackbone, stemName } from "../../lib/backbones/create_backbone.ts";
import { unet } from "../../lib/backbones/unet.ts";
import { BACKBONES } from "../../lib/config/backbone.ts";
import { exportWeights } from "../../lib/training/weights/weight_tensors.ts";
import { onCpu } from "../training/tiny.ts";
import { testContract } from "./contract.ts";

for (const name of BACKBONES) {
  testContract(
    name,
    ({ channels, seed, ...size }) => createBackbone({ name, ...size }, { channels, seed }),
  );
}

Deno.test(
  "createBackbone() chooses by name",
  onCpu(async () => {
    const size = { widths: [4, 8], features: 3 };
    const made = BACKBONES.map((name) => createBackbone({ name, ...size }, { seed: 3 }).weights);
    assert.deepEqual(
      await exportWeights(made[BACKBONES.indexOf("unet")]),
      await exportWeights(unet({ ...size, seed: 3 }).weights),
    );
    const names = made.map((weights) => Object.keys(weights).join());
    assert.equal(new Set(names).size, BACKBONES.length);
  }),
);

Deno.test(
  "stemName() is the weight that sees the channels, and the only one that they change",
  onCpu(() => {
    for (const name of BACKBONES) {
      const [one, three] = [1, 3].map((channels) =>
        createBackbone({ name, widths: [4, 8], features: 4 }, { channels }).weights
      );
      const changed = Object.keys(one).filter((key) =>
        `${one[key].shape}` !== `${three[key].shape}`
      );
      assert.deepEqual(changed, [stemName({ name })]);
      assert.equal(three[changed[0]].shape[2], 3);
    }
  }),
);

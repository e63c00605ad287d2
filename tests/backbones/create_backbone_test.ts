import assert from "node:assert/strict";
import { createBackbone } from "../../lib/backbones/create_backbone.ts";
import { unet } from "../../lib/backbones/unet.ts";
import { BACKBONES } from "../../lib/config/backbone.ts";
import { exportWeights } from "../../lib/training/weight_tensors.ts";
import { onCpu } from "../training/tiny.ts";
import { testContract } from "./contract.ts";

for (const name of BACKBONES) {
  testContract(name, ({ seed, ...size }) => createBackbone({ name, ...size }, { seed }));
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

import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { copyLibrary, readGuide, runIn } from "../support/guide.ts";

const { code } = readGuide("adding-an-augmentation.md");

Deno.test("docs/adding-an-augmentation.md adds views of lower resolution", () =>
  withFolder(async (dir) => {
    copyLibrary(dir);
    Deno.writeTextFileSync(`${dir}/low_resolution.ts`, code);
    const { roughness, losses }: Record<string, number[]> = JSON.parse(await runIn(dir, PROGRAM));
    // Slices as they were have all their roughness, those of half the resolution little.
    assert.ok(roughness.every((share) => share > 0.99 || share < 0.5), roughness.join(" "));
    const low = roughness.filter((share) => share < 0.5).length;
    assert.ok(low > 10 && low < 24, `${low} of 64, with a probability of 1/4`);
    assert.equal(losses.length, 2);
    assert.notEqual(losses[0], losses[1]);
  }));

/** How rough noise is afterwards, and the first loss without the augmentation and with it. */
const PROGRAM = `
import * as tf from "@tensorflow/tfjs";
import * as p from "@pix2rep/pix2rep";
import { random } from "@pix2rep/pix2rep/random";
import { lowResolution, views } from "./low_resolution.ts";

await p.useBackend("simd");
const noise = tf.randomUniform<tf.Rank.R4>([64, 16, 16, 1], 0, 1, "float32", 1);
const rough = (x: tf.Tensor) =>
  tf.sum(tf.square(tf.sub(tf.slice(x, [0, 0, 1], [64, 16, 15]), tf.slice(x, [0, 0, 0], [64, 16, 15]))), [1, 2, 3]);
const share = tf.div(rough(lowResolution(noise, random("test"))), rough(noise));
const roughness = [...await share.data()];

const set = ["grid.size=16", "backbone.widths=[4,8]", "pretraining.batch=8", "loss.pixels=50"];
const config = p.resolveConfig("pix2rep-small", { set });
const images = Float32Array.from({ length: 8 * 256 }, (_, i) => (Math.sin(i * i) + 1) / 2);
const losses: number[] = [];
for (const augment of [undefined, views]) {
  await p.pretrain({ count: 8, size: 16, channels: 1, images }, config, {
    steps: 1,
    augment,
    onSteps: (records) => void losses.push(...records.map(({ loss }) => loss)),
  });
}
console.log(JSON.stringify({ roughness, losses }));
Deno.exit(0);
`;

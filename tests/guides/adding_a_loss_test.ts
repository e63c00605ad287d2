import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { applyDiff, copyLibrary, readGuide, runIn } from "../support/guide.ts";

const { code, diffs } = readGuide("adding-a-loss.md");

Deno.test("docs/adding-a-loss.md adds a loss that pretraining lowers, given or configured", () =>
  withFolder(async (dir) => {
    copyLibrary(dir);
    Deno.writeTextFileSync(`${dir}/lib/losses/vic_reg.ts`, code);
    const given: number[] = JSON.parse(await runIn(dir, program(PIXELS, GIVEN)));
    assert.equal(given.length, 30);
    const mean = (some: number[]) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
    assert.ok(mean(given.slice(-5)) < 0.9 * mean(given.slice(0, 5)), given.join(" "));
    for (const diff of diffs) applyDiff(dir, diff);
    assert.deepEqual(JSON.parse(await runIn(dir, program(CONFIGURED))), given);
  }));

/** The pixels that a loss of the caller's own compares. */
const PIXELS = '{"name":"info-nce","temperature":0.5,"pixels":100,"fieldOfView":"mask"}';

/** The new loss as the caller's own, and as settings ask for it. */
const GIVEN = "loss: (u, v, mask) => vicReg(u, v, { weight: 25, mask }),";
const CONFIGURED = '{"name":"vic-reg","weight":25,"pixels":100,"fieldOfView":"mask"}';

/** A pretraining by the new loss. */
const program = (loss: string, option = "") => `
import * as p from "@pix2rep/pix2rep";
${option && 'import { vicReg } from "./lib/losses/vic_reg.ts";'}

await p.useBackend("simd");
const loss = '${loss}';
const set = ["grid.size=16", "backbone.widths=[4,8]", "backbone.features=8", "projection.width=8"];
const config = p.resolveConfig("pix2rep-small", {
  set: [...set, "pretraining.batch=4", "pretraining.learningRate=0.01", "loss=" + loss],
});
const images = Float32Array.from({ length: 8 * 256 }, (_, i) => (Math.sin(i * i) + 1) / 2);
const losses: number[] = [];
await p.pretrain({ count: 8, size: 16, channels: 1, images }, config, {
  steps: 30,
  ${option}
  onSteps: (records) => void losses.push(...records.map(({ loss }) => loss)),
});
console.log(JSON.stringify(losses));
Deno.exit(0);
`;

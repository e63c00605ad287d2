import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PRESETS } from "../../lib/config/presets.ts";
import type { Config } from "../../lib/config/config.ts";

const url = new URL("../../docs/method.md", import.meta.url);
const text = readFileSync(url, "utf8").replaceAll(/\s+/g, " ");

/** A whole number as the pages write it: 1,000. */
const count = (value: number | "all") => value.toLocaleString("en");

function infoNce({ loss, preset }: Config) {
  assert.ok(loss.name === "info-nce", preset);
  return loss;
}

Deno.test("docs/method.md tells the values of PRESETS where they are our own", () => {
  const [published, v2] = [PRESETS["pix2rep"], PRESETS["pix2rep-v2"]];
  const [small, twins] = [PRESETS["pix2rep-small"], PRESETS["pix2rep-bt-small"]];
  assert.ok(twins.loss.name === "barlow-twins");
  const { inContext, iterations, probe } = published.adaptation;
  assert.equal(probe.iterations, iterations);
  assert.equal(v2.adaptation.loss, "dice");
  for (
    const told of [
      `grid of ${published.grid.spacing} mm`,
      `the ${count(iterations)} steps of adaptation and of the probe`,
      `lets ${inContext.neighbours} pixels vote`,
      `${count(inContext.pixelsPerSlice)} labelled pixels a slice`,
      `a temperature of ${infoNce(small).temperature}** (${infoNce(published).temperature} in`,
      `the published ${count(infoNce(small).pixels)} pixels`,
      `use λ = ${twins.loss.lambda} over ${count(twins.loss.pixels)} pixels`,
      `for d = ${twins.projection.width} channels`,
      `its decay is ${small.adaptation.meanTeacher.decay} in the small presets`,
      `the batch, ${v2.pretraining.batch} slices (there 48)`,
    ]
  ) assert.ok(text.includes(told), `docs/method.md: expected "${told}"`);
});

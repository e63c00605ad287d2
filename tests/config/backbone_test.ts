import assert from "node:assert/strict";
import { backboneDivisor, BACKBONES, checkWidths } from "../../lib/config/backbone.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";

const set = (...changes: string[]) => resolveConfig("pix2rep-demo", { set: changes });

Deno.test("every preset size suits every backbone", () => {
  for (const preset of ["pix2rep", "pix2rep-small", "pix2rep-demo"]) {
    for (const name of BACKBONES) {
      const config = resolveConfig(preset, { set: [`backbone.name=${name}`] });
      assert.equal(config.backbone.name, name);
    }
  }
});

Deno.test("a configuration refuses widths that its backbone cannot have", () => {
  const cases: [string, string, string][] = [
    ["unet", "[4,5]", "even from the second on"],
    ["residual-unet", "[4,3]", "each 4 or more"],
    ["convnext-unet", "[2,8]", "each 4 or more"],
  ];
  for (const [name, widths, words] of cases) {
    assert.throws(() => set(`backbone.name=${name}`, `backbone.widths=${widths}`), {
      name: "RangeError",
      message: `backbone.name=${name} backbone.widths=${widths}: backbone.widths: ` +
        `expected two or more widths, ${words}, found ${widths}`,
    });
  }
  assert.equal(set("backbone.widths=[3,4]").backbone.widths[0], 3);
  assert.throws(() => set("backbone.name=vnet"), /backbone\.name: .*"vnet"/);
});

Deno.test("checkWidths() says who asked, and backboneDivisor() halves at each level", () => {
  assert.throws(
    () => checkWidths({ name: "unet", widths: [4] }, "me"),
    /^RangeError: me: expected/,
  );
  assert.deepEqual([[4, 8], [4, 8, 8, 8]].map(backboneDivisor), [2, 8]);
});

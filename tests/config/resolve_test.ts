import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/parse_config.ts";
import { PRESETS } from "../../lib/config/presets.ts";
import { changeConfig, resolveConfig } from "../../lib/config/resolve.ts";

Deno.test("every preset is a valid configuration that names itself", () => {
  for (const [name, preset] of Object.entries(PRESETS)) {
    assert.equal(parseConfig(preset, name).preset, name);
  }
});

Deno.test("resolveConfig() applies numbers, text, lists and whole parts", () => {
  const config = resolveConfig("pix2rep", {
    seed: 3,
    set: [
      "pretraining.batch=4",
      "pretraining.schedule=cosine",
      "backbone.widths=[8,16]",
      'loss={"name":"barlow-twins","lambda":0.01,"pixels":"all","fieldOfView":"mask"}',
    ],
  });
  assert.equal(config.seed, 3);
  assert.equal(config.pretraining.batch, 4);
  assert.equal(config.pretraining.schedule, "cosine");
  assert.deepEqual(config.backbone.widths, [8, 16]);
  assert.equal(config.loss.name, "barlow-twins");
});

Deno.test("resolveConfig() leaves the preset as it is", () => {
  const before = JSON.stringify(PRESETS["pix2rep-demo"]);
  resolveConfig("pix2rep-demo", { set: ["pretraining.epochs=1"] });
  assert.equal(JSON.stringify(PRESETS["pix2rep-demo"]), before);
});

Deno.test("resolveConfig() answers mistakes in one line with the nearest name", () => {
  const cases: [() => void, RegExp][] = [
    [() => resolveConfig("pix2rap"), /found "pix2rap" \(did you mean pix2rep\?\)$/],
    [() => resolveConfig("toString"), /expected a preset/],
    [
      () => resolveConfig("pix2rep-demo", { set: ["pretraining.bach=4"] }),
      /unknown setting "pretraining\.bach" \(did you mean pretraining\.batch\?\)/,
    ],
    [() => resolveConfig("pix2rep-demo", { set: ["seed"] }), /expected path=value/],
    [() => resolveConfig("pix2rep-demo", { set: ["__proto__.x=1"] }), /unknown setting/],
    [
      () => resolveConfig("pix2rep-demo", { set: ["pretraining.batch=0"] }),
      /pretraining\.batch: /,
    ],
    [
      () => resolveConfig("pix2rep-demo", { set: ["pretraining.batch=many"] }),
      /pretraining\.batch: /,
    ],
    [
      () => resolveConfig("pix2rep-demo", { set: ["grid.size=50"] }),
      /multiple of 8 .* found 50/,
    ],
    [
      () => resolveConfig("simclr-small", { set: ["pretraining.batch=1"] }),
      /pretraining\.batch: expected 2 or more for simclr, .* found 1$/,
    ],
    [
      () => resolveConfig("pix2rep-demo", { set: ["views.spatial.scale=[1,2]"] }),
      /within \(0, 1\]/,
    ],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});

Deno.test("parseConfig() reads what earlier versions wrote, before some settings were there", () => {
  const config = PRESETS["pix2rep-small"];
  const { data: { protocol: _, ...data }, grid: { axis: __, ...grid }, inference } = config;
  const { mirror: ___, fillHoles: ____, ...older } = inference;
  assert.deepEqual(parseConfig({ ...config, data, grid, inference: older }, "config.json"), config);
});

Deno.test("changeConfig() reaches every setting of config.json", () => {
  const config = changeConfig(PRESETS["pix2rep-demo"], [
    "adaptation.views.intensity.noise.std=[0,0.2]",
  ]);
  assert.deepEqual(config.adaptation.views.intensity.noise.std, [0, 0.2]);
});

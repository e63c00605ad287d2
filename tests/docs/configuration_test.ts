import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PRESETS } from "../../lib/config/presets.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import { configurationReference } from "./configuration_reference.ts";

const path = fileURLToPath(new URL("../../docs/configuration.md", import.meta.url));

Deno.test("docs/configuration.md tells what lib/config has", async () => {
  const found = await configurationReference();
  if (readFileSync(path, "utf8") === found) return;
  const next = await Deno.makeTempFile({ suffix: "-configuration.md" });
  await Deno.writeTextFile(next, found);
  assert.fail(`lib/config is not what docs/configuration.md says; cp ${next} ${path}`);
});

Deno.test("docs/configuration.md names every setting of every preset", () => {
  const page = readFileSync(path, "utf8");
  const paths = new Set(Object.values(PRESETS).flatMap((preset) => leaves(preset)));
  assert.ok(paths.size > 60, `${paths.size} paths`);
  for (const one of paths) assert.ok(page.includes(`| \`${one}\` `), one);
});

Deno.test("the presets of docs/configuration.md come of what they start from by its changes", () => {
  const rows = [
    ...readFileSync(path, "utf8").matchAll(
      /^\| `([\w-]+)` +\| `(pix2rep|pix2rep-small)` +\| (`.+`) +\|$/gm,
    ),
  ];
  assert.equal(rows.length, Object.keys(PRESETS).length - 2);
  for (const [, name, base, changes] of rows) {
    const set = changes.split("` `").map((change) => change.replaceAll("`", ""));
    assert.deepEqual({ ...resolveConfig(base, { set }), preset: name }, resolveConfig(name), name);
  }
});

/** Paths of the values that are no objects. */
function leaves(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "object" && !Array.isArray(inner)
      ? leaves(inner, `${prefix}${key}.`)
      : [prefix + key]
  );
}

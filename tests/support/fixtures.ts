/** Reference values computed by PyTorch, scipy and nibabel: read where they lie, never copied here. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = Deno.env.get("PIX2REP_FIXTURES") ??
  fileURLToPath(new URL("../../../shared/fixtures", import.meta.url));

/** Path of a fixture. */
export function fixturePath(name: string): string {
  return `${root}/${name}`;
}

/** A JSON fixture's content. */
// deno-lint-ignore no-explicit-any -- each test knows the shape of its own fixture
export function fixture(name: string): any {
  return JSON.parse(readFileSync(fixturePath(name), "utf8"));
}

/** Options of a test that needs the fixtures: skipped, saying so, where they are absent. */
export function withFixtures(name: string): { name: string; ignore: boolean } {
  const present = existsSync(root);
  return { name: present ? name : `${name} (skipped: no fixtures)`, ignore: !present };
}

/** What the package exports: that it is documented, and listed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runDeno } from "../support/deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = JSON.parse(readFileSync(`${root}/deno.json`, "utf8"));
const entries: [string, string][] = Object.entries(config.exports);

Deno.test("the public symbols are documented and complete", async () => {
  const { code, stderr } = await runDeno(["doc", "--lint", ...entries.map(([, path]) => path)]);
  assert.equal(code, 0, stderr);
});

Deno.test("docs/api.txt lists the public symbols; a change of them is meant to be seen", async () => {
  const lines: string[] = [];
  for (const [name, path] of entries) {
    const { stdout } = await runDeno(["doc", "--json", path]);
    const { nodes } = JSON.parse(stdout);
    const documents = Object.values<{ symbols: { name: string; declarations: object[] }[] }>(nodes);
    for (const { symbols } of documents) {
      for (const { name: symbol, declarations } of symbols) {
        const kinds = new Set(declarations.map((one) => (one as { kind: string }).kind));
        lines.push(`${name} ${symbol} ${[...kinds].sort().join(", ")}`);
      }
    }
  }
  const found = lines.sort().join("\n") + "\n";
  const path = `${root}/docs/api.txt`;
  if (readFileSync(path, "utf8") === found) return;
  const next = await Deno.makeTempFile({ suffix: "-api.txt" });
  await Deno.writeTextFile(next, found);
  assert.fail(
    `the public symbols are others than docs/api.txt says; if they are meant, cp ${next} ${path}`,
  );
});

/** The training loop of docs/training-loop.md, which runs as an example, and that of the notebook. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readNotebook } from "../../tasks/support/notebooks/notebooks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Lines that a training loop may have to be read at a glance. */
const MOST_LINES = 80;

/** Lines of the page's example that the notebook has no need of: its phantom, and its test. */
const ITS_OWN = /\b(openPhantom|folder|assert)\b/;

/** The page's example, without what makes it a test. */
function loopOfPage(): string {
  const page = readFileSync(`${root}/docs/training-loop.md`, "utf8");
  const [, code] = page.match(/^```ts\n([^]*?)^```/m) ?? [];
  const lines = code.split("\n").filter((line) => !ITS_OWN.test(line));
  return lines.join("\n").trim();
}

Deno.test("the notebook's training loop is that of docs/training-loop.md, in at most 80 lines", async () => {
  const { cells } = await readNotebook(`${root}/notebooks/09_training_loop.ipynb`);
  const parts = cells.filter(({ metadata: { tags } }) => tags?.includes("loop"))
    .map(({ source }) => source.join(""));
  const loop = parts.join("\n\n");
  assert.equal(loop, loopOfPage());
  assert.ok(parts.length > 4 && loop.split("\n").length <= MOST_LINES);
  for (const part of ["drawViews(", "unet(", "infoNce(", "adamStep("]) {
    assert.ok(loop.includes(part), part);
  }
});

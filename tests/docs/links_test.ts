import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pages, root } from "./commands.ts";

Deno.test("links between pages lead to files and headings that are there", () => {
  let links = 0;
  for (const page of pages()) {
    for (const [, link] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, heading] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      assert.ok(existsSync(`${root}/${target}`), `${page}: ${link}`);
      if (heading) assert.ok(headings(target).includes(heading), `${page}: ${link}`);
      links++;
    }
  }
  assert.ok(links > 50, `${links} links`);
});

Deno.test("the README links to every page of docs", () => {
  const readme = textOf("README.md");
  for (const page of pages().filter((page) => page.startsWith("docs/"))) {
    assert.ok(readme.includes(`](${page})`), page);
  }
});

/** The names by which headings are linked to. */
function headings(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-")
  );
}

function textOf(page: string): string {
  return readFileSync(`${root}/${page}`, "utf8");
}

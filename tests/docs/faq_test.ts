import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** All code of a folder, strings that are put together from parts as one. */
function codeOf(folder: string): string {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(`${root}/${folder}/${name}`, "utf8"))
    .join("\n")
    .replaceAll(/["'`]\s*\+\s*["'`]/g, "");
}

Deno.test("docs/faq.md quotes errors that the code has", () => {
  const code = codeOf("lib") + codeOf("tasks");
  const quoted = [...readFileSync(`${root}/docs/faq.md`, "utf8").matchAll(/^\*\*`([^`]+)`\*\*/gm)];
  assert.ok(quoted.length >= 9);
  for (const [, message] of quoted) {
    const parts = message.split(/…|a\.nii and a\.nii\.gz/).map((part) => part.trim());
    for (const part of parts.filter((part) => part.length > 3)) {
      assert.ok(code.includes(part), `no error says "${part}"`);
    }
  }
});

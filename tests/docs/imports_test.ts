import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each module imports, types too; paths from the root on. */
const imports = new Map(
  globSync("{lib,tasks,apps}/**/*.ts", { cwd: root })
    .filter((path) => !path.startsWith("lib/backends/simd/kernels/"))
    .map((path) => [path, importsOf(path)]),
);

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8").replaceAll(/^ *(\*|\/\/).*$/gm, "");
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
    .map(([, to]) => relative(root, join(root, dirname(path), to)));
}

/** The rooms by the lines of CONTRIBUTING's table, the first above all others. */
function tableOfRooms(): string[][] {
  const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const [, table] = text.match(/^## Where things are$[^]*?^```\n([^]*?)\n```/m)!;
  return table.split("\n").map((line) => line.split(",").map((room) => room.trim()));
}

/** The room of a file: a folder of lib, or what calls it. */
function roomOf(path: string): string {
  const [first, second] = path.split("/");
  return first === "lib" ? second : first;
}

Deno.test("imports point down CONTRIBUTING's table of rooms, which names each room once", () => {
  const table = tableOfRooms();
  const level = new Map(table.flatMap((line, i) => line.map((room) => [room, i])));
  const rooms = new Set([...imports.keys()].map(roomOf));
  assert.deepEqual(table.flat().toSorted(), [...rooms].sort());
  const wrong = [...imports].flatMap(([from, targets]) =>
    targets
      .filter((to) => roomOf(to) !== roomOf(from))
      .filter((to) => level.get(roomOf(to))! <= level.get(roomOf(from))!)
      .map((to) => `${from} → ${to}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("no module imports itself by a detour, not even for a type", () => {
  const done = new Set<string>();
  const visit = (path: string, way: string[]) => {
    assert.ok(!way.includes(path), [...way.slice(way.indexOf(path)), path].join(" → "));
    if (done.has(path)) return;
    for (const to of imports.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
});

Deno.test("only lib/backends/select.ts, tasks and the page import a backend", () => {
  const backend = (path: string) => path.match(/^lib\/backends\/(simd|webgpu)\//)?.[1];
  const mayChoose = (path: string) => /^(lib\/backends\/select\.ts|tasks\/|apps\/)/.test(path);
  const wrong = [...imports].filter(([from]) => !mayChoose(from)).flatMap(([from, targets]) =>
    targets
      .filter((to) => backend(to) && backend(to) !== backend(from))
      .map((to) => `${from} → ${to}`)
  );
  assert.deepEqual(wrong, []);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Licences that may go with an MIT project: permissive, or (MPL) weak and used unchanged. */
const COMPATIBLE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"];

/** Direct dependencies at most; another one has to be worth it. */
const MOST_DIRECT = 15;

/** A package of the lock file, with the licence that it states itself. */
interface Package {
  name: string;
  version: string;
  licence: string;
  direct: boolean;
}

const lock = JSON.parse(readFileSync(`${root}/deno.lock`, "utf8"));
const config = JSON.parse(readFileSync(`${root}/deno.json`, "utf8"));
const page = readFileSync(`${root}/docs/dependencies.md`, "utf8").replaceAll(/ {2,}/g, " ");

/** The packages of the lock file, as they lie in Deno's cache. */
async function packages(): Promise<Package[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const registry = [...Deno.readDirSync(npmCache)].find(({ isDirectory }) => isDirectory)!.name;
  const direct = Object.keys(lock.specifiers).map((key) => key.match(/^npm:(@?[^@]+)@/)![1]);
  return Object.keys(lock.npm).map((key) => {
    const [, name, version] = key.match(/^(@?[^@]+)@([^_]+)/)!;
    const path = `${npmCache}/${registry}/${name}/${version}/package.json`;
    const { license } = JSON.parse(readFileSync(path, "utf8"));
    return { name, version, licence: license, direct: direct.includes(name) };
  });
}

Deno.test("docs/dependencies.md lists every package of the lock file, with its own licence", async () => {
  const all = await packages();
  const rows = page.split("\n").filter((line) => /^\| \S+ \| \d/.test(line));
  assert.equal(rows.length, all.length);
  for (const { name, version, licence, direct } of all) {
    const row = `| ${name} | ${version} | ${licence} |`;
    const found = rows.find((line) => line.startsWith(row));
    assert.ok(found, `expected the row ${row}`);
    const reason = found.slice(row.length).replace("|", "").trim();
    assert.equal(reason !== "", direct, `${name}: a reason is due for direct dependencies alone`);
    const licences = licence.split(" AND ");
    assert.ok(licences.every((one) => COMPATIBLE.includes(one)), `${name}: ${licence}`);
  }
  assert.ok(all.filter(({ direct }) => direct).length <= MOST_DIRECT);
});

Deno.test("the lock is frozen, has a checksum of every package, and no install script runs", () => {
  assert.deepEqual(config.lock, { frozen: true });
  for (const [name, { integrity }] of Object.entries<{ integrity: string }>(lock.npm)) {
    assert.match(integrity, /^sha512-/, name);
  }
  // Naming those that are ignored keeps Deno from warning of them.
  assert.deepEqual(Object.keys(config.allowScripts), ["deny"]);
  assert.ok(!("nodeModulesDir" in config));
  assert.ok(!JSON.stringify(config.tasks).includes("allow-scripts"));
});

Deno.test("nothing is allowed everything", () => {
  const commands = Object.values<{ command: string }>(config.tasks).map(({ command }) => command);
  const gate = readFileSync(`${root}/.ci/run`, "utf8");
  for (const text of [...commands, gate]) assert.doesNotMatch(text, /allow-all|(^|\s)-A(\s|$)/);
});

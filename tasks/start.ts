/**
 * Starts a task so that it reaches only the files and folders that its arguments name:
 * `deno run … tasks/start.ts NAME [options]`.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suggestion } from "../lib/config/nearest.ts";
import { printable } from "../lib/io/text/printable.ts";
import { accessOf } from "./support/command/access.ts";
import { confine } from "./support/command/confine.ts";
import { commitOf } from "./support/command/started_by.ts";

const [name = "", ...args] = Deno.args;
const names = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".ts") && file !== "start.ts")
  .map((file) => file.replace(/\.ts$/, "").replaceAll("_", "-"));
if (!names.includes(name)) {
  console.error(
    `start: expected one of ${names.sort().join(", ")}, found "${printable(name)}"` +
      suggestion(name, names),
  );
  Deno.exit(2);
}
const root = new URL("..", import.meta.url);
confine(
  new URL(`./${name.replaceAll("-", "_")}.ts`, import.meta.url),
  accessOf(name, args),
  // A confined task may not look for it.
  commitOf(fileURLToPath(root)),
);

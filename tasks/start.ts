/**
 * Starts a task so that it reaches only the files and folders that its arguments name:
 * `deno run … tasks/start.ts NAME [options]`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { accessOf } from "./support/access.ts";
import { confine } from "./support/confine.ts";
import { commitOf } from "./support/started_by.ts";

const [name, ...args] = Deno.args;
const root = new URL("..", import.meta.url);
confine(
  new URL(`./${name.replaceAll("-", "_")}.ts`, import.meta.url),
  accessOf(name, args),
  // A confined task may not look for it.
  commitOf(fileURLToPath(root)),
);

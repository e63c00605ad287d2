/**
 * Starts a task so that it reaches only the files and folders that its arguments name:
 * `deno run … tasks/start.ts NAME [options]`.
 *
 * @module
 */
import { accessOf } from "./support/access.ts";
import { confine } from "./support/confine.ts";

const [name, ...args] = Deno.args;
confine(new URL(`./${name.replaceAll("-", "_")}.ts`, import.meta.url), accessOf(name, args));

/** Runs `probe.ts` exactly as `tasks/start.ts` runs a task: `confined_probe.ts NAME [options]`. */
import { accessOf } from "../../tasks/support/command/access.ts";
import { confine } from "../../tasks/support/command/confine.ts";

const [name, ...args] = Deno.args;
confine(new URL("./probe.ts", import.meta.url), accessOf(name, args));

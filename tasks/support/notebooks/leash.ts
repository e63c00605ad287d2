/**
 * Programs that end with the one that started them.
 *
 * @module
 */

/** Waits for the end of the input, then kills the program that took this shell's place. */
const SCRIPT =
  'exec 3<&0; (read -r _ <&3; kill -KILL $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/**
 * A command that ends, at the latest, when its input does: the program that started it holds the other
 * end of that pipe, which closes however that program ends. The command itself reads nothing. Windows
 * has no such shell.
 */
export function leashed(command: readonly string[]): string[] {
  return Deno.build.os === "windows" ? [...command] : ["sh", "-c", SCRIPT, "sh", ...command];
}

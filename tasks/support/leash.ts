/**
 * Programs that end with who started them.
 *
 * @module
 */

/** Waits for the end of the input, then kills the program that took this shell's place. */
const SCRIPT =
  'exec 3<&0; (read -r _ <&3; kill -KILL $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/**
 * A command that ends, at the latest, with the input that it was started with: who started it holds the
 * other end of that pipe, which is closed however he ends. It cannot read. Windows has no such shell.
 */
export function leashed(command: readonly string[]): string[] {
  return Deno.build.os === "windows" ? [...command] : ["sh", "-c", SCRIPT, "sh", ...command];
}

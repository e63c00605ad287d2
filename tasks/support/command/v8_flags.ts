/**
 * Prints the V8 flags with which the kernels of lib/backends/simd run up to 1.7 times as fast, where
 * this Deno is known to have them: others refuse to start with a flag that they do not know.
 * docs/performance.md tells what the flags do.
 *
 * @module
 */

/** Versions of V8 on which the tests passed with the flags. */
const TESTED = /^15\.0\./;

/** The arguments for `deno run`; none for a V8 of another version. */
export function v8Flags(version: string): string {
  return TESTED.test(version)
    ? "--v8-flags=--no-wasm-bounds-checks,--experimental-wasm-revectorize"
    : "";
}

if (import.meta.main) console.log(v8Flags(Deno.version.v8));

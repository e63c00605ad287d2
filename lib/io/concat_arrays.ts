/**
 * Joining arrays of numbers.
 *
 * @module
 */

/** Numbers one after the other, in an array of the type that is asked for. */
export function concatArrays<T extends Uint8Array | Float32Array>(
  parts: readonly ArrayLike<number>[],
  Result: new (length: number) => T,
): T {
  const all = new Result(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return concatArrays(parts, Uint8Array);
}

/**
 * Room in a page for the slices of many scans.
 *
 * @module
 */

/**
 * Shares room fairly: each scan gets as much as the others, or all that it needs where that is less,
 * and at least 1.
 *
 * @param needs of each scan, 1 or more.
 * @param room for all of them together.
 * @returns what each gets; together no more than the room where that is at least one each.
 */
export function sharedRoom(needs: readonly number[], room: number): number[] {
  const shares = new Array<number>(needs.length);
  const modest = [...needs.keys()].sort((a, b) => needs[a] - needs[b]);
  let left = room;
  modest.forEach((at, i) => {
    const even = Math.floor(left / (needs.length - i));
    shares[at] = Math.max(1, Math.min(needs[at], even));
    left -= shares[at];
  });
  return shares;
}

/** Numbers of slices taken evenly from a scan, from 0: of each of `count` equal parts the middle one. */
export function evenSlices(depth: number, count: number): number[] {
  const taken = Math.min(count, depth);
  return Array.from({ length: taken }, (_, i) => Math.floor((i + 0.5) * depth / taken));
}

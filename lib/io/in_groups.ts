/**
 * Work on many files, some at a time.
 *
 * @module
 */

/** Files that are open at the same time: a process may have few, on some machines 256, in all. */
const AT_ONCE = 16;

/**
 * What `work` makes of each item, in their order.
 *
 * @param atOnce How many are worked on at the same time; 16 by default.
 */
export async function inGroups<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Promise<Made>,
  atOnce = AT_ONCE,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let first = 0; first < items.length; first += atOnce) {
    made.push(...await Promise.all(items.slice(first, first + atOnce).map(work)));
  }
  return made;
}

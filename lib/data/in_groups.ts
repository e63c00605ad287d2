/**
 * Work on many files, some at a time.
 *
 * @module
 */

/** Files that are open at the same time: a process may have few, on some machines 256. */
const AT_ONCE = 64;

/** What `work` makes of each item, in their order; never more than 64 at the same time. */
export async function inGroups<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE) {
    made.push(...await Promise.all(items.slice(first, first + AT_ONCE).map(work)));
  }
  return made;
}

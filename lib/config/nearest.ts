/**
 * What somebody may have meant.
 *
 * @module
 */

/** Characters of the longest word that is compared: the work grows with their square. */
const LONGEST = 100;

/** The candidate with the fewest edits (Levenshtein) from a word, if it is at all alike. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word, candidate) }))
    .filter(({ candidate: { length }, edits }) =>
      edits < length && edits <= Math.max(2, length / 3)
    )
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}

/** " (did you mean …?)" where there is something near, else nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

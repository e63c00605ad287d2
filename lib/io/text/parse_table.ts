/**
 * Tables as text: CSV (RFC 4180) and BIDS's TSV.
 *
 * @module
 */

/** Cells of the largest table that is read. */
const MOST_CELLS = 2 ** 22;

/** Characters of the longest cell: a regular expression takes memory for each of a quoted one. */
const LONGEST_CELL = 2 ** 16;

/**
 * The rows of a table by the names in its first line; cells are trimmed, missing ones are "". Blank
 * lines are left out. A cell in double quotes may hold separators, line ends and doubled quotes.
 *
 * @param separator "," or a tab.
 * @throws {RangeError} If the table is far too large, with missing cells counted.
 */
export function parseTable(text: string, separator: string): Record<string, string>[] {
  const [heads = [], ...rows] = parseCells(text.replace(/^\ufeff/, ""), separator);
  if (heads.length * rows.length > MOST_CELLS) throw tooLarge();
  return rows.map((cells) => Object.fromEntries(heads.map((head, i) => [head, cells[i] ?? ""])));
}

function parseCells(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let cells = 0;
  let row: string[] = [];
  // A cell, quoted or plain, and what ends it: a separator, a line or the text.
  const cell = new RegExp(
    `(?:"((?:[^"]|""){0,${LONGEST_CELL}})"|([^${separator}\r\n]*))(${separator}|\r?\n|\r|$)`,
    "gy",
  );
  for (const [, quoted, plain, end] of text.matchAll(cell)) {
    if (++cells > MOST_CELLS) throw tooLarge();
    row.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"').trim());
    if (end === separator) continue;
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  }
  return rows;
}

function tooLarge(): RangeError {
  return new RangeError(`expected a table of at most ${MOST_CELLS} cells, found more`);
}

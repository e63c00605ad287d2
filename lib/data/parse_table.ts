/**
 * Tables as text: CSV (RFC 4180) and BIDS's TSV.
 *
 * @module
 */

/**
 * The rows of a table by the names in its first line; cells are trimmed, missing ones are "". Blank
 * lines are left out. A cell in double quotes may hold separators, line ends and doubled quotes.
 *
 * @param separator "," or a tab.
 */
export function parseTable(text: string, separator: string): Record<string, string>[] {
  const [heads = [], ...rows] = parseCells(text.replace(/^\ufeff/, ""), separator);
  return rows.map((cells) => Object.fromEntries(heads.map((head, i) => [head, cells[i] ?? ""])));
}

function parseCells(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell, quoted or plain, and what ends it: a separator, a line or the text.
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^${separator}\r\n]*))(${separator}|\r?\n|\r|$)`,
    "gy",
  );
  for (const [, quoted, plain, end] of text.matchAll(cell)) {
    row.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"').trim());
    if (end === separator) continue;
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  }
  return rows;
}

/**
 * Cells of CSV (RFC 4180) that no spreadsheet takes for a formula: names that others wrote may begin
 * as one, `=cmd|…`, which would run when the table is opened (OWASP, "CSV Injection").
 *
 * @module
 */

/**
 * Where a formula may begin: at the start of a cell, also for a program that separates cells by
 * semicolons or tabs; wide forms count in East Asian versions. Apostrophes are there from escaping.
 */
const FORMULA = /(?<=^|[;\t\r\n])(?='*[=+\-@＝＋－＠\t\r\n])/g;

/** The same, escaped. */
const ESCAPED = /(?<=^|[;\t\r\n])'(?='*[=+\-@＝＋－＠\t\r\n])/g;

/** What a cell holds: a text, in which an apostrophe comes before a formula, or a number. */
export function csvCell(value: string | number | boolean | null): string {
  const text = typeof value === "string" ? value.replace(FORMULA, "'") : String(value ?? "");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The text of a cell that {@linkcode csvCell} wrote, its quotes already taken away. */
export function textOfCell(cell: string): string {
  return cell.replace(ESCAPED, "");
}

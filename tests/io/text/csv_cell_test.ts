import assert from "node:assert/strict";
import fc from "fast-check";
import { csvCell, textOfCell } from "../../../lib/io/text/csv_cell.ts";
import { parseTable } from "../../../lib/io/text/parse_table.ts";

Deno.test("csvCell() leaves nothing that a spreadsheet would take for a formula", () => {
  const names = [
    "=cmd|'/c calc'!A1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "a;=1",
    "'=1",
  ];
  for (const name of names) {
    const cell = csvCell(name);
    const shown = cell.startsWith('"') ? cell.slice(1, -1) : cell;
    // Excel and LibreOffice begin a cell anew after these, by the locale's separator.
    for (const part of shown.split(/[;\t\r\n]/)) {
      assert.doesNotMatch(part, /^[=+\-@＝＋－＠]/, name);
    }
    assert.match(shown, /^[^=+\-@＝＋－＠\t\r\n]/, name);
  }
});

Deno.test("csvCell() leaves numbers and common names as they are", () => {
  const values = [-1.5, 1e-7, true, null, "left ventricle", "T1-weighted", "a@b", "O'Neil"];
  const expected = ["-1.5", "1e-7", "true", "", ...values.slice(4)];
  assert.deepEqual(values.map(csvCell), expected);
});

Deno.test("textOfCell() reads back what csvCell() wrote", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab'=+-@;,\"\n＝") })
    // Tables' cells are trimmed.
    .filter((name) => name === name.trim());
  fc.assert(fc.property(text, (name) => {
    const [{ cell }] = parseTable(`cell,end\r\n${csvCell(name)},x\r\n`, ",");
    assert.equal(textOfCell(cell), name);
  }));
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTable } from "../../../lib/io/text/parse_table.ts";

Deno.test("parseTable() reads what spreadsheets write", () => {
  const csv = '\ufeff,External code,"Patho, logy"\r\n0, A0S9V9 ,"a ""b"""\r\n\r\n1,B1,\r\n2,"C\n2"';
  assert.deepEqual(parseTable(csv, ","), [
    { "": "0", "External code": "A0S9V9", "Patho, logy": 'a "b"' },
    { "": "1", "External code": "B1", "Patho, logy": "" },
    { "": "2", "External code": "C\n2", "Patho, logy": "" },
  ]);
  assert.deepEqual(parseTable("index\tname\n1\tgrey, left\n", "\t"), [
    { index: "1", name: "grey, left" },
  ]);
  assert.deepEqual(parseTable("", ","), []);
  assert.deepEqual(parseTable("a,b\n", ","), []);
});

Deno.test("parseTable() gives back any cells that are quoted", () => {
  const cell = fc.string().map((text) => text.trim());
  fc.assert(fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const text = ["a,b", ...rows.map((row) => row.map(quoted).join(","))].join("\n");
    const kept = rows.filter((row) => row.some((value) => value !== ""));
    assert.deepEqual(parseTable(text, ","), kept.map(([a, b]) => ({ a, b })));
  }));
});

import assert from "node:assert/strict";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { parseJson } from "../../../lib/io/text/parse_json.ts";
import { excerpt, isPrintable, printable } from "../../../lib/io/text/printable.ts";
import { createVoice } from "../../../tasks/support/command/voice.ts";
import { styles } from "../../../tasks/support/command/terminal.ts";
import { withFolder, writeAcdcPatient } from "../../support/datasets.ts";
import { runTask } from "../../support/run_task.ts";
import * as v from "valibot";

Deno.test("printable() shows what would steer a terminal, as JSON writes it", () => {
  const hostile = "a\x1b[31m\r\n\u009b\u202eb\x7f\u2028\0";
  const shown = printable(hostile);
  assert.equal(shown, "a\\u001b[31m\\u000d\\n\\u009b\\u202eb\\u007f\\u2028\\u0000");
  assert.ok(isPrintable(shown) && !isPrintable(hostile));
  assert.equal(printable("Müller ♥ 心"), "Müller ♥ 心");
  const json = printable(JSON.stringify({ id: "\u009b\u202e" }));
  assert.deepEqual(JSON.parse(json), { id: "\u009b\u202e" });
});

Deno.test("excerpt() is a short line of any text", () => {
  assert.equal(excerpt("short"), "short");
  assert.equal(excerpt("x".repeat(1e6)), `${"x".repeat(100)}…`);
  assert.ok(excerpt("\x1b".repeat(1e6)).length <= 101);
});

Deno.test("parseJson() quotes no more of a hostile file than a line can show", () => {
  const schema = v.object({ schema: v.literal("x"), r: v.record(v.string(), v.string()) });
  for (
    const text of [
      '{"a":\n\x1b[31m}',
      JSON.stringify({ schema: "\x1b[31m\n".repeat(1000) }),
      JSON.stringify({ schema: "x", r: { ["\x1b\n".repeat(1000)]: 1 } }),
    ]
  ) {
    assert.throws(() => parseJson(text, schema, "a.json"), ({ message }: Error) => {
      return message.startsWith("a.json: expected ") && message.length < 400 &&
        isPrintable(message);
    });
  }
  for (const open of ["[", '{"a":']) {
    assert.throws(
      () => parseJson(open.repeat(1e5), v.unknown(), "a.json"),
      /^RangeError: a\.json: expected JSON of at most 100 levels, found more$/,
    );
  }
  assert.deepEqual(parseJson('{"a":"[[[[\\"["}', v.unknown(), "a.json"), { a: '[[[["[' });
});

Deno.test("openDataset() refuses names that would steer a terminal", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001", { group: "\x1b]0;title\x07" });
    await assert.rejects(
      openDataset(dir),
      /RangeError: .*expected names of at most 500 .*found "\\u001b\]0;title\\u0007"/,
    );
  }));

Deno.test("a task's voice and its errors escape what files say", () =>
  withFolder(async (dir) => {
    const lines: string[] = [];
    const screen = {
      print: (line: string) => lines.push(line),
      columns: () => 80,
      style: styles(false),
    };
    const voice = createVoice({ level: "verbose", out: screen, err: screen });
    for (const say of [voice.note, voice.detail, voice.warn]) say("\x1b[2J");
    assert.deepEqual(lines, ["\\u001b[2J", "\\u001b[2J", "warning: \\u001b[2J"]);
    await writeAcdcPatient(dir, "patient001");
    Deno.writeTextFileSync(`${dir}/patient001/Info.cfg`, "ED: \x1b[2J\r9\nES: 8\n");
    const { code, stderr } = await runTask("check-data", "--data", dir);
    assert.equal(code, 1);
    assert.ok(isPrintable(stderr.trimEnd()), stderr);
    assert.match(stderr, /^check-data: .*found \\u001b\[2J\\u000d9\n$/);
  }));

import assert from "node:assert/strict";
import { styles } from "../../tasks/support/command/terminal.ts";
import { createVoice, type VoiceOptions } from "../../tasks/support/command/voice.ts";

/** What a voice of a level writes to a terminal, in order. */
function spoken(level: VoiceOptions["level"]): string[] {
  const written: string[] = [];
  const screen = (name: string) => ({
    print: (line: string) => void written.push(`${name}: ${line}`),
    rewrite: (line: string) => void written.push(`line: ${line}`),
    columns: () => 80,
    style: styles(false),
  });
  const voice = createVoice({ level, out: screen("out"), err: screen("err") });
  voice.note("a note");
  voice.detail("a detail");
  const display = voice.progress();
  display.update(0, { doing: "work" });
  voice.warn("a warning");
  return written;
}

Deno.test("createVoice() says as much as was asked for, and clears the progress line first", () => {
  const progress = ["line: ░░░░░░░░░░    0 %  work", "line: ", "err: warning: a warning"];
  assert.deepEqual(spoken("quiet"), ["err: warning: a warning"]);
  assert.deepEqual(spoken("normal"), ["out: a note", ...progress]);
  assert.deepEqual(spoken("verbose"), ["out: a note", "out: a detail", ...progress]);
});

Deno.test("styles() are escape sequences, or nothing", () => {
  assert.equal(styles(true).bold("a"), "\x1b[1ma\x1b[22m");
  assert.equal(styles(false).bold("a"), "a");
});

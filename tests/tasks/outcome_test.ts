import assert from "node:assert/strict";
import { commandLine, type Outcome, showOutcome } from "../../tasks/support/command/outcome.ts";
import { styles } from "../../tasks/support/command/terminal.ts";
import { withFolder } from "../support/datasets.ts";

/** What is printed of an outcome. */
function shown(outcome: Outcome, quiet: boolean): string[] {
  const printed: string[] = [];
  const screen = {
    print: (line: string) => void printed.push(line),
    columns: () => 80,
    style: styles(false),
  };
  showOutcome(outcome, { quiet, screen });
  return printed;
}

Deno.test("showOutcome() tells the result, the files that are there and the next command", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/masks.csv`, "");
    const outcome = {
      text: "Dice 0.9",
      json: {},
      written: {
        folder: dir,
        files: { "masks.csv": "a table", "none.csv": "not there", "*.png": "pictures" },
      },
      next: { purpose: "predict", command: "deno task predict" },
    };
    assert.deepEqual(shown(outcome, false), [
      `\nDice 0.9\n\nWritten to ${dir}:\n  masks.csv  a table\n  *.png      pictures\n\n` +
      "Next, predict:\n  deno task predict",
    ]);
    assert.deepEqual(shown(outcome, true), ["Dice 0.9"]);
    assert.deepEqual(shown({ json: {} }, false), []);
  }));

Deno.test({
  name: "commandLine() is one line that a shell reads back, whatever a path holds",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const words = [
      "a b",
      "it's",
      "two\nlines",
      "tab\t\\ '",
      "\x1b[31mred",
      "\u202eturned",
      "é\n1",
      "$HOME",
    ];
    const line = commandLine("predict", words);
    assert.match(line, /^[^\p{Cc}\u202e]*$/u);
    const command = line.replace("deno task predict", "printf '%s\\0'");
    const { stdout } = await new Deno.Command("bash", { args: ["-c", command] }).output();
    assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), words);
  },
});

Deno.test("commandLine() quotes what a shell would take apart", () => {
  assert.equal(
    commandLine("predict", ["--input", "../my scans/O'Neil.nii.gz", "--set", "grid.size=32"]),
    "deno task predict --input '../my scans/O'\\''Neil.nii.gz' --set grid.size=32",
  );
});

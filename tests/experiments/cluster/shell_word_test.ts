import assert from "node:assert/strict";
import { shellWord } from "../../../lib/experiments/cluster/shell_word.ts";

Deno.test({
  name: "shellWord() is one word that a shell reads back as it was",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const words = [
      "plain",
      "",
      "a b",
      "it's",
      "''",
      "$HOME",
      "`id`",
      '"x"',
      "a\\",
      "a\nb",
      "*",
      "~",
    ];
    const script = `printf '%s\\0' ${words.map(shellWord).join(" ")}`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
    assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), words);
  },
});

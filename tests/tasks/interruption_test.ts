import assert from "node:assert/strict";
import { interruption } from "../../tasks/support/command/interruption.ts";
import { withFolder } from "../support/datasets.ts";

/** What became of keys and signals, each at its time in ms. */
function happened(...acts: readonly [at: number, act: "press" | "request"][]): string[] {
  const told: string[] = [];
  let time = 0;
  const handlers = interruption({
    stop: () => told.push("stop"),
    end: () => told.push(`end at ${time}`),
    announce: (line) => told.push(line.split(";")[0]),
    now: () => time,
  });
  for (const [at, act] of acts) {
    time = at;
    handlers[act]();
  }
  return told;
}

Deno.test("interruption() takes two presses for two only if more than a second apart", () => {
  const stops = ["stopping", "stop"];
  assert.deepEqual(happened([0, "press"]), stops);
  assert.deepEqual(happened([0, "press"], [2, "press"], [900, "press"]), stops);
  assert.deepEqual(happened([0, "press"], [2, "press"], [1001, "press"]), [
    ...stops,
    "end at 1001",
  ]);
});

Deno.test("interruption() ends at no second request: a scheduler's reaches every process", () => {
  assert.deepEqual(happened([0, "request"], [5000, "request"]), ["stopping", "stop"]);
  assert.deepEqual(happened([0, "request"], [500, "press"]), ["stopping", "stop"]);
  assert.deepEqual(happened([0, "request"], [1500, "press"]), ["stopping", "stop", "end at 1500"]);
});

Deno.test({
  name: "listenToSignals() makes a file beyond ulimit -f an error, not the process's end",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const [interruption, write] = [
        "tasks/support/command/interruption.ts",
        "lib/io/write_file.ts",
      ]
        .map((file) => new URL(`../../${file}`, import.meta.url));
      const script = `
        const { listenToSignals } = await import("${interruption}");
        const { writeFileAtomically } = await import("${write}");
        listenToSignals({ stop: () => {}, end: () => {} });
        try { await writeFileAtomically("${dir}/file", new Uint8Array(1e7)); }
        catch (error) { console.log(error.message); }
        Deno.exit();`;
      // Files that Deno keeps for itself are smaller.
      const { code, stdout } = await new Deno.Command("sh", {
        args: ["-c", `ulimit -f 16384; exec "$0" eval '${script}'`, Deno.execPath()],
      }).output();
      assert.equal(code, 0);
      assert.match(new TextDecoder().decode(stdout), /file: expected room to write it, .*EFBIG/);
    }),
});

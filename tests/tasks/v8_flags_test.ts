import assert from "node:assert/strict";
import { v8Flags } from "../../tasks/support/command/v8_flags.ts";

Deno.test("v8Flags() gives flags that this Deno starts with", async () => {
  const flags = v8Flags(Deno.version.v8).split(" ").filter((flag) => flag !== "");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", ...flags, ""],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("v8Flags() gives nothing for a V8 that it was not tested on", () => {
  assert.equal(v8Flags("14.2.231"), "");
  assert.equal(v8Flags("150.1"), "");
  assert.equal(v8Flags("15.1.27"), "");
  assert.match(v8Flags("15.0.245.2-rusty"), /^--v8-flags=/);
});

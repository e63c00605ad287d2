/**
 * What tasks send, counted in a network namespace of their own: nothing. The demo's test counts a
 * whole run.
 */
import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { inNamespace, withNamespace } from "../support/namespace.ts";
import { probed } from "../support/probed.ts";
import { taskNames } from "../support/run_task.ts";

Deno.test({
  ...await withNamespace("a namespace hears what is sent, by a program and by Deno itself"),
  fn: () =>
    withFolder(async (dir) => {
      const run = (code: string, flags: string[]) => {
        Deno.writeTextFileSync(`${dir}/code.ts`, code);
        const command = [Deno.execPath(), "run", "--no-config", "--no-prompt", ...flags];
        return inNamespace([...command, `${dir}/code.ts`], { DENO_DIR: dir });
      };
      const fetches = "await fetch('http://192.0.2.1').catch(() => {})";
      const imports = "await import('npm:' + 'pix2rep-way-out').catch(() => {})";
      const heard = [
        await run(fetches, ["--allow-net"]),
        await run(imports, []),
        await run(imports, ["--cached-only"]),
      ];
      assert.deepEqual(heard.map(({ packets }) => packets > 0), [true, true, false]);
    }),
});

for (const task of taskNames()) {
  Deno.test({
    ...await withNamespace(`${task} sends no packet, whatever is tried in its place`),
    fn: () =>
      withFolder(async (dir) => {
        await probed(task, dir, {
          run: async (command, env) => {
            const { stdout, stderr, packets } = await inNamespace(command, env);
            assert.equal(packets, 0, task);
            assert.notEqual(stdout, "", stderr);
            return stdout;
          },
        });
      }),
  });
}

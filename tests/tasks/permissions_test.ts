import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { taskCommand, taskNames } from "../support/run_task.ts";

/** The permission flags of a task. */
function flags(name: string): string[] {
  return taskCommand(name).filter((word) => word.startsWith("-"));
}

Deno.test("every task has the least permissions: no network, no programs, no prompts", () => {
  assert.ok(taskNames().length >= 7);
  const granted = /^--allow-(read|write)(=|$)|^--allow-env=CI,TERM,XDG_RUNTIME_DIR$/;
  // It only runs notebooks, in a kernel that they take the network from.
  const jupyter = "--allow-run=jupyter-nbconvert";
  for (const name of taskNames()) {
    for (
      const flag of flags(name).filter((flag) =>
        !/^--(no-(prompt|remote)$|quiet$|v8-flags=)/.test(flag)
      )
    ) {
      if (name === "notebooks" && flag === jupyter) continue;
      assert.match(flag, granted, `${name}: ${flag}`);
    }
    assert.ok(flags(name).includes("--no-prompt"), name);
    assert.ok(flags(name).includes("--no-remote"), name);
  }
});

Deno.test("with the permissions of any task, nothing can be sent anywhere", () =>
  withFolder(async (dir) => {
    const probe = `${dir}/probe.ts`;
    const attempts = [
      "() => fetch('http://127.0.0.1:8000')",
      "() => Deno.connect({ hostname: '127.0.0.1', port: 8000 })",
      "() => Deno.listen({ port: 0 })",
      "() => Deno.resolveDns('localhost', 'A')",
      "() => new Deno.Command('true').output()",
      "() => import('data:text/javascript,await fetch(\"http://127.0.0.1:8000\")')",
    ];
    Deno.writeTextFileSync(
      probe,
      `for (const attempt of [${attempts}]) {
        try { await attempt(); console.log("done"); } catch (error) { console.log(error.name); }
      }`,
    );
    const sets = new Set(taskNames().map((name) => flags(name).join(" ")));
    for (const set of sets) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", ...set.split(" "), "--no-config", probe],
        env: { NO_COLOR: "1" },
      }).output();
      const names = new TextDecoder().decode(stdout).trimEnd().split("\n");
      assert.deepEqual(names, attempts.map(() => "NotCapable"), set);
    }
  }));

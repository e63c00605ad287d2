import assert from "node:assert/strict";
import { leashed } from "../../tasks/support/notebooks/leash.ts";
import { until } from "../support/until.ts";

const posix = (name: string) => ({ name, ignore: Deno.build.os === "windows" });

/** Starts a program that would sleep for a minute, held by this process or by another. */
function start(command: readonly string[]): Deno.ChildProcess {
  const [program, ...args] = command;
  return new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
}

/** Whether a process is there. */
function lives(pid: number): boolean {
  const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] }).outputSync();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}

Deno.test({
  ...posix("leashed() runs a program to its end, with its output and its exit code"),
  fn: async () => {
    const child = start(leashed(["sh", "-c", 'echo "$1"; exit 7', "sh", "it's one word"]));
    const { code, stdout } = await child.output();
    await child.stdin.close();
    assert.deepEqual([code, new TextDecoder().decode(stdout)], [7, "it's one word\n"]);
  },
});

Deno.test({
  ...posix("leashed() ends a program with who started it, be he killed"),
  fn: async () => {
    const holder = `
      const [program, ...args] = ${JSON.stringify(leashed(["sleep", "60"]))};
      const child = new Deno.Command(program, { args, stdin: "piped" }).spawn();
      console.log(child.pid);
      await child.status;`;
    const process = start([Deno.execPath(), "eval", holder]);
    const reader = process.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    assert.ok(lives(pid));
    process.kill("SIGKILL");
    await process.status;
    await until("the program's end", () => !lives(pid), { seconds: 10 });
    await reader.cancel();
    await process.stdin.close().catch(() => {});
  },
});

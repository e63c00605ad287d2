import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** How a run of tests ended. */
export interface TestRun {
  /** All passed, one failed, the time limit ended it, or the code did not even start. */
  end: "passed" | "failed" | "hung" | "broken";
  /** Seconds that it took. */
  seconds: number;
  /** The first test that failed. */
  failure?: string;
  /** What was printed. */
  output: string;
}

/** Copies the files of a project that git knows, or would: what is built or private stays. */
export async function copyProject(root: string, to: string): Promise<void> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { success, stdout } = await new Deno.Command("git", { args, cwd: root }).output();
  if (!success) throw new Error(`${root}: expected a clone, whose files git lists`);
  const paths = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(root, path), join(to, path)).catch((error) => {
      // Removed, but not committed yet.
      if (error.code !== "ENOENT") throw error;
    });
  }
}

/**
 * Runs tests of a copy until the first fails, without types: a mistake has to show when the code runs.
 * On the CPU alone, for WebGPU in software takes minutes.
 *
 * @param limit Seconds after which they are ended, with all that they started.
 */
export async function runTests(
  dir: string,
  tests: readonly string[],
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<TestRun> {
  const test = ["test", "--no-check", "--no-prompt", "--fail-fast"];
  const permissions = ["read", "write", "env", "run"].map((name) => `--allow-${name}`);
  const started = performance.now();
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["-k", "5", `${limit}`, Deno.execPath(), ...test, ...permissions, ...tests],
    cwd: dir,
    env: { NO_COLOR: "1", PIX2REP_BACKENDS: "simd" },
    signal,
  }).output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  const [, failure] = output.match(/^ FAILURES\s*\n\s*(.*?)(?: => .*)?$/m) ?? [];
  const failed = /^FAILED \|/m.test(output);
  return {
    end: code === 0 ? "passed" : [124, 137].includes(code) ? "hung" : failed ? "failed" : "broken",
    seconds: (performance.now() - started) / 1000,
    failure,
    output,
  };
}

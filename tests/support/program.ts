/** Programs that a test needs beside Python, where they are installed. */

/** Options of a test that needs a program: skipped, saying so, where it is absent. */
export async function withProgram(
  program: string,
  name: string,
): Promise<{ name: string; ignore: boolean }> {
  const { state } = await Deno.permissions.query({ name: "run", command: program });
  const present = state === "granted" &&
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output().then(() => true, () => false);
  return { name: present ? name : `${name} (skipped: no ${program})`, ignore: !present };
}

/** Runs a program in a folder, which has to succeed. */
export async function runProgram(program: string, args: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdout: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Python with the libraries that a test needs, where it is installed. */

/** Debian's first, which has its packages whatever else is in the way. */
const PROGRAMS = ["/usr/bin/python3", "python3"];

/** A Python that has these modules; undefined where there is none. */
export async function pythonWith(...modules: string[]): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const { state } = await Deno.permissions.query({ name: "run", command: program });
    if (state !== "granted") continue;
    const found = await run(program, ["-c", `import ${modules}`]).catch(() => undefined);
    if (found?.success) return program;
  }
  return undefined;
}

/** Runs a program in a folder, which has to succeed; returns what it printed. */
export async function runPython(
  python: string,
  program: string,
  { dir, args = [] }: { dir: string; args?: readonly string[] },
): Promise<string> {
  const { success, stdout, stderr } = await run(python, ["-c", program, ...args], dir);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function run(program: string, args: string[], cwd?: string): Promise<Deno.CommandOutput> {
  return await new Deno.Command(program, { args, cwd }).output();
}

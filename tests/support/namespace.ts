/**
 * Programs in a network namespace of their own, in which every address is this machine's and lies
 * behind one interface: its counter tells of every packet, to whatever address and port.
 */
import assert from "node:assert/strict";

const SCRIPT = `
ip link set lo up && ip route add local 0.0.0.0/0 dev lo || exit 99
ip -6 route add local ::/0 dev lo 2>/dev/null
"$0" "$@"
code=$?
sed -nE 's/^ *lo: *[0-9]+ +([0-9]+).*/packets: \\1/p' /proc/net/dev >&2
exit $code`;

/** How a program ended in such a namespace. */
export interface Heard {
  /** Its exit code. */
  code: number;
  /** What it printed. */
  stdout: string;
  /** What it complained of. */
  stderr: string;
  /** How many packets were sent. */
  packets: number;
}

/** Runs a program in a namespace of its own. */
export async function inNamespace(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Heard> {
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--map-root-user", "--net", "sh", "-c", SCRIPT, ...command],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [told, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const [line, packets] = complaint.match(/packets: (\d+)\n$/) ?? [];
  assert.ok(line !== undefined, complaint);
  return { code, stdout: told, stderr: complaint.slice(0, -line.length), packets: Number(packets) };
}

/** Whether this machine lets a namespace be made. */
export async function canMakeNamespace(): Promise<boolean> {
  return await inNamespace(["true"]).then(() => true, () => false);
}

/** Options of a test that needs a namespace: skipped, saying so, where none can be made. */
export async function withNamespace(name: string): Promise<{ name: string; ignore: boolean }> {
  const able = await canMakeNamespace();
  return { name: able ? name : `${name} (skipped: no network namespace)`, ignore: !able };
}

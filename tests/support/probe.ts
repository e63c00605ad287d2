/** Tries, in the place of a task, what a task may and may not do, and prints what became of it. */
import { parseArgs } from "node:util";
import { readDicom } from "../../lib/data/formats/dicom/read_series.ts";

const { data = "", out = "" } = parseArgs({
  args: Deno.args,
  options: { data: { type: "string" }, out: { type: "string" } },
  strict: false,
}).values as { data?: string; out?: string };

const attempts: Record<string, () => unknown> = {
  "fetch": () => fetch("http://127.0.0.1:8000"),
  "connect": () => Deno.connect({ hostname: "127.0.0.1", port: 8000 }),
  "listen": () => Deno.listen({ port: 0 }),
  "resolve a name": () => Deno.resolveDns("localhost", "A"),
  "run a program": () => new Deno.Command("true").output(),
  "load a library": () => Deno.dlopen("libc.so.6", {}),
  "ask for HOME": () => Deno.env.get("HOME"),
  "ask for the host's name": () => Deno.hostname(),
  "import code from the network": () => import(`${"http"}://127.0.0.1:8000/code.ts`),
  "read outside": () => Deno.readTextFile(`${data}/../outside.txt`),
  "read the machine's files": () => Deno.readTextFile("/etc/hostname"),
  "write outside": () => Deno.writeTextFile(`${out}/../outside.txt`, ""),
  "write to the data": () => Deno.writeTextFile(`${data}/new.txt`, ""),
  "start a worker that may more": () => workerWithNetwork(),
  "read the data": () => Deno.readTextFile(`${data}/inside.txt`),
  "read a DICOM series": () => readDicom(`${data}/series/slice0.dcm`),
  "write to --out": async () => {
    await Deno.mkdir(out, { recursive: true });
    await Deno.writeTextFile(`${out}/new.txt`, "");
  },
};

function workerWithNetwork(): void {
  const code = URL.createObjectURL(new Blob([""]));
  new Worker(code, { type: "module", deno: { permissions: { net: true } } });
}

for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log(`${name}: done`);
  } catch (error) {
    console.log(`${name}: ${(error as Error).name}`);
  }
}
self.postMessage(0);

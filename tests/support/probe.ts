/**
 * Tries, in the place of a task, what a task may and may not do, also in its threads, and prints what
 * became of it as a line of JSON: where, then what, then how it ended.
 */
import { parseArgs } from "node:util";
import { Worker as Thread } from "node:worker_threads";
import { readDicom } from "../../lib/data/formats/dicom/read_series.ts";
import { waysOut } from "./ways_out.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { data: { type: "string" }, out: { type: "string" } },
  strict: false,
});
const { data, out } = { data: "", out: "", ...values };
const outside = `${data}/..`;

/** What each thread tried, by the thread's name. */
const tried: Record<string, Record<string, string>> = {};

tried.files = await outcomes({
  "ask for HOME": () => Deno.env.get("HOME"),
  "ask for the host's name": () => Deno.hostname(),
  "read outside": () => Deno.readTextFile(`${outside}/outside.txt`),
  "read the machine's files": () => Deno.readTextFile("/etc/hostname"),
  "write outside": () => Deno.writeTextFile(`${out}/../outside.txt`, ""),
  "write to the data": () => Deno.writeTextFile(`${data}/new.txt`, ""),
  "read the data": () => Deno.readTextFile(`${data}/inside.txt`),
  "read a DICOM series": () => readDicom(`${data}/series/slice0.dcm`),
  "write to --out": async () => {
    await Deno.mkdir(`${out}`, { recursive: true });
    await Deno.writeTextFile(`${out}/new.txt`, "");
  },
});
tried.task = await waysOut(outside);
tried.worker = await inWorker();
tried.thread = await inThread();
console.log(JSON.stringify(tried));
if ("WorkerGlobalScope" in globalThis) self.postMessage(0);
else Deno.exit(0);

/** Tries some things, one after the other. */
async function outcomes(attempts: Record<string, () => unknown>): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    result[name] = await (async () => await attempt())()
      .then(() => "done", (error: Error) => error.name);
  }
  return result;
}

/** The code that tries all ways out and hands its outcome to `tell`. */
function code(tell: string): string {
  return `(${waysOut})(${JSON.stringify(outside)}).then((tried) => ${tell}(tried));`;
}

/** Tries all ways out in a worker of a browser's kind. */
function inWorker(): Promise<Record<string, string>> {
  const url = URL.createObjectURL(new Blob([code("postMessage")], { type: "text/javascript" }));
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** Tries all ways out in a thread of Node's kind, as the simd backend and the DICOM reader start them. */
function inThread(): Promise<Record<string, string>> {
  const tell = 'require("node:worker_threads").parentPort.postMessage';
  const thread = new Thread(code(`((tried) => ${tell}(tried))`), { eval: true });
  return new Promise((resolve, reject) => thread.on("message", resolve).on("error", reject));
}

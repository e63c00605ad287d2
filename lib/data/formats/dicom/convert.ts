/**
 * dcm2niix in a thread of its own, with files in memory alone: what hangs or crashes in it ends with
 * the thread.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { compile, factory } from "./converter_module.js";

/** Options of {@linkcode convert}. */
export interface ConvertOptions {
  /** How long the conversion may take, in ms. */
  limit: number;
}

/**
 * Nothing beside the image, nothing rotated or cropped, values as they were stored where one scale
 * holds for all slices.
 */
const ARGUMENTS = ["-b", "n", "-z", "n", "-x", "i", "-f", "scan", "-o", "/out", "/in"];

/** What the converter adds to the name of a scan that it made even: not what is asked for. */
const EXTRA = /_Eq/;

/** The most memory that the converter can have: 2 GiB, in pages of 64 KiB. */
const PAGES = 2 ** 15;

/**
 * What the thread does, as text: a file would need a permission to read it. The memory grows to its
 * most at once, which costs nothing until it is used: a stray address below 2 GiB then meets zeros,
 * also where V8 was told to check no bounds, and would end the process.
 */
const THREAD = `
const { parentPort, workerData: { program, factory, buffers, args } } = require("node:worker_threads");
const quiet = () => {};
const instantiateWasm = (imports, done) => {
  const instance = new WebAssembly.Instance(program, imports);
  const memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
  memory.grow(${PAGES} - memory.buffer.byteLength / 65536);
  return done(instance, program);
};
import(factory)
  .then(({ default: start }) => start({ print: quiet, printErr: quiet, instantiateWasm }))
  .then(({ FS, callMain }) => {
    for (const dir of ["/in", "/out"]) FS.mkdir(dir);
    buffers.forEach((buffer, i) => {
      FS.writeFile("/in/" + i + ".dcm", new Uint8Array(buffer), { canOwn: true });
    });
    callMain(args);
    const names = FS.readdir("/out").filter((name) => name.endsWith(".nii"));
    const scans = names.map((name) => ({ name, bytes: FS.readFile("/out/" + name) }));
    parentPort.postMessage(scans, scans.map(({ bytes }) => bytes.buffer));
  })
  .catch(() => parentPort.postMessage([]));
`;

/**
 * Converts DICOM files to NIfTI, all in one go.
 *
 * @param files Contents of the files, which are handed over.
 * @returns The contents of the NIfTI files: one for each scan that the converter sees.
 * @throws {Error} If the converter fails or takes too long. The message names no file, and repeats
 * nothing of what the converter says.
 */
export async function convert(
  files: readonly Uint8Array[],
  { limit }: ConvertOptions,
): Promise<Uint8Array[]> {
  const buffers = files.map(bufferOf);
  const workerData = { program: await compile(), factory, buffers, args: ARGUMENTS };
  const thread = new Worker(THREAD, { eval: true, workerData, transferList: buffers });
  const { promise, resolve, reject } = Promise.withResolvers<Converted[]>();
  const late = setTimeout(() => {
    reject(new Error(`expected an answer of dcm2niix within ${limit / 1000} s, found none`));
  }, limit);
  thread.on("message", resolve);
  thread.on("error", () => resolve([])).on("exit", () => resolve([]));
  try {
    const converted = await promise;
    if (converted.length === 0) {
      throw new Error("expected a series that dcm2niix can convert, found another");
    }
    return converted.filter(({ name }) => !EXTRA.test(name)).map(({ bytes }) => bytes);
  } finally {
    clearTimeout(late);
    await thread.terminate();
  }
}

/** A file that the converter wrote. */
interface Converted {
  name: string;
  bytes: Uint8Array;
}

/** A file's bytes as a buffer of their own: Deno looks at every single byte of an array handed over. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return whole ? buffer : new Uint8Array(bytes).buffer;
}

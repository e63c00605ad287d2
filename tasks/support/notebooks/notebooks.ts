/**
 * Notebooks as files: run from a fresh kernel, checked, and cleaned of what differs between runs.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { leashed } from "./leash.ts";

/** A notebook, in the form of nbformat 4. */
export interface Notebook {
  /** Its cells in order. */
  cells: Cell[];
  /** The kernel that it is for. */
  metadata: Record<string, unknown>;
  /** Version of the form. */
  nbformat: number;
  /** Minor version of the form. */
  nbformat_minor: number;
}

/** A cell of a notebook. */
export interface Cell {
  /** "code" or "markdown". */
  cell_type: string;
  /** The tag "figure" marks a cell that must show one. */
  metadata: { tags?: string[] };
  /** The text, line by line. */
  source: string[];
  /** What a code cell printed and showed. */
  outputs?: Output[];
  /** When a code cell was run, counted from 1. */
  execution_count?: number | null;
}

/** One output of a cell. */
export interface Output {
  /** "stream", "display_data", "execute_result" or "error". */
  output_type: string;
  /** Contents by MIME type, where it shows something. */
  data?: Record<string, unknown>;
}

/** The images that a reader sees where nothing runs. */
const IMAGES = ["image/png", "image/svg+xml"];

/** What makes nbconvert wait for late outputs. */
const CONFIG = fileURLToPath(new URL("./nbconvert_config.py", import.meta.url));

/** Seconds that a cell may take before it counts as hung. */
const CELL_TIMEOUT = 1800;

/** The tag of a cell that must show a figure. */
const FIGURE = "figure";

/**
 * Makes this Deno known to Jupyter as the kernel "deno", in a folder of its own, whatever kernels the
 * user has installed.
 *
 * @param dir A folder to be named in `JUPYTER_PATH`.
 */
export async function writeKernel(dir: string): Promise<void> {
  const kernel = join(dir, "kernels", "deno");
  await Deno.mkdir(kernel, { recursive: true });
  await Deno.writeTextFile(
    join(kernel, "kernel.json"),
    JSON.stringify({
      // A kernel whose nbconvert is killed would go on forever.
      argv: leashed([Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"]),
      display_name: "Deno",
      language: "typescript",
    }),
  );
}

/**
 * Runs a notebook top to bottom from a fresh kernel.
 *
 * @param path The notebook; it is left as it is.
 * @param scratch A folder with a kernel of {@linkcode writeKernel}, for whatever the run leaves.
 * @returns the notebook with its new outputs.
 * @throws {Error} with the kernel's message if a cell throws.
 */
export async function executeNotebook(
  path: string,
  { scratch, signal }: { scratch: string; signal?: AbortSignal },
): Promise<Notebook> {
  const { success, stderr } = await nbconvert([
    ...["--to", "notebook", "--config", CONFIG],
    ...["--execute", `--ExecutePreprocessor.timeout=${CELL_TIMEOUT}`],
    ...["--output-dir", scratch, "--output", "executed.ipynb", path],
  ], { scratch, signal });
  if (!success) throw new Error(`${path}: ${reason(stderr)}`);
  return await readNotebook(join(scratch, "executed.ipynb"));
}

async function nbconvert(
  args: string[],
  { scratch, signal }: { scratch: string; signal?: AbortSignal },
): Promise<{ success: boolean; stderr: string }> {
  try {
    const child = new Deno.Command("jupyter-nbconvert", {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      // Mesa's Vulkan drivers complain where the last one is not set.
      env: { JUPYTER_PATH: scratch, NO_COLOR: "1", XDG_RUNTIME_DIR: scratch },
    }).spawn();
    // It ends with its input (nbconvert_config.py), as it does where this process is killed.
    const stop = () => child.stdin.close().catch(() => {});
    signal?.addEventListener("abort", stop);
    const { success, stderr } = await child.output();
    signal?.removeEventListener("abort", stop);
    await stop();
    signal?.throwIfAborted();
    return { success, stderr: new TextDecoder().decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      "expected jupyter-nbconvert, found none: apt-get install jupyter-nbconvert",
    );
  }
}

/** Reads a notebook. */
export async function readNotebook(path: string): Promise<Notebook> {
  return JSON.parse(await Deno.readTextFile(path));
}

/**
 * What is wrong with an executed notebook, one line each; nothing where all is well: no cell threw,
 * each that must show a figure has one, and there is one at all.
 */
export function notebookProblems({ cells }: Notebook): string[] {
  const problems = cells.flatMap((cell, i) => {
    const outputs = cell.outputs ?? [];
    const threw = outputs.some(({ output_type }) => output_type === "error");
    const missing = isFigure(cell) && !outputs.some(hasImage);
    return [
      ...(threw ? [`cell ${i + 1} threw`] : []),
      ...(missing ? [`cell ${i + 1}: expected a figure with an image, found none`] : []),
    ];
  });
  if (cells.some(isFigure)) return problems;
  return [...problems, `expected a cell with the tag "${FIGURE}", found none`];
}

/** A notebook without what differs from run to run or from one front end to another. */
export function cleanNotebook({ cells, nbformat, nbformat_minor }: Notebook): Notebook {
  return {
    cells: cells.map(({ metadata: { tags }, ...cell }) => ({
      ...cell,
      metadata: tags ? { tags } : {},
    })),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
    },
    nbformat,
    nbformat_minor,
  };
}

function isFigure({ metadata: { tags = [] } }: Cell): boolean {
  return tags.includes(FIGURE);
}

function hasImage({ data = {} }: Output): boolean {
  return IMAGES.some((type) => data[type]);
}

/** Why nbconvert failed: the cell that threw and its error, else the last that it wrote. */
function reason(text: string): string {
  const at = text.lastIndexOf("An error occurred while executing");
  return at < 0 ? text.trim().split("\n").slice(-5).join("\n") : text.slice(at).trim();
}

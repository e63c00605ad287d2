/**
 * Files of weights that a user names in the place of a run.
 *
 * @module
 */
import { statSync } from "node:fs";
import { readBytes } from "../../../lib/io/read_file.ts";
import { decodeModelFile, type ModelFile } from "../../../lib/export/model_file.ts";
import { decodeSafetensors, type HostTensor } from "../../../lib/training/weights/safetensors.ts";
import { notFinite, withoutModule } from "../../../lib/training/weights/weight_tensors.ts";

/** How large a file may be: three times the published network. */
const MOST_BYTES = 2 ** 31;

/** Whether a path names a file, where the folder of a run may stand too. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Reads a model that `deno task export` wrote.
 *
 * @throws {SyntaxError} if the file is none, or damaged.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  return decodeModelFile(await readBytes(path, { maxBytes: MOST_BYTES }), path);
}

/**
 * Reads weights from safetensors: of `deno task export`, with their configuration, or of another
 * program, without.
 *
 * @throws {SyntaxError} if the file is no safetensors, damaged, or another one of this toolkit.
 * @throws {TypeError} if a weight of another program is not finite.
 */
export async function readWeightsFile(
  path: string,
): Promise<Pick<ModelFile, "tensors"> & Partial<Pick<ModelFile, "config" | "order" | "channels">>> {
  const bytes = await readBytes(path, { maxBytes: MOST_BYTES });
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  if (metadata.format?.startsWith("pix2rep.")) return decodeModelFile(bytes, path);
  expectFinite(tensors, path);
  return { tensors: withoutModule(tensors) };
}

function expectFinite(tensors: Record<string, HostTensor>, path: string): void {
  const broken = notFinite(tensors);
  if (broken === undefined) return;
  throw new TypeError(`${path}: expected finite weights, found "${broken}" with others`);
}

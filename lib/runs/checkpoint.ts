/**
 * Checkpoints: named tensors in one safetensors file, in PyTorch's names and layouts, with a
 * checksum.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { excerpt } from "../io/text/printable.ts";
import { readBytes } from "../io/read_file.ts";
import { writeFileAtomically, type WriteFileOptions } from "../io/write_file.ts";
import { DivergenceError } from "../training/divergence.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
} from "../training/weights/safetensors.ts";
import { notFinite } from "../training/weights/weight_tensors.ts";

/** How large a checkpoint may be: three times the published network with its optimiser. */
const MOST_BYTES = 2 ** 32;

/** The version of what our checkpoints hold. */
const FORMAT = "pix2rep.checkpoint/1";

/**
 * Writes a checkpoint: the file at `path` is the old one or the new one, whole.
 *
 * @throws {DivergenceError} if a value is not finite: such weights are of no use.
 */
export async function writeCheckpoint(
  path: string,
  { tensors, metadata }: Safetensors,
  options: WriteFileOptions = {},
): Promise<void> {
  const broken = notFinite(tensors);
  if (broken !== undefined) {
    throw new DivergenceError(
      `${path}: expected finite weights, found "${broken}" with others: the training diverged; ` +
        "try a lower learning rate",
    );
  }
  const content = { tensors, metadata: { ...metadata, format: FORMAT } };
  const sha256 = digest(content);
  await writeFileAtomically(
    path,
    encodeSafetensors({ tensors, metadata: { ...content.metadata, sha256 } }),
    options,
  );
}

/**
 * Reads a checkpoint of ours.
 *
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} if the file is not one, is incomplete, or its checksum is wrong.
 */
export async function readCheckpoint(path: string): Promise<Safetensors> {
  const { tensors, metadata: { sha256, ...metadata } } = decodeSafetensors(
    await readBytes(path, { maxBytes: MOST_BYTES }),
    path,
  );
  if (metadata.format !== FORMAT) {
    const found = excerpt(metadata.format ?? "none");
    throw new SyntaxError(
      `${path}: expected a checkpoint of format ${FORMAT}, found ${found}; use the version of ` +
        "this toolkit that wrote it",
    );
  }
  const content = { tensors, metadata };
  if (sha256 !== digest(content)) {
    throw new SyntaxError(`${path}: the checksum does not match: the file is damaged`);
  }
  return content;
}

/** SHA-256 over metadata, names, shapes and values. */
function digest({ tensors, metadata }: Safetensors): string {
  const hash = createHash("sha256").update(JSON.stringify(metadata));
  for (const name of Object.keys(tensors).sort()) {
    const { shape, values } = tensors[name];
    hash.update(JSON.stringify([name, shape]))
      .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest("hex");
}

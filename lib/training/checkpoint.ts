/**
 * Checkpoints: named tensors in one safetensors file, in PyTorch's names and layouts, with a
 * checksum; and their way into and out of a network's weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Weights } from "../backbones/weights.ts";
import { writeFileAtomically } from "../data/write_file.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  type Safetensors,
} from "./safetensors.ts";

/** The version of what our checkpoints hold. */
const FORMAT = "pix2rep.checkpoint/1";

/** Writes a checkpoint: the file at `path` is the old one or the new one, whole. */
export async function writeCheckpoint(
  path: string,
  { tensors, metadata }: Safetensors,
): Promise<void> {
  const content = { tensors, metadata: { ...metadata, format: FORMAT } };
  const sha256 = digest(content);
  await writeFileAtomically(
    path,
    encodeSafetensors({ tensors, metadata: { ...content.metadata, sha256 } }),
  );
}

/**
 * Reads a checkpoint of ours.
 *
 * @throws {SyntaxError} if the file is not one, is incomplete, or its checksum is wrong.
 */
export async function readCheckpoint(path: string): Promise<Safetensors> {
  const { tensors, metadata: { sha256, ...metadata } } = decodeSafetensors(
    await readFile(path),
    path,
  );
  if (metadata.format !== FORMAT) {
    throw new SyntaxError(
      `${path}: expected a checkpoint of format ${FORMAT}, found ${metadata.format ?? "none"}; ` +
        `use the version of this toolkit that wrote it`,
    );
  }
  const content = { tensors, metadata };
  if (sha256 !== digest(content)) {
    throw new SyntaxError(`${path}: the checksum does not match: the file is damaged; train again`);
  }
  return content;
}

/** Reads a network's tensors from the backend, in PyTorch's layouts. */
export async function exportWeights(weights: Weights): Promise<Record<string, HostTensor>> {
  const entries = Object.entries(weights).map(async ([name, weight]) => {
    const torch = tf.tidy(() => weight.rank === 4 ? tf.transpose(weight, [3, 2, 0, 1]) : weight);
    // A copy: a backend may hand out the tensor's own memory.
    const values = new Float32Array(await torch.data());
    if (torch !== weight) torch.dispose();
    return [name, { shape: torch.shape, values }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Gives a network the values of a checkpoint. Every weight must be there with its shape; tensors
 * that the network lacks are passed over.
 *
 * @param source The checkpoint's path, for the error.
 * @throws {TypeError} when weights are missing or have other shapes: another architecture.
 */
export function importWeights(
  weights: Weights,
  tensors: Record<string, HostTensor>,
  source: string,
): void {
  for (const [name, weight] of Object.entries(weights)) {
    const shape = weight.rank === 4 ? [3, 2, 0, 1].map((i) => weight.shape[i]) : weight.shape;
    const found = tensors[name]?.shape;
    if (`${found}` !== `${shape}`) {
      throw new TypeError(
        `${source}: a checkpoint of another architecture: expected "${name}" of shape [${shape}], ` +
          `found ${found ? `[${found}]` : "none"}; use the configuration that it was trained with`,
      );
    }
  }
  for (const [name, weight] of Object.entries(weights)) {
    const { shape, values } = tensors[name];
    tf.tidy(() => {
      const torch = tf.tensor(values, [...shape]);
      weight.assign(weight.rank === 4 ? tf.transpose(torch, [2, 3, 1, 0]) : torch);
    });
  }
}

/** The tensors whose names start with a prefix, the prefix taken off. */
export function withPrefix(
  prefix: string,
  tensors: Record<string, HostTensor>,
): Record<string, HostTensor> {
  const entries = Object.entries(tensors)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor]);
  return Object.fromEntries(entries);
}

/** The tensors with a prefix before their names. */
export function addPrefix(
  prefix: string,
  tensors: Record<string, HostTensor>,
): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([k, tensor]) => [prefix + k, tensor]));
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

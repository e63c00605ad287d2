/**
 * Checkpoints: named tensors in one safetensors file, in PyTorch's names and layouts, with a
 * checksum; and their way into and out of a network's weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import type { Weights } from "../backbones/weights.ts";
import { excerpt } from "../data/printable.ts";
import { readBytes } from "../data/read_file.ts";
import { writeFileAtomically, type WriteFileOptions } from "../data/write_file.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  type Safetensors,
} from "./safetensors.ts";

/** How large a checkpoint may be: three times the published network with its optimiser. */
const MOST_BYTES = 2 ** 32;

/** The version of what our checkpoints hold. */
const FORMAT = "pix2rep.checkpoint/1";

/**
 * Writes a checkpoint: the file at `path` is the old one or the new one, whole.
 *
 * @throws {RangeError} if a value is not finite: such weights are of no use.
 */
export async function writeCheckpoint(
  path: string,
  { tensors, metadata }: Safetensors,
  options: WriteFileOptions = {},
): Promise<void> {
  expectFinite(tensors, path);
  const content = { tensors, metadata: { ...metadata, format: FORMAT } };
  const sha256 = digest(content);
  await writeFileAtomically(
    path,
    encodeSafetensors({ tensors, metadata: { ...content.metadata, sha256 } }),
    options,
  );
}

function expectFinite(tensors: Record<string, HostTensor>, path: string): void {
  const broken = Object.keys(tensors).find((name) => !allFinite(tensors[name].values));
  if (broken === undefined) return;
  throw new RangeError(
    `${path}: expected finite weights, found "${broken}" with others: the training diverged; ` +
      "try a lower learning rate",
  );
}

/** A loop, for `every` takes ten times as long. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
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

/** Which of a network's weights a checkpoint has. */
export interface WeightMatch {
  /** Names of weights that it has in their shape. */
  matched: string[];
  /** Weights that it lacks. */
  missing: { name: string; expected: readonly number[] }[];
  /** Weights that it has in another shape, in PyTorch's layouts. */
  mismatched: { name: string; expected: readonly number[]; found: readonly number[] }[];
}

/** Compares a network's weights with a checkpoint's tensors. */
export function matchWeights(
  weights: Weights,
  tensors: Record<string, HostTensor>,
): WeightMatch {
  const match: WeightMatch = { matched: [], missing: [], mismatched: [] };
  for (const [name, weight] of Object.entries(weights)) {
    const expected = weight.rank === 4 ? [3, 2, 0, 1].map((i) => weight.shape[i]) : weight.shape;
    const found = tensors[name]?.shape;
    if (!found) match.missing.push({ name, expected });
    else if (`${found}` === `${expected}`) match.matched.push(name);
    else match.mismatched.push({ name, expected, found });
  }
  return match;
}

/** Rows that a table has at most. */
const MOST_ROWS = 20;

/** A match as lines of a table: how many weights match, and what does not, name by name. */
export function matchTable(match: WeightMatch): string {
  return [matchCounts(match), ...mismatchRows(match)].join("\n");
}

function matchCounts({ matched, missing, mismatched }: WeightMatch): string {
  return `of its weights ${matched.length} match, ${mismatched.length} have another shape, ` +
    `${missing.length} are missing`;
}

function mismatchRows({ missing, mismatched }: WeightMatch): string[] {
  const all = [
    ...mismatched.map(({ name, expected, found }) => [name, `[${expected}]`, `[${found}]`]),
    ...missing.map(({ name, expected }) => [name, `[${expected}]`, "none"]),
  ];
  const rows = all.slice(0, MOST_ROWS);
  const width = Math.max(6, ...rows.map(([name]) => name.length));
  const line = ([name, expected, found]: string[]) =>
    `  ${name.padEnd(width)}  ${expected.padEnd(16)}  ${found}`.trimEnd();
  return [
    ...(rows.length ? [line(["weight", "expected", "found"]), ...rows.map(line)] : []),
    ...(all.length > rows.length ? [`  … ${all.length - rows.length} more`] : []),
  ];
}

/** Options of {@linkcode importWeights}. */
export interface ImportWeightsOptions {
  /** Takes the weights that match and leaves the others as they are, instead of refusing. */
  partial?: boolean;
}

/**
 * Gives a network the values of a checkpoint. Every weight must be there with its shape; tensors
 * that the network lacks are passed over.
 *
 * @param source The checkpoint's path, for the error.
 * @returns what matched: everything, unless `partial`.
 * @throws {TypeError} when weights are missing or have other shapes (another architecture), or, with
 * `partial`, when none matches; its `cause` is a table of them. The network is as it was.
 */
export function importWeights(
  weights: Weights,
  tensors: Record<string, HostTensor>,
  source: string,
  { partial = false }: ImportWeightsOptions = {},
): WeightMatch {
  const match = matchWeights(weights, tensors);
  const complete = match.missing.length + match.mismatched.length === 0;
  if (!complete && (!partial || match.matched.length === 0)) {
    throw new TypeError(
      `${source}: a checkpoint of another architecture, use the configuration that it was trained ` +
        `with: ${matchCounts(match)}`,
      { cause: mismatchRows(match).join("\n") },
    );
  }
  for (const name of match.matched) {
    const { shape, values } = tensors[name];
    const weight = weights[name];
    tf.tidy(() => {
      const torch = tf.tensor(values, [...shape]);
      weight.assign(weight.rank === 4 ? tf.transpose(torch, [2, 3, 1, 0]) : torch);
    });
  }
  return match;
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

/** Tensors or weights with a prefix before their names. */
export function prefixed<T>(prefix: string, tensors: Record<string, T>): Record<string, T> {
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

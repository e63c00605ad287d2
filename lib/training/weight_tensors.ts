/**
 * A network's weights as tensors outside the backend, in PyTorch's names and layouts, and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../backbones/weights.ts";
import type { HostTensor } from "./safetensors.ts";

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

/** The name of the first tensor with a value that is not finite; undefined where all are. */
export function notFinite(tensors: Record<string, HostTensor>): string | undefined {
  return Object.keys(tensors).find((name) => !allFinite(tensors[name].values));
}

/** A loop, for `every` takes ten times as long. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/**
 * A network's weights as tensors outside the backend, in PyTorch's names and layouts, and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { stemName } from "../../backbones/create_backbone.ts";
import type { Weights } from "../../backbones/weights.ts";
import type { BackboneSettings } from "../../config/backbone.ts";
import { excerpt } from "../../io/text/printable.ts";
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
  /** Tensors of it that are no weights of the network, nor of the other parts of a run. */
  unexpected: { name: string; found: readonly number[] }[];
  /** Over how many channels the filters of one channel were repeated, where they were. */
  repeated?: number;
}

/** What a checkpoint of a run holds beside the network that is asked for, and others may lack. */
const OTHER_PARTS = /^(head|memory|optimiser|projection|teacher)\./;

/** Compares a network's weights with a checkpoint's tensors. */
export function matchWeights(
  weights: Weights,
  tensors: Record<string, HostTensor>,
): WeightMatch {
  const match: WeightMatch = { matched: [], missing: [], mismatched: [], unexpected: [] };
  for (const [name, weight] of Object.entries(weights)) {
    const expected = torchShape(weight);
    const found = tensors[name]?.shape;
    if (!found) match.missing.push({ name, expected });
    else if (`${found}` === `${expected}`) match.matched.push(name);
    else match.mismatched.push({ name, expected, found });
  }
  for (const [name, { shape }] of Object.entries(tensors)) {
    if (Object.hasOwn(weights, name) || OTHER_PARTS.test(name)) continue;
    match.unexpected.push({ name, found: shape });
  }
  return match;
}

/** A weight's shape in PyTorch's layout. */
function torchShape({ rank, shape }: tf.Variable): readonly number[] {
  return rank === 4 ? [3, 2, 0, 1].map((i) => shape[i]) : shape;
}

/** Rows that each part of a table has at most. */
const MOST_ROWS = 20;

/** A match as lines of a table: how many weights match, and what does not, name by name. */
export function matchTable(match: WeightMatch): string {
  return [matchCounts(match), ...mismatchRows(match)].join("\n");
}

function matchCounts({ matched, missing, mismatched, unexpected }: WeightMatch): string {
  return `of its weights ${matched.length} match, ${mismatched.length} have another shape, ` +
    `${missing.length} are missing` +
    (unexpected.length ? `; ${unexpected.length} unexpected` : "");
}

function mismatchRows({ missing, mismatched, unexpected }: WeightMatch): string[] {
  const shape = (sizes: readonly number[]) => `[${sizes}]`;
  const lacking = [
    ...mismatched.map(({ name, expected, found }) => [name, shape(expected), shape(found)]),
    ...missing.map(({ name, expected }) => [name, shape(expected), "none"]),
  ];
  const others = unexpected.map(({ name, found }) => [excerpt(name), "none", shape(found)]);
  const parts = [lacking, others].map((part) => part.slice(0, MOST_ROWS));
  const width = Math.max(6, ...parts.flat().map(([name]) => name.length));
  const line = ([name, expected, found]: string[]) =>
    `  ${name.padEnd(width)}  ${expected.padEnd(16)}  ${found}`.trimEnd();
  const more = (part: string[][]) =>
    part.length > MOST_ROWS ? [`  … ${part.length - MOST_ROWS} more`] : [];
  return [
    ...(parts.flat().length ? [line(["weight", "expected", "found"])] : []),
    ...[lacking, others].flatMap((part, i) => [...parts[i].map(line), ...more(part)]),
  ];
}

/** Options of {@linkcode importWeights}. */
export interface ImportWeightsOptions {
  /** Takes the weights that match and leaves the others as they are, instead of refusing. */
  partial?: boolean;
  /**
   * The name of the first convolution's weight. Filters of a network for one channel are repeated over
   * several and divided by their number: of equal channels they make what they made of the one.
   */
  stem?: string;
}

/**
 * Gives a network the values of a checkpoint. Every weight must be there with its shape, and its
 * parts, what their names begin with, must have no others; tensors of other parts are passed over.
 *
 * @param source The checkpoint's path, for the error.
 * @returns what matched: everything, unless `partial`.
 * @throws {TypeError} when weights are missing, have other shapes or are too many (another
 * architecture, other channels), or, with `partial`, when none matches; its `cause` is a table of
 * them. The network is as it was.
 */
export function importWeights(
  weights: Weights,
  tensors: Record<string, HostTensor>,
  source: string,
  options: ImportWeightsOptions = {},
): WeightMatch {
  const { fitting, ...repetition } = fitStem(weights, tensors, source, options);
  const match = { ...expectMatch(weights, fitting, source, options), ...repetition };
  for (const name of match.matched) {
    const { shape, values } = fitting[name];
    const weight = weights[name];
    tf.tidy(() => {
      const torch = tf.tensor(values, [...shape]);
      weight.assign(weight.rank === 4 ? tf.transpose(torch, [2, 3, 1, 0]) : torch);
    });
  }
  return match;
}

/** The tensors, their first filters repeated where the network has more channels than one. */
function fitStem(
  weights: Weights,
  tensors: Record<string, HostTensor>,
  source: string,
  { partial, stem = "" }: ImportWeightsOptions,
): { fitting: Record<string, HostTensor> } & Pick<WeightMatch, "repeated"> {
  const [tensor, weight] = [tensors[stem], weights[stem]];
  if (!tensor || !weight) return { fitting: tensors };
  const [found, expected] = [tensor.shape, torchShape(weight)];
  const [seen, channels] = [found[1], expected[1]];
  const differs = found.length === 4 && seen !== channels &&
    `${found.with(1, channels)}` === `${expected}`;
  if (!differs) return { fitting: tensors };
  if (seen === 1) {
    const fitting = { ...tensors, [stem]: repeatFilters(tensor, channels) };
    return { fitting, repeated: channels };
  }
  if (partial) return { fitting: tensors };
  throw new TypeError(
    `${source}: expected weights for slices of ${channels} channel${channels === 1 ? "" : "s"}, ` +
      `found some for ${seen}; pretrain on the channels that the scans have here`,
  );
}

/** Filters [out, 1, height, width] as [out, channels, height, width], their sums as before. */
function repeatFilters(
  { shape: [out, , height, width], values }: HostTensor,
  channels: number,
): HostTensor {
  const taps = height * width;
  return {
    shape: [out, channels, height, width],
    values: Float32Array.from(
      { length: values.length * channels },
      (_, i) => values[Math.floor(i / taps / channels) * taps + i % taps] / channels,
    ),
  };
}

/** What to tell of filters that were repeated; undefined where none were. */
export function repetitionWarning({ repeated }: WeightMatch): string | undefined {
  if (repeated === undefined) return undefined;
  return `the pretraining saw one channel; its first filters are repeated over ${repeated}`;
}

/** How many channels a network `backbone.…` of some weights sees; 1 where they do not tell. */
export function inputChannels(
  tensors: Record<string, HostTensor>,
  backbone: Pick<BackboneSettings, "name">,
): number {
  return tensors[`backbone.${stemName(backbone)}`]?.shape[1] || 1;
}

/** Compares as {@linkcode matchWeights} does, and throws as {@linkcode importWeights} does. */
export function expectMatch(
  weights: Weights,
  tensors: Record<string, HostTensor>,
  source: string,
  { partial = false }: ImportWeightsOptions = {},
): WeightMatch {
  const match = matchWeights(weights, tensors);
  if (isComplete(weights, match) || (partial && match.matched.length > 0)) return match;
  throw new TypeError(
    `${source}: a checkpoint of another architecture, use the configuration that it was trained ` +
      `with: ${matchCounts(match)}`,
    { cause: mismatchRows(match).join("\n") },
  );
}

/** Whether a network computes with these weights what it was trained to. */
function isComplete(weights: Weights, { missing, mismatched, unexpected }: WeightMatch): boolean {
  const partOf = (name: string) => name.split(".")[0];
  const parts = new Set(Object.keys(weights).map(partOf));
  return missing.length + mismatched.length === 0 &&
    !unexpected.some(({ name }) => parts.has(partOf(name)));
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

/** The tensors without the "module." before all of their names that PyTorch's DataParallel adds. */
export function withoutModule(tensors: Record<string, HostTensor>): Record<string, HostTensor> {
  const prefix = "module.";
  const wrapped = Object.keys(tensors).every((name) => name.startsWith(prefix));
  return wrapped ? withPrefix(prefix, tensors) : tensors;
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

/**
 * Entries: what a backend registers with tfjs under the names of kernels. An entry hands the work over
 * to what computes it, or declines (returns nothing) where it has no fast path: tfjs's own kernel then
 * computes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { OpKernel, OpKernels } from "../ops/contract.ts";

/** The names of tfjs's own kernels: those of its constants that hold their own name. */
type TfjsKernel = {
  [Name in keyof typeof tf]: (typeof tf)[Name] extends Name ? Name : never;
}[keyof typeof tf];

/** The name of a kernel that an entry may stand for. */
export type EntryName = OpKernel | TfjsKernel;

/** What an entry gets. */
export interface Call<Backend, Name extends EntryName = TfjsKernel> {
  /** The input tensors by name. */
  inputs: Name extends OpKernel ? Record<OpKernels[Name]["inputs"], tf.TensorInfo>
    // deno-lint-ignore no-explicit-any -- each entry of a kernel of tfjs's knows its own inputs
    : any;
  /** The attributes by name. */
  // deno-lint-ignore no-explicit-any -- as above
  attrs: Name extends OpKernel ? OpKernels[Name]["attributes"] : any;
  /** Where to compute. */
  backend: Backend;
}

/** Has the result computed, or declines by returning nothing. */
export type Entry<Backend, Name extends EntryName = TfjsKernel> = (
  call: Call<Backend, Name>,
) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/** Entries by the names of their kernels. */
export type Entries<Backend> = { [Name in EntryName]?: Entry<Backend, Name> };

/**
 * An entry for every kernel of lib/ops, gradients too, but those that the backend has composed of plain
 * tfjs.
 */
export type OpEntries<Backend, Composed extends OpKernel> = {
  [Name in Exclude<OpKernel, Composed>]: Entry<Backend, Name>;
};

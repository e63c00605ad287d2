/**
 * How an operation of its own gradient is made.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Tensor } from "./tensors.ts";

/** Tensors by name. */
type Tensors = Record<string, Tensor>;

/** An operation of the tensors I: its value, and its gradient from the tensors S that it keeps. */
export interface CustomGrad<I extends Tensors, S extends Tensors, Y extends Tensor> {
  /** The value, and what the gradient needs of this pass. */
  forward(): { value: Y; saved: S };
  /** From the gradient of the value that of the inputs; those that have none are constants. */
  backward(dy: Y, saved: S): { [name in keyof I]?: Tensor };
}

/** Computes the value of an operation whose gradient tfjs shall not derive itself. */
export function customGrad<I extends Tensors, S extends Tensors, Y extends Tensor>(
  inputs: I,
  { forward, backward }: CustomGrad<I, S, Y>,
): Y {
  const operation = tf.customGrad<Y>((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved } = forward();
    const names = Object.keys(saved);
    save(Object.values(saved));
    const gradFunc = (dy: Y, kept: Tensor[]) => {
      const gradients = backward(dy, Object.fromEntries(kept.map((t, i) => [names[i], t])) as S);
      return Object.entries(inputs).map(([name, { shape }]) => gradients[name] ?? tf.zeros(shape));
    };
    return { value, gradFunc };
  });
  return operation(...Object.values(inputs));
}

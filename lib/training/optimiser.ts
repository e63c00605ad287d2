/**
 * Adam and AdamW over a network's weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { disposeWeights, trainable, type Weights } from "../backbones/weights.ts";
import { adamUpdate } from "../ops/adam.ts";
import type { Scalar, Tensor } from "../ops/tensors.ts";

/** What Adam remembers: one entry per trainable weight, and the number of steps taken. */
export interface AdamState {
  /** Number of steps taken. */
  step: number;
  /** First moments by weight name. */
  m: Weights;
  /** Second moments by weight name. */
  v: Weights;
}

/** What a run trains. */
export interface TrainingState {
  /** The network's weights. */
  weights: Weights;
  /** The optimiser's state. */
  adam: AdamState;
}

/** Settings of one step over all weights. */
export interface AdamStepOptions {
  /** The learning rate of a weight, by its name. */
  learningRate: (name: string) => number;
  /** Decoupled weight decay (AdamW); 0, plain Adam, by default. */
  weightDecay?: number;
}

/** A new state, all moments zero. */
export function adamState(weights: Weights): AdamState {
  const zeros = () =>
    Object.fromEntries(
      Object.entries(trainable(weights)).map(([name, weight]) => [
        name,
        tf.tidy(() => tf.variable(tf.zeros(weight.shape), false)),
      ]),
    );
  return { step: 0, m: zeros(), v: zeros() };
}

/** Frees the weights and the optimiser's state. */
export function disposeTraining({ weights, adam }: TrainingState): void {
  for (const each of [weights, adam.m, adam.v]) disposeWeights(each);
}

/** Moves every weight that has a gradient by one step, in place. */
export function adamStep(
  { weights, adam }: TrainingState,
  gradients: Record<string, Tensor>,
  { learningRate, weightDecay = 0 }: AdamStepOptions,
): void {
  adam.step++;
  for (const [name, gradient] of Object.entries(gradients)) {
    const [w, m, v] = [weights[name], adam.m[name], adam.v[name]];
    tf.tidy(() => {
      const settings = { learningRate: learningRate(name), step: adam.step, weightDecay };
      const updated = adamUpdate({ w, gradient, m, v }, settings);
      [w, m, v].forEach((variable, i) => variable.assign(updated[i]));
    });
  }
}

/** A function's value, and its gradient by name for every trainable weight that it depends on. */
export function valueAndGradients(
  weights: Weights,
  loss: () => Scalar,
): { value: Scalar; gradients: Record<string, Tensor> } {
  const variables = trainable(weights);
  const { value, grads } = tf.variableGrads(loss, Object.values(variables));
  const gradients = Object.fromEntries(
    Object.entries(variables)
      .filter(([, variable]) => grads[variable.name])
      .map(([name, variable]) => [name, grads[variable.name]]),
  );
  return { value, gradients };
}

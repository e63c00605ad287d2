import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { adamState, adamStep } from "../../../lib/training/optimiser.ts";
import { restoreState, saveState } from "../../../lib/training/weights/state.ts";
import { testOnBackends } from "../../support/backends.ts";
import { onCpu, TINY, tinyNetwork } from "../tiny.ts";

/** A network and Adam's state after some steps along a made-up gradient. */
function stateAfter(steps: number, config = TINY) {
  const { weights } = tinyNetwork(config);
  const state = { weights, adam: adamState(weights) };
  for (let step = 0; step < steps; step++) {
    const gradients = Object.fromEntries(
      Object.entries(state.adam.m).map(([name, { shape }]) => [name, tf.fill(shape, step - 0.3)]),
    );
    adamStep(state, gradients, { learningRate: () => 0.01 });
  }
  return state;
}

testOnBackends("restoreState() undoes saveState() bit for bit", async () => {
  const saved = await saveState(stateAfter(3));
  assert.equal(saved.metadata.step, "3");
  const other = stateAfter(1, { ...TINY, seed: 5 });
  assert.notDeepEqual(await saveState(other), saved);
  restoreState(other, saved);
  assert.equal(other.adam.step, 3);
  assert.deepEqual(await saveState(other), saved);
});

Deno.test(
  "restoreState() refuses what no training run can go on from",
  onCpu(async () => {
    const state = stateAfter(0);
    const { tensors, metadata } = await saveState(state);
    assert.throws(() => restoreState(state, { tensors, metadata: {} }), {
      name: "TypeError",
      message: 'checkpoint: expected a step to go on from, found "undefined"',
    });
    const { "optimiser.v.backbone.down.0.0.weight": _, ...incomplete } = tensors;
    assert.throws(() => restoreState(state, { tensors: incomplete, metadata }), {
      name: "TypeError",
      cause: /\n {2}backbone\.down\.0\.0\.weight +\[4,1,3,3\] +none/,
    });
  }),
);

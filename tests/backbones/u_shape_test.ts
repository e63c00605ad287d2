import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { uShape } from "../../lib/backbones/u_shape.ts";
import { onCpu } from "../training/tiny.ts";

Deno.test(
  "uShape() goes down all levels, then up past each level's own features",
  onCpu(async () => {
    const calls: string[] = [];
    const value = (x: tf.Tensor4D) => x.dataSync()[0];
    const { encode, forward, bottleneck, divisor } = uShape({
      name: "test",
      weights: {},
      widths: [4, 5, 6],
      features: 1,
      channels: 1,
      down: (x, { level, training }) => {
        calls.push(`down ${level} of ${value(x)} ${training}`);
        return tf.mul(x, 10);
      },
      up: ({ below, skip }, { level, training }) => {
        calls.push(`up ${level} of ${value(below)} and ${value(skip)} ${training}`);
        return tf.add(below, skip);
      },
    });
    const x: tf.Tensor4D = tf.ones([1, 4, 4, 1]);
    const y = forward(x, { training: true });
    assert.deepEqual(calls, [
      "down 0 of 1 true",
      "down 1 of 10 true",
      "down 2 of 100 true",
      "up 1 of 1000 and 100 true",
      "up 0 of 1100 and 10 true",
    ]);
    assert.equal((await y.data())[0], 1110);
    assert.equal((await encode(x, { training: false }).data())[0], 1000);
    assert.deepEqual(calls.slice(5), [
      "down 0 of 1 false",
      "down 1 of 10 false",
      "down 2 of 100 false",
    ]);
    assert.deepEqual([bottleneck, divisor], [6, 4]);
  }),
);

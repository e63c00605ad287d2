import * as tf from "@tensorflow/tfjs";
import { leakyRelu } from "../../lib/ops/leaky_relu.ts";
import { groupNorm } from "../../lib/ops/norms/group_norm.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { fixture, withFixtures } from "../support/fixtures.ts";
import { ndhwc } from "../support/volumes.ts";

testOnBackends(
  "leakyRelu() leaves a hundredth of what is negative, and of the gradient",
  async () => {
    const x = tf.tensor4d([-2, -0, 0, 3], [1, 1, 4, 1]);
    assertClose(await leakyRelu(x).data(), [-0.02, 0, 0, 3], 1e-6);
    const dx = tf.grad((x: tf.Tensor) => leakyRelu(x as tf.Tensor4D))(x, tf.fill([1, 1, 4, 1], 5));
    assertClose(await dx.data(), [0.05, 0.05, 0.05, 5], 1e-6);
  },
);

testOnBackends(
  withFixtures("groupNorm() of each channel and leakyRelu() agree with PyTorch on volumes"),
  async () => {
    const { x, gamma, beta, y, dy, dx, dgamma, dbeta } = fixture(
      "instance_norm_leaky_relu_3d.json",
    );
    const unit = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
      leakyRelu(groupNorm(
        x as tf.Tensor5D,
        { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D },
        { groups: gamma.size },
      ));
    const inputs = [ndhwc(x), tf.tensor1d(gamma), tf.tensor1d(beta)];
    const [volumes, scale, shift] = inputs;
    assertClose(await unit(volumes, scale, shift).array(), await ndhwc(y).array());
    const gradients = tf.grads(unit)(inputs, ndhwc(dy));
    assertClose(await gradients[0].array(), await ndhwc(dx).array());
    assertClose(await gradients[1].array(), dgamma);
    assertClose(await gradients[2].array(), dbeta);
  },
);

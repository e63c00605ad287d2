import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../../../lib/ops/norms/normalise_rows.ts";
import { random } from "../../../lib/math/random.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { checkGradient, normals } from "../../support/gradients.ts";

testOnBackends("normaliseRows() divides by the length, and leaves zero vectors", async () => {
  const x = tf.tensor2d([[3, -4], [0, 0], [0, 1e-3], [-2e4, 0]]);
  assertClose(await normaliseRows(x).data(), [0.6, -0.8, 0, 0, 0, 1, -1, 0], 1e-6);
});

testOnBackends("normaliseRows() has the gradient of its finite differences", async () => {
  const source = random("normalise rows");
  const x = tf.reshape(normals([1, 1, 5, 3], source), [5, 3]);
  await checkGradient((x) => normaliseRows(x as tf.Tensor2D), x, source);
});

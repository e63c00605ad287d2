import * as tf from "@tensorflow/tfjs";
import { gatherRows } from "../../lib/ops/gather_rows.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

testOnBackends("gatherRows() takes rows and adds up the gradients of one taken twice", async () => {
  const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const indices = tf.tensor1d([2, 0, 2], "int32");
  assertClose(await gatherRows(x, indices).array(), [[5, 6], [1, 2], [5, 6]]);
  const dy = tf.tensor2d([[1, 2], [10, 20], [100, 200]]);
  const dx = tf.grad((x) => gatherRows(x as tf.Tensor2D, indices))(x, dy);
  assertClose(await dx.array(), [[10, 20], [0, 0], [101, 202]]);
});

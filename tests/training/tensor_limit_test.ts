import assert from "node:assert/strict";
import { useBackend } from "../../lib/backends/select.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { pretrain } from "../../lib/training/pretrain.ts";
import { expectTensorsFit } from "../../lib/training/tensor_limit.ts";
import { BACKENDS } from "../support/backends.ts";
import { onCpu, TINY, tinySlices } from "./tiny.ts";

const LARGE = { ...TINY, grid: { ...TINY.grid, size: 16384 } };

Deno.test({
  name: "tensors that a GPU cannot use at once are refused before the first step",
  ignore: !BACKENDS.includes("webgpu"),
  fn: async () => {
    await useBackend("webgpu");
    const message =
      /^expected tensors of at most \d+ MiB, .* found 16384 MiB for 2 slices of 16384 × 16384 with 8 channels: reduce/;
    assert.throws(() => expectTensorsFit(LARGE, 2), { name: "RangeError", message });
    await assert.rejects(pretrain(tinySlices(2), LARGE), { name: "RangeError", message });
    await assert.rejects(
      adapt(tinySlices(2), LARGE, { strategy: "scratch", classes: 3 }),
      { name: "RangeError", message: /for 4 slices/ },
    );
    assert.throws(
      () => expectTensorsFit(LARGE, 2, 12),
      /24576 MiB for 2 slices .* with 12 channels/,
    );
    expectTensorsFit(TINY, 2);
  },
});

Deno.test(
  "the CPU's tensors are as large as memory allows",
  onCpu(() => expectTensorsFit(LARGE, 64)),
);

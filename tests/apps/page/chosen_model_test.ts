import assert from "node:assert/strict";
import { expectReadableModel, isModelName } from "../../../apps/page/chosen_model.ts";

Deno.test("isModelName() takes models of both kinds, so that none is taken for a scan", () => {
  for (const name of ["a.safetensors", "B.ONNX"]) assert.ok(isModelName(name), name);
  for (const name of ["a.nii.gz", "onnx", "a.onnx.nii"]) assert.ok(!isModelName(name), name);
});

Deno.test("expectReadableModel() says what an .onnx is, and what to choose", () => {
  expectReadableModel("heart.safetensors");
  assert.throws(() => expectReadableModel("heart.ONNX"), {
    name: "TypeError",
    message: /^heart\.ONNX: expected a \.safetensors, found \.onnx, .* deno task export --model /,
  });
});

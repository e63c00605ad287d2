import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeSafetensors, encodeSafetensors } from "../../lib/training/safetensors.ts";

const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
  const length = shape.reduce((product, n) => product * n, 1);
  const values = fc.float32Array({ minLength: length, maxLength: length });
  return values.map((values) => ({ shape, values }));
});
const key = fc.string().filter((name) => name !== "__metadata__" && name !== "__proto__");

Deno.test("decodeSafetensors() reads back what encodeSafetensors() wrote", () => {
  fc.assert(fc.property(
    fc.dictionary(key, tensor, { noNullPrototype: true }),
    fc.dictionary(key, fc.string(), { noNullPrototype: true }),
    (tensors, metadata) => {
      const file = encodeSafetensors({ tensors, metadata });
      assert.deepEqual(decodeSafetensors(file, "test"), { tensors, metadata });
    },
  ));
});

Deno.test("decodeSafetensors() answers any damage with one clear error", () => {
  const tensors = { weight: { shape: [2], values: Float32Array.of(1, 2) } };
  const file = encodeSafetensors({ tensors, metadata: {} });
  fc.assert(fc.property(fc.nat(file.length - 1), (length) => {
    assert.throws(() => decodeSafetensors(file.subarray(0, length), "cut.safetensors"), {
      name: "SyntaxError",
      message: /^cut\.safetensors: not a complete safetensors file: [^\n]+$/,
    });
  }));
  fc.assert(fc.property(fc.nat(file.length - 1), fc.nat(255), (at, byte) => {
    const damaged = file.slice();
    damaged[at] = byte;
    try {
      decodeSafetensors(damaged, "damaged.safetensors");
    } catch (error) {
      assert.ok(error instanceof SyntaxError && !error.message.includes("\n"), String(error));
    }
  }));
});

Deno.test("decodeSafetensors() parses no header that would fill memory", () => {
  const length = 100_000_001;
  const file = new Uint8Array(8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  assert.throws(() => decodeSafetensors(file, "hostile.safetensors"), {
    name: "SyntaxError",
    message: /its header of 100000001 bytes is longer than any/,
  });
});

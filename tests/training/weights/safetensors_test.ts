import assert from "node:assert/strict";
import fc from "fast-check";
import { pythonWith, runPython } from "../../support/python.ts";
import { withFolder } from "../../support/datasets.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../lib/training/weights/safetensors.ts";

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

const python = await pythonWith("torch");

/** Writes every float16 and every bfloat16, and as float32 what PyTorch takes them for. */
const HALVES = `
import json, struct, torch
bits = torch.arange(-2**15, 2**15, dtype=torch.int32).to(torch.int16)
state = {"half": bits.view(torch.float16), "brain": bits.view(torch.bfloat16)}
names = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32"}
state.update({f"{name}.float": values.float() for name, values in list(state.items())})
header, data = {}, b""
for name, values in state.items():
    content = bytes(values.view(torch.uint8).tolist())
    header[name] = {"dtype": names[values.dtype], "shape": [256, 256],
                    "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
open("halves.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
`;

Deno.test({
  name: `decodeSafetensors() reads float16 and bfloat16 as PyTorch does${
    python ? "" : " (skipped: no python3 with torch)"
  }`,
  ignore: python === undefined,
  fn: () =>
    withFolder(async (dir) => {
      await runPython(python!, HALVES, { dir });
      const path = `${dir}/halves.safetensors`;
      const { tensors } = decodeSafetensors(Deno.readFileSync(path), path);
      for (const name of ["half", "brain"]) {
        assert.deepEqual(tensors[name].shape, [256, 256]);
        // As numbers: there are many bits for NaN.
        assert.deepEqual([...tensors[name].values], [...tensors[`${name}.float`].values]);
      }
    }),
});

Deno.test("decodeSafetensors() refuses other numbers, and halves of a wrong length", () => {
  const file = (dtype: string, bytes: number) => {
    const header = JSON.stringify({ w: { dtype, shape: [4], data_offsets: [0, bytes] } });
    const content = new Uint8Array(8 + header.length + bytes);
    new DataView(content.buffer).setBigUint64(0, BigInt(header.length), true);
    content.set(new TextEncoder().encode(header), 8);
    return content;
  };
  assert.deepEqual(decodeSafetensors(file("BF16", 8), "x").tensors.w.values, new Float32Array(4));
  const refused = { F16: 16, F64: 32, constructor: 8 };
  for (const [dtype, bytes] of Object.entries(refused)) {
    assert.throws(() => decodeSafetensors(file(dtype, bytes), "x"), {
      name: "SyntaxError",
      message: dtype === "F16"
        ? /tensor "w" of shape \[4\] does not fit bytes 0–16$/
        : new RegExp(`tensor "w" is ${dtype}, only F32, F16 and BF16 are read$`),
    });
  }
});

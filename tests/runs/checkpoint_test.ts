import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { readCheckpoint, writeCheckpoint } from "../../lib/runs/checkpoint.ts";
import { encodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { withFolder } from "../support/datasets.ts";

const content = {
  tensors: {
    "conv.weight": { shape: [2, 1, 1, 1], values: Float32Array.of(1.5, -2) },
    "conv.bias": { shape: [2], values: Float32Array.of(0, 3e-9) },
  },
  metadata: { step: "17" },
};

Deno.test("readCheckpoint() reads back what writeCheckpoint() wrote, also over an old one", () =>
  withFolder(async (dir) => {
    const path = `${dir}/model.safetensors`;
    await writeCheckpoint(path, { tensors: {}, metadata: {} });
    await writeCheckpoint(path, content);
    const { tensors, metadata } = await readCheckpoint(path);
    assert.deepEqual(tensors, content.tensors);
    assert.deepEqual(metadata, { step: "17", format: "pix2rep.checkpoint/1" });
    const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
    assert.deepEqual(names, ["model.safetensors"]);
  }));

Deno.test("writeCheckpoint() leaves nothing behind where it cannot write", () =>
  withFolder(async (dir) => {
    const path = `${dir}/model.safetensors`;
    await Deno.mkdir(`${path}/occupied`, { recursive: true });
    await assert.rejects(writeCheckpoint(path, content));
    const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
    assert.deepEqual(names, ["model.safetensors"]);
  }));

Deno.test("readCheckpoint() notices a changed byte anywhere in values, names, shapes and step", () =>
  withFolder(async (dir) => {
    const path = `${dir}/model.safetensors`;
    await writeCheckpoint(path, content);
    const sound = await readFile(path);
    // The header is padded with spaces: what they become is a matter of JSON alone.
    const places = [...sound.keys()].filter((at) => sound[at] !== 0x20);
    const place = fc.constantFrom(...places);
    await fc.assert(fc.asyncProperty(place, fc.nat(7), async (at, bit) => {
      const damaged = Uint8Array.from(sound);
      damaged[at] ^= 1 << bit;
      await writeFile(path, damaged);
      await assert.rejects(readCheckpoint(path), (error: Error) => {
        assert.equal(error.name, "SyntaxError");
        assert.match(error.message, /^[^\n]*model\.safetensors: [^\n]+$/);
        return true;
      });
    }));
  }));

Deno.test("readCheckpoint() notices a shape that was changed into one that fits as well", () =>
  withFolder(async (dir) => {
    const path = `${dir}/model.safetensors`;
    await writeCheckpoint(path, content);
    const text = await readFile(path, "latin1");
    await writeFile(path, text.replace("[2,1,1,1]", "[1,2,1,1]"), "latin1");
    await assert.rejects(readCheckpoint(path), {
      name: "SyntaxError",
      message: `${path}: the checksum does not match: the file is damaged`,
    });
  }));

Deno.test("readCheckpoint() refuses what is no checkpoint of ours, or one of a later version", () =>
  withFolder(async (dir) => {
    const path = `${dir}/foreign.safetensors`;
    for (const format of [undefined, "pix2rep.checkpoint/2"]) {
      await writeFile(path, encodeSafetensors({ tensors: {}, metadata: format ? { format } : {} }));
      await assert.rejects(readCheckpoint(path), {
        name: "SyntaxError",
        message: `${path}: expected a checkpoint of format pix2rep.checkpoint/1, found ` +
          `${format ?? "none"}; use the version of this toolkit that wrote it`,
      });
    }
  }));

Deno.test("writeCheckpoint() refuses weights that are not finite, and keeps the file", () =>
  withFolder(async (dir) => {
    const path = `${dir}/model.safetensors`;
    await writeCheckpoint(path, content);
    const tensors = { ...content.tensors, w: { shape: [1], values: Float32Array.of(NaN) } };
    await assert.rejects(writeCheckpoint(path, { ...content, tensors }), {
      name: "RangeError",
      message: /expected finite weights, found "w" with others: the training diverged/,
    });
    assert.deepEqual((await readCheckpoint(path)).tensors, content.tensors);
  }));

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import {
  checkpointPath,
  dropDamaged,
  keepBest,
  keepCheckpoint,
  readKept,
} from "../../lib/runs/kept_checkpoints.ts";
import { withFolder } from "../support/datasets.ts";

const at = (step: number) => ({
  tensors: { w: { shape: [2], values: Float32Array.of(step, -step) } },
  metadata: { step: `${step}` },
});

/** A run's folder with the checkpoints of steps 1, 2 and 3. */
function withThree(body: (dir: string) => Promise<void>): Promise<void> {
  return withFolder(async (dir) => {
    await mkdir(`${dir}/checkpoint`);
    for (const step of [1, 2, 3]) await keepCheckpoint(dir, at(step));
    await body(dir);
  });
}

async function stepOf(dir: string): Promise<string | undefined> {
  return (await readKept(dir))?.checkpoint.metadata.step;
}

Deno.test("keepCheckpoint() keeps the last two, and nothing else", () =>
  withThree(async (dir) => {
    const files = [...Deno.readDirSync(`${dir}/checkpoint`)].map(({ name }) => name).sort();
    assert.deepEqual(files, ["model.safetensors", "previous.safetensors"]);
    assert.equal(await stepOf(dir), "3");
    await Deno.remove(checkpointPath(dir));
    assert.equal(await stepOf(dir), "2");
  }));

Deno.test("keepBest() keeps the best beside them", () =>
  withThree(async (dir) => {
    await keepBest(dir, at(2));
    await keepCheckpoint(dir, at(4));
    assert.ok(Deno.statSync(checkpointPath(dir, "best")).isFile);
    assert.equal(await stepOf(dir), "4");
  }));

Deno.test("readKept() takes the checkpoint before one that is truncated or has a flipped bit", () =>
  withThree(async (dir) => {
    const path = checkpointPath(dir);
    const sound = Deno.readFileSync(path);
    const flipped = Uint8Array.from(sound);
    flipped[flipped.length - 2] ^= 1;
    const broken: [Uint8Array, RegExp][] = [
      [sound.subarray(0, -1), /model\.safetensors: not a complete safetensors file/],
      [new Uint8Array(), /model\.safetensors: not a complete safetensors file/],
      [flipped, /model\.safetensors: the checksum does not match: the file is damaged$/],
    ];
    for (const [bytes, damage] of broken) {
      Deno.writeFileSync(path, bytes);
      const kept = await readKept(dir);
      assert.equal(kept?.checkpoint.metadata.step, "2");
      assert.match(kept.damage!, damage);
    }
  }));

Deno.test("readKept() has nothing where there is nothing, and throws where nothing is sound", () =>
  withThree(async (dir) => {
    Deno.writeTextFileSync(checkpointPath(dir), "no");
    Deno.writeTextFileSync(checkpointPath(dir, "previous"), "no");
    await assert.rejects(readKept(dir), { name: "SyntaxError", message: /model\.safetensors: / });
    await Deno.remove(`${dir}/checkpoint`, { recursive: true });
    assert.equal(await readKept(dir), undefined);
  }));

Deno.test("dropDamaged() keeps a damaged checkpoint from taking the place of the sound one", () =>
  withThree(async (dir) => {
    Deno.truncateSync(checkpointPath(dir), 20);
    await dropDamaged(dir);
    await keepCheckpoint(dir, at(4));
    Deno.truncateSync(checkpointPath(dir), 20);
    assert.equal(await stepOf(dir), "2");
  }));

import assert from "node:assert/strict";
import { channelsOf } from "../../../apps/page/channels.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { tinyImage, tinyVolume } from "../../support/datasets.ts";

function files(...sources: string[]): Volume[] {
  return sources.map((source) => ({ ...tinyVolume(), source }));
}

/** The file of each channel. */
function sourcesOf(sources: readonly string[], names: readonly string[]): string[] {
  const channels = channelsOf(files(...sources), names);
  assert.deepEqual(channels.map(({ name }) => name), names);
  return channels.map(({ volume }) => volume.source);
}

Deno.test("channelsOf() tells files apart by the channel that their names end in", () => {
  for (
    const [names, ordered] of [
      [["T1", "T2"], ["p_T1.nii.gz", "p_T2.nii.gz"]],
      [["flair", "t1", "t1ce"], ["X_FLAIR.nii", "X_T1.nii", "X_T1ce.nii"]],
      [["T1", "T1 post", "post"], ["a-t1.nii.gz", "a-t1_post.nii.gz", "a-post.nii.gz"]],
      [["Größe", "T2*"], ["x_größe.nii", "x_t2.nii"]],
      [["0000", "0001"], ["a_0000.nii.gz", "a_0001.nii.gz"]],
    ]
  ) {
    assert.deepEqual(sourcesOf(ordered, names), ordered);
    assert.deepEqual(sourcesOf(ordered.toReversed(), names), ordered);
  }
});

Deno.test("channelsOf() tells files apart by nnU-Net's numbers where no name does", () => {
  const ordered = ["T1_0000.nii.gz", "T1_0001.nii.gz", "T1_0002.nii.gz"];
  const [a, b, c] = ordered;
  assert.deepEqual(sourcesOf([c, a, b], ["T1", "T2", "PD"]), ordered);
});

Deno.test("channelsOf() takes files whose names do not tell in the order of the choice", () => {
  assert.deepEqual(sourcesOf(["b.nii", "a.nii"], ["T1", "T2"]), ["b.nii", "a.nii"]);
  // What is told stays told.
  assert.deepEqual(sourcesOf(["x_T2.nii", "a.nii"], ["T1", "T2"]), ["a.nii", "x_T2.nii"]);
  assert.deepEqual(sourcesOf(["aT2.nii", "b_ct1.nii"], ["T1", "T2"]), ["aT2.nii", "b_ct1.nii"]);
});

Deno.test("channelsOf() of a model with one channel takes one file, whatever its name", () => {
  const [file] = files("scan.nii.gz");
  assert.deepEqual(channelsOf([file]), [{ name: "scan.nii.gz", volume: file }]);
  assert.deepEqual(channelsOf([file], ["CT"]), [{ name: "CT", volume: file }]);
  const frames = { ...file, shape: [4, 3, 1, 2] };
  assert.deepEqual(channelsOf([frames])[0].volume, frames);
});

Deno.test("channelsOf() takes the channels along the fourth axis of a single file", () => {
  const voxels = Int16Array.from([...tinyImage(), ...tinyImage().map((value) => -value)]);
  const both = { ...tinyVolume(voxels), shape: [4, 3, 2, 2] };
  const channels = channelsOf([both], ["FLAIR", "T1w"]);
  assert.deepEqual(channels.map(({ name }) => name), ["FLAIR", "T1w"]);
  assert.deepEqual(channels.map(({ volume }) => volume.voxels[1]), [10, -10]);
  assert.deepEqual(channels.map(({ volume }) => volume.shape), [[4, 3, 2], [4, 3, 2]]);
});

Deno.test("channelsOf() refuses other numbers of files than channels, and two for one", () => {
  const refused: [sources: string[], names: string[] | undefined, message: string][] = [
    [
      ["a.nii", "b.nii"],
      undefined,
      "expected one file, for the model has one channel; found 2: a.nii, b.nii",
    ],
    [
      ["a.nii"],
      ["T1", "T2"],
      "expected 2 files, chosen together, for the model's channels T1, T2; found 1: a.nii",
    ],
    [
      ["a_T1.nii", "b_t1.nii"],
      ["T1", "T2"],
      "a_T1.nii and b_t1.nii: expected one file for the channel T1, found two",
    ],
  ];
  for (const [sources, names, message] of refused) {
    assert.throws(() => channelsOf(files(...sources), names), { name: "RangeError", message });
  }
});

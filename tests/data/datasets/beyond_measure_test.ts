/** Small files that ask for much: each was found to take gigabytes, minutes or the engine's word. */
import assert from "node:assert/strict";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { parseNifti } from "../../../lib/data/formats/nifti/parse.ts";
import { readNifti } from "../../../lib/data/volumes/nifti_read.ts";
import { parseTable } from "../../../lib/io/text/parse_table.ts";
import { prepareVolume } from "../../../lib/data/slices/preprocess.ts";
import { plannedRuns } from "../../../lib/experiments/sweep/plan.ts";
import { readPlan } from "../../../lib/experiments/sweep/plan_file.ts";
import { readResult } from "../../../lib/experiments/known_runs.ts";
import { decodeSafetensors } from "../../../lib/training/weights/safetensors.ts";
import { csvSink } from "../../../lib/runs/sinks/csv.ts";
import { readRecords } from "../../../lib/runs/sinks/jsonl.ts";
import { withFolder } from "../../support/datasets.ts";
import { niftiBytes } from "../../support/nifti.ts";

const set = (...changes: string[]) => () => resolveConfig("pix2rep-small", { set: changes });

Deno.test("prepareVolume() refuses slices beyond all measure", () => {
  const data = new Uint8Array(32767);
  const deep = parseNifti(niftiBytes({ shape: [1, 1, 32767], datatype: 2, data }), "s.nii");
  assert.throws(
    () => prepareVolume(deep, { size: 256, spacing: 2 }),
    /RangeError: s\.nii: expected slices of at most 2147483648 bytes on the grid, found 858967/,
  );
  const wide = parseNifti(niftiBytes({ pixdim: [1e8, 1e8, 1] }), "s.nii");
  assert.throws(
    () => prepareVolume(wide, { size: 16, spacing: 2 }, { window: "sliding" }),
    /RangeError: s\.nii: expected slices of at most/,
  );
  assert.throws(() => parseNifti(niftiBytes({ pixdim: [1e30, 1, 1] }), "s.nii"), /a voxel size/);
});

Deno.test("readNifti() counts the memory of scaled voxels", () =>
  withFolder(async (dir) => {
    const data = new Uint8Array(1000);
    const fields = { shape: [10, 10, 10], datatype: 2, data, float32: { 112: 2 } };
    Deno.writeFileSync(`${dir}/a.nii`, niftiBytes(fields));
    await readNifti(`${dir}/a.nii`, { maxBytes: 4000 });
    await assert.rejects(
      readNifti(`${dir}/a.nii`, { maxBytes: 3999 }),
      /RangeError: .*voxels of at most 3999 bytes, found 4000/,
    );
  }));

Deno.test("decodeSafetensors() refuses shared bytes and negative shapes, and takes any name", () => {
  const file = (header: string) => {
    const json = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + json.length + 16);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const entry = (shape: string) => `{"dtype":"F32","shape":${shape},"data_offsets":[0,16]}`;
  const decode = (header: string) => decodeSafetensors(file(header), "x");
  assert.throws(() => decode(`{"a":${entry("[4]")},"b":${entry("[4]")}}`), /tensors overlap/);
  assert.throws(() => decode(`{"a":${entry("[-2,-2]")}}`), /no dtype, shape and data_offsets/);
  assert.ok(Object.hasOwn(decode(`{"__proto__":${entry("[4]")}}`).tensors, "__proto__"));
});

Deno.test("settings beyond all measure are refused", () => {
  assert.throws(set("grid.spacing=1e999"), /grid\.spacing/);
  assert.throws(set("seed=1e300"), /seed/);
  assert.throws(set("backbone.widths=[1e9,1e9]"), /backbone\.widths/);
  assert.throws(set("backbone.widths=[8192,8192]"), /weights would take gigabytes/);
  for (const name of ["../../x", "/x", "a/b", ""]) assert.throws(set(`preset=${name}`), /preset/);
  const deep = '{"a":'.repeat(2e5) + "1" + "}".repeat(2e5);
  assert.throws(set(`views=${deep}`, "grid.size=32"), /at most 100 levels/);
  const start = performance.now();
  assert.throws(set(`${"a".repeat(2e6)}=1`), ({ message }: Error) => message.length < 300);
  assert.ok(performance.now() - start < 2000);
});

Deno.test("plans and results beyond all measure are refused", () =>
  withFolder(async (dir) => {
    const numbers = Array.from({ length: 3000 }, (_, i) => i + 1);
    const config = resolveConfig("pix2rep-small");
    const groups = [{
      pretrainings: ["none"],
      strategies: ["scratch" as const],
      patients: numbers,
    }];
    assert.throws(
      () => plannedRuns({ configs: [config], groups, seeds: numbers }),
      /RangeError: expected at most 10000 runs, found 9000000/,
    );
    const write = (name: string, value: unknown) => {
      Deno.writeTextFileSync(`${dir}/${name}`, JSON.stringify(value));
      return `${dir}/${name}`;
    };
    const plan = { schema: "pix2rep.plan/1", presets: ["pix2rep-small"], groups, seeds: [0] };
    await assert.rejects(
      readPlan(write("plan.json", { ...plan, set: ["preset=../../x"] })),
      /plan\.json: .*preset/,
    );
    for (const configs of [[null], [{}], [{ preset: "a" }]]) {
      const result = { schema: "pix2rep.sweep/1", dataset: "d", rows: [], summary: [] };
      await assert.rejects(
        readResult(
          write("result.json", { ...result, config: { configs, groups: [], seeds: [0] } }),
        ),
        /SyntaxError: .*result\.json: expected .* at config\.configs\.0/,
      );
    }
  }));

Deno.test("parseTable() refuses tables of more cells than text", () => {
  assert.throws(() => parseTable("a,".repeat(3000) + "\n" + "x\n".repeat(3000), ","), RangeError);
  assert.equal(parseTable(`a\n"${"x".repeat(2e7)}"`, ",").length, 1);
});

Deno.test("openDataset() refuses more labels than a byte holds, and structures of one name", () =>
  withFolder(async (dir) => {
    const open = (labels: Record<string, string>) => {
      Deno.writeTextFileSync(`${dir}/dataset.json`, JSON.stringify({ labels, training: [] }));
      return openDataset(dir);
    };
    const many = Array.from({ length: 257 }, (_, i) => [i, `label ${i}`]);
    await assert.rejects(open(Object.fromEntries(many)), /at most 254 structures, found 256/);
    await assert.rejects(open({ 0: "b", 1: "x", 2: "x" }), /different names .*found "x"/);
    await assert.rejects(open({ 0: "b", 1: "mean" }), /other than "mean"/);
  }));

Deno.test("metrics that were cut or changed are told by file and line", () =>
  withFolder(async (dir) => {
    Deno.writeTextFileSync(`${dir}/metrics.jsonl`, '{"step":1,"loss":2}\nnull\n{"st');
    await assert.rejects(readRecords(dir, "metrics"), /SyntaxError: .*metrics\.jsonl:2: expected/);
    // A run that was killed while it wrote the head.
    Deno.writeTextFileSync(`${dir}/training.csv`, "step,lo");
    const sink = csvSink(dir);
    await sink.begin(1);
    await sink.write("metrics", [{ step: 2, loss: 0.5 }]);
    assert.equal(Deno.readTextFileSync(`${dir}/training.csv`), "step,loss\r\n2,0.5\r\n");
  }));

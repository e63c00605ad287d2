/** What `check-data` writes: a report, pictures, and the dataset anew. */
import { decode } from "fast-png";
import assert from "node:assert/strict";
import { relative } from "node:path";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { convertScan, describeConverted } from "../../lib/data/datasets/convert.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { structureColour } from "../../lib/reports/pictures/palette.ts";
import { tinyMask, withFolder, writeAcdcPatient, writeTiny } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { pythonWith, runPython } from "../support/python.ts";
import { expectDone, runTask } from "../support/run_task.ts";
import { onCpu } from "../training/tiny.ts";
import {
  bright,
  caseConfig,
  diceOn,
  mapped,
  openCase,
  ring,
  ringScan,
  save,
  SHAPE,
  TESTED,
  writeCohort,
} from "./cohort.ts";

const nibabel = await pythonWith("nibabel");

/** Says of pairs of files whether the second is the first in nibabel's closest canonical order. */
const SAME = `
import sys, json, numpy as np, nibabel as nib
for a, b in zip(sys.argv[1::2], sys.argv[2::2]):
    first, second = nib.as_closest_canonical(nib.load(a)), nib.load(b)
    assert np.array_equal(first.get_fdata(), second.get_fdata()), b
    assert np.allclose(first.affine, second.affine, atol=1e-4), b
print("same")
`;

/** Rings with values 17 and 1005, each scan and mask in another order of voxels. */
async function writeShuffled(dir: string): Promise<void> {
  for (const [i, seed] of [...TESTED, 5, 6].entries()) {
    const { image, mask } = ring(seed);
    const values = mapped(mask, (label) => [0, 17, 1005][label]);
    const [first, second] = i < 2 ? [ALL_ORDERS[11 * i + 5], ALL_ORDERS[17 * i + 3]] : ALL_ORDERS;
    await save(`${dir}/images/c${seed}.nii.gz`, reordered(image, first));
    await save(`${dir}/labels/c${seed}.nii.gz`, i < 2 ? reordered(values, second) : values);
  }
}

Deno.test({
  name: "check-data --convert writes what nibabel calls the same, in one order" +
    (nibabel ? "" : " (skipped: no nibabel)"),
  ignore: !nibabel,
  fn: () =>
    withFolder(async (dir) => {
      const [data, out] = [`${dir}/data`, `${dir}/out`];
      await writeShuffled(data);
      const told = await expectDone("check-data", "--data", data, "--convert", out);
      assert.match(told, /converted: 4 scans/);
      const pairs = [...TESTED, 5, 6].flatMap((seed) => [
        ...[`${data}/images/c${seed}.nii.gz`, `${out}/imagesTr/c${seed}_0000.nii.gz`],
        ...[`${data}/labels/c${seed}.nii.gz`, `${out}/labelsTr/c${seed}.nii.gz`],
      ]);
      assert.match(await runPython(nibabel!, SAME, { dir, args: pairs }), /same/);
    }),
});

/** Converts a dataset as the task does. */
async function convert(data: string, dir: string, ...set: string[]): Promise<void> {
  const dataset = await openCase(data, caseConfig(...set));
  const scans = new Map<string, string[]>();
  await checkDataset(dataset, async ({ patient, part }, index, _, loaded) => {
    const name = `scan${index}`;
    if (!loaded || loaded.channels[0].shape.length > 3) return;
    await convertScan(loaded, dataset, { dir, name, part });
    scans.set(patient, [...scans.get(patient) ?? [], name]);
  });
  await describeConverted(dataset, { dir, scans });
}

Deno.test(
  "a dataset that was converted is read as it was, to the same Dice",
  onCpu(() =>
    withFolder(async (dir) => {
      for (const seed of TESTED) {
        const { image, mask } = ring(seed);
        await save(`${dir}/data/images/c${seed}.nrrd`, reordered(image, ALL_ORDERS[seed + 4]));
        await save(
          `${dir}/data/labels/c${seed}.mha`,
          mapped(mask, (label) => [0, 17, 1005][label]),
        );
      }
      await convert(`${dir}/data`, `${dir}/out`);
      const config = caseConfig();
      const [first, again] = await Promise.all(
        ["data", "out"].map((name) => openCase(`${dir}/${name}`, config)),
      );
      const diceOf = async (dataset: Dataset) => {
        const patients = dataset.patients.map(({ id }) => id);
        return await diceOn(bright, dataset, { patients, config });
      };
      const dice = await diceOf(first);
      assert.ok(dice > 0.2);
      assert.ok(Math.abs(await diceOf(again) - dice) < 1e-3);
      assert.deepEqual(again.structures, first.structures);
      assert.deepEqual(again.structures.map(({ values }) => values), [[17], [1005]]);
    })
  ),
);

Deno.test("what is converted keeps who is whom, and what the values mean", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(`${dir}/acdc/training`, "patient001", { cineFrames: 3 });
    await writeAcdcPatient(`${dir}/acdc/training`, "patient002");
    await writeAcdcPatient(`${dir}/acdc/testing`, "patient101");
    await convert(`${dir}/acdc`, `${dir}/hearts`);
    const hearts = await openCase(`${dir}/hearts`, caseConfig());
    assert.deepEqual(hearts.structures.map(({ name }) => name), ["RV", "MYO", "LV"]);
    assert.deepEqual(hearts.patients.map(({ id, part, scans }) => [id, part, scans.length]), [
      ["patient001", "training", 2],
      ["patient002", "training", 2],
      ["patient101", "testing", 2],
    ]);

    // Of slices of 0 and 255, those without an outline are left out: 255 is taken.
    await writeCohort(`${dir}/thin`, {
      patients: 2,
      mask: (mask) => mapped(mask, (label, z) => z === 2 && label ? 255 : 0),
    });
    await convert(`${dir}/thin`, `${dir}/kept`, "data.unlabelledSlices=leave-out");
    const { scans, values } = await checkDataset(await openCase(`${dir}/kept`, caseConfig()));
    assert.deepEqual(values, { "label 255": [255] });
    assert.deepEqual(scans.map(({ ignoredVoxels }) => ignoredVoxels), [8000, 8000]);
    const { labels } = ringScan(0);
    const outlined = labels.filter((label, i) => label && Math.floor(i / 1600) === 2).length;
    assert.equal(scans[0].labelVoxels?.["label 255"], outlined);

    const labels3 = { background: 0, heart: [1, 2], pool: 2, ignore: 3 };
    const text = { channel_names: { 0: "T1", 1: "T2" }, labels: labels3, file_ending: ".nii.gz" };
    await save(`${dir}/regions/imagesTr/a_0000.nii.gz`, ring(0).image);
    await save(`${dir}/regions/imagesTr/a_0001.nii.gz`, ring(0).image);
    await save(`${dir}/regions/labelsTr/a.nii.gz`, ring(0).mask);
    await Deno.writeTextFile(`${dir}/regions/dataset.json`, JSON.stringify(text));
    await convert(`${dir}/regions`, `${dir}/again`);
    const [first, again] = await Promise.all(
      ["regions", "again"].map((name) => openCase(`${dir}/${name}`, caseConfig())),
    );
    for (const key of ["structures", "regions", "ignore", "channels"] as const) {
      assert.deepEqual(again[key], first[key], key);
    }
  }));

Deno.test("check-data names a picture and a converted scan alike, and none by another's name", () =>
  withFolder(async (dir) => {
    for (const name of ["anna/a", "anna/b", "anna_1/a"]) {
      await save(`${dir}/data/${name}.nii.gz`, ring(name.length).image);
    }
    const [sheets, out] = [`${dir}/sheets`, `${dir}/out`];
    const both = ["--pictures", sheets, "--convert", out];
    await expectDone("check-data", "--data", `${dir}/data`, ...both);
    const stems = (folder: string) =>
      [...Deno.readDirSync(folder)].map(({ name }) => name.replace(/(_0000)?\..*$/, "")).sort();
    assert.deepEqual(stems(sheets), ["anna_1", "anna_2", "anna_3"]);
    assert.deepEqual(stems(`${out}/imagesTr`), stems(sheets));
    const { patients } = await openCase(out, caseConfig());
    const counts = patients.map(({ id, scans }) => `${id}: ${scans.length}`);
    assert.deepEqual(counts, ["anna: 2", "anna_1: 1"]);
  }));

/** "#RRGGBB" as a number of three bytes. */
const numberOf = (hex: string) => parseInt(hex.slice(1), 16);

Deno.test("check-data --pictures outlines each structure where its label ends", () =>
  withFolder(async (dir) => {
    await writeCohort(`${dir}/data`, { patients: 2 });
    const size = ["--set", "grid.size=40", "--set", "grid.spacing=3.2"];
    await expectDone("check-data", "--data", `${dir}/data`, "--pictures", `${dir}/out`, ...size);
    assert.deepEqual([...Deno.readDirSync(`${dir}/out`)].map(({ name }) => name).sort(), [
      "c0.png",
      "c1.png",
    ]);
    const { width, height, data } = decode(await Deno.readFile(`${dir}/out/c1.png`));
    const [columns, rows, depth] = SHAPE;
    const [zoom, gap] = [4, 6];
    assert.deepEqual([width, height], [depth * (columns * zoom + gap) - gap, rows * zoom]);
    const { labels } = ringScan(1);
    const at = (x: number, y: number, z: number) => labels[x + columns * (y + rows * z)];
    const colours = [1, 2].map((label) => numberOf(structureColour(label)));
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const seen = new Set<number>();
          for (let point = 0; point < zoom * zoom; point++) {
            // The patient's right is on the left, the front above.
            const row = (rows - 1 - y) * zoom + Math.floor(point / zoom);
            const column = z * (columns * zoom + gap) + (columns - 1 - x) * zoom + point % zoom;
            const [r, g, b] = data.subarray(4 * (row * width + column));
            const label = colours.indexOf((r << 16) + (g << 8) + b) + 1;
            if (label) seen.add(label);
          }
          const own = at(x, y, z);
          const around = [at(x - 1, y, z), at(x + 1, y, z), at(x, y - 1, z), at(x, y + 1, z)];
          const edge = own > 0 && around.some((other) => other !== own);
          assert.deepEqual([...seen], edge ? [own] : [], `voxel ${x}, ${y}, ${z}`);
        }
      }
    }
  }));

Deno.test("check-data goes on after files that are broken, names each, and lists what is not used", () =>
  withFolder(async (dir) => {
    const data = `${dir}/data`;
    await writeCohort(data, {
      patients: 4,
      mask: (mask, patient) =>
        patient === 1 ? mapped(mask, (label) => label + 0.4, Float32Array) : mask,
    });
    await Deno.writeTextFile(`${data}/images/c0.nii.gz`, "no scan");
    await writeTiny(`${data}/labels/c2.nii.gz`, tinyMask(2));
    await save(`${data}/labels/c9.nii.gz`, ring(9).mask);
    const { code, stdout, stderr } = await runTask("check-data", "--data", data);
    assert.equal(code, 1);
    assert.match(stderr, /^check-data: .*: 3 of 4 scans cannot be used\n$/);
    const errors = stdout.match(/^error: .*$/gm) ?? [];
    assert.deepEqual(errors.map((line) => relative(data, line.slice(7).split(": ")[0])), [
      "images/c0.nii.gz",
      "labels/c1.nii.gz",
      "labels/c2.nii.gz",
    ]);
    assert.match(stdout, /\nc3 +40×40×6 /);
    assert.match(stdout, /not used: .*labels\/c9\.nii\.gz: a mask, but no image is of its name/);

    const json = await runTask("check-data", "--data", data, "--json");
    const report = JSON.parse(json.stdout);
    assert.equal(json.code, 1);
    assert.deepEqual([report.errors, report.patients, report.unused.length], [3, 4, 1]);
    const { labels } = ringScan(3);
    const counts = [1, 2].map((label) => labels.filter((one) => one === label).length);
    assert.deepEqual(Object.values(report.scans[3].labelVoxels), counts);
    assert.deepEqual(report.scans[3].shape, [...SHAPE]);
  }));

import assert from "node:assert/strict";
import { checkDataset } from "../../../../lib/data/datasets/check/check_data.ts";
import { formatDataReport } from "../../../../lib/data/datasets/check/format_data_report.ts";
import { openDataset } from "../../../../lib/data/datasets/open_dataset.ts";
import { assertClose } from "../../../support/close.ts";
import {
  realDataPath,
  withFolder,
  withRealData,
  writeAcdcPatient,
} from "../../../support/datasets.ts";

Deno.test("checkDataset() reports every scan and collects errors", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001");
    await writeAcdcPatient(dir, "patient002", { masks: false });
    await Deno.writeTextFile(`${dir}/patient002/patient002_frame08.nii.gz`, "no NIfTI");
    const seen: string[] = [];
    const report = await checkDataset(
      await openDataset(dir),
      ({ patient, phase }, index, total) => seen.push(`${index}/${total} ${patient} ${phase}`),
    );
    assert.deepEqual(seen, [
      "0/4 patient001 ED",
      "1/4 patient001 ES",
      "2/4 patient002 ED",
      "3/4 patient002 ES",
    ]);
    assert.equal(report.errors, 1);
    assert.deepEqual(report.scans[0], {
      patient: "patient001",
      group: "NOR",
      part: "training",
      phase: "ED",
      image: `${dir}/patient001/patient001_frame01.nii.gz`,
      shape: [4, 3, 2],
      spacing: [1.5, 1.5, 8],
      intensities: [[0, 230]],
      warnings: [],
      labelVoxels: { RV: 3, MYO: 3, LV: 3 },
      emptySlices: 1,
    });
    assert.equal(report.scans[2].labelVoxels, undefined);
    assert.match(report.scans[3].error!, /patient002_frame08\.nii\.gz: expected a NIfTI header/);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);

    const [heads, first, , third, blank, summary, order, error] = formatDataReport(report).split(
      "\n",
    );
    const columns = "patient group phase shape spacing mm intensities RV MYO LV empty slices";
    assert.equal(heads.replaceAll(/ +/g, " "), columns);
    assert.equal(first.replaceAll(/ +/g, " "), "patient001 NOR ED 4×3×2 1.5×1.5×8 0…230 3 3 3 1");
    assert.equal(third.replaceAll(/ +/g, " "), "patient002 NOR ED 4×3×2 1.5×1.5×8 0…230 – – – –");
    assert.equal(heads.indexOf("spacing"), first.indexOf("1.5×"), "columns are aligned");
    assert.equal(blank, "");
    assert.match(summary, /acdc\), 2 patients, 4 scans, 2 masks, 1 error$/);
    assert.equal(
      order,
      "voxel order: by the affines, most of which say RAS; slices run from foot to head",
    );
    assert.equal(error, `error: ${report.scans[3].error}`);
  }));

Deno.test("checkDataset() reads cines too, but no file twice", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001", { cineFrames: 3 });
    const dataset = await openDataset(dir);
    const { scans } = await checkDataset(dataset);
    assert.deepEqual(scans.map(({ phase, shape }) => [phase, shape]), [
      ["ED", [4, 3, 2]],
      ["ES", [4, 3, 2]],
      [undefined, [4, 3, 2, 3]],
    ]);
    const [patient] = dataset.patients;
    const framed = { image: patient.cine!, frame: 1 };
    const patients = [{ ...patient, scans: [framed] }];
    assert.equal((await checkDataset({ ...dataset, patients })).scans.length, 1);
  }));

Deno.test("formatDataReport() gives each warning once, without blank columns", () => {
  const scan = { patient: "a", group: "", part: "training" as const, warnings: ["Odd."] };
  const text = formatDataReport({
    dataset: "d",
    layout: "folder",
    patients: 2,
    structures: [],
    errors: 0,
    unused: [],
    scans: ["x.nii", "y.nii"].map((image) => ({
      ...scan,
      image,
      shape: [1, 1, 1],
      spacing: [1, 1, 1],
      intensities: [[0, 1]],
    })),
  });
  assert.ok(!text.includes("group"));
  assert.deepEqual(text.match(/warning.*/g), ["warning: Odd. (x.nii and 1 more)"]);
});

/** Patients whose header differs: other datatypes, and patient090, whose ED is frame 4. */
const SAMPLE = ["patient001", "patient023", "patient041", "patient066", "patient090", "patient100"];

Deno.test(withRealData("acdc", "checkDataset() finds in ACDC what VOLUMES.csv says"), async () => {
  const root = realDataPath("acdc");
  const dataset = await openDataset(root);
  const patients = dataset.patients.filter(({ id }) => SAMPLE.includes(id));
  const report = await checkDataset({ ...dataset, patients });
  const [heads, ...rows] = Deno.readTextFileSync(`${root}/VOLUMES.csv`).trim().split(/\r?\n/)
    .map((line) => line.split(","));
  const expected = rows.map((row) => Object.fromEntries(row.map((cell, i) => [heads[i], cell])))
    .filter(({ patient }) => SAMPLE.includes(patient));
  assert.equal(expected.length, 2 * SAMPLE.length);
  for (const row of expected) {
    const scan = report.scans.find(({ patient, phase }) =>
      patient === row.patient && phase === row.phase
    )!;
    assert.equal(scan.error, undefined);
    assert.equal(scan.group, row.group);
    assert.ok(scan.image.includes(`frame${row.frame}`));
    assert.deepEqual(scan.shape, [row.nx, row.ny, row.nz].map(Number));
    assertClose(scan.spacing!, [row.sx, row.sy, row.sz].map(Number), 1e-5);
    assert.deepEqual(scan.intensities, [[row.min, row.max].map(Number)]);
    assert.deepEqual(Object.values(scan.labelVoxels!), [row.n_rv, row.n_myo, row.n_lv].map(Number));
    assert.equal(scan.emptySlices, Number(row.empty_slices));
    assert.equal(scan.warnings.length, 1); // ACDC's affine
  }
});

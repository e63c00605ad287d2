import assert from "node:assert/strict";
import { type PhantomPatient, phantomPatient } from "../../../lib/data/phantom/patient.ts";
import type { Volume, Voxels } from "../../../lib/data/volumes/volume.ts";

const cohort = Array.from({ length: 15 }, (_, index) => phantomPatient(index));

/** How many of the voxels have a label. */
function count(voxels: Voxels, label: number): number {
  let sum = 0;
  for (const voxel of voxels) if (voxel === label) sum++;
  return sum;
}

/** Volume of a structure in ml. */
function millilitres({ voxels, spacing }: Volume, label: number): number {
  return count(voxels, label) * spacing[0] * spacing[1] * spacing[2] / 1000;
}

const ejection = ({ ed, es }: PhantomPatient, label: number) =>
  1 - millilitres(es.mask, label) / millilitres(ed.mask, label);

/** The values of a group's patients. */
function ofGroup(group: string, measure: (patient: PhantomPatient) => number): number[] {
  return cohort.filter((patient) => patient.info.Group === group).map(measure);
}

/** Number of 4-neighbour pairs between `label` and each label, in slice planes. */
function neighbours(mask: Volume, label: number): number[] {
  const [width] = mask.shape;
  const counts = [0, 0, 0, 0];
  mask.voxels.forEach((voxel, i) => {
    if (voxel !== label) return;
    for (const step of [-1, 1, -width, width]) counts[mask.voxels[i + step]]++;
  });
  return counts;
}

Deno.test("phantomPatient() makes the same voxels from the same seed, others from another", () => {
  assert.deepEqual(phantomPatient(3, { seed: 0 }), cohort[3]);
  assert.notDeepEqual(phantomPatient(3, { seed: 1 }).ed.image.voxels, cohort[3].ed.image.voxels);
  assert.notDeepEqual(phantomPatient(8).ed.image.voxels, cohort[3].ed.image.voxels);
});

Deno.test("phantomPatient() lets the five groups take turns", () => {
  const groups = cohort.map((patient) => patient.info.Group);
  assert.deepEqual(groups.slice(0, 5), ["NOR", "DCM", "HCM", "MINF", "RV"]);
  assert.deepEqual(groups.slice(5, 10), groups.slice(0, 5));
});

Deno.test("phantomPatient() gives both phases one grid of plausible size, as ACDC writes it", () => {
  for (const { ed, es } of cohort) {
    const { shape, spacing, geometry } = ed.image;
    for (const scan of [ed.image, ed.mask, es.image, es.mask]) {
      assert.deepEqual(scan.shape, shape);
      assert.equal(scan.voxels.length, shape[0] * shape[1] * shape[2]);
    }
    assert.ok(ed.image.voxels instanceof Int16Array && ed.mask.voxels instanceof Uint8Array);
    assert.ok(spacing[0] >= 1.3 && spacing[0] <= 1.8 && spacing[0] === spacing[1]);
    assert.ok(spacing[2] >= 8 && spacing[2] <= 10);
    assert.ok(shape[2] >= 6 && shape[2] <= 10);
    for (const side of [0, 1]) {
      const fieldOfView = shape[side] * spacing[side];
      assert.ok(fieldOfView > 168 && fieldOfView < 202, `field of view ${fieldOfView} mm`);
    }
    assert.equal(geometry.sformCode, 2);
    assert.deepEqual(geometry.sform, [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0]]);
    assert.deepEqual(geometry.pixdim.slice(1, 4).map(Math.fround), [...spacing]);
  }
});

Deno.test("phantomPatient() varies the scale of intensities between patients", () => {
  const maxima = cohort.map(({ ed }) =>
    Array.from(ed.image.voxels).reduce((a, b) => Math.max(a, b))
  );
  assert.ok(Math.min(...maxima) >= 100 && Math.max(...maxima) < 32767);
  assert.ok(Math.max(...maxima) > 4 * Math.min(...maxima));
  for (const { ed, es } of cohort) {
    for (const { image } of [ed, es]) assert.ok(image.voxels.every((voxel) => voxel >= 0));
  }
});

Deno.test("phantomPatient() ejects as the groups do", () => {
  const left = (group: string) => ofGroup(group, (patient) => ejection(patient, 3));
  assert.ok(Math.min(...left("NOR")) > 0.5, `NOR ${left("NOR")}`);
  assert.ok(Math.min(...left("HCM")) > 0.55, `HCM ${left("HCM")}`);
  assert.ok(Math.max(...left("DCM")) < 0.35, `DCM ${left("DCM")}`);
  assert.ok(Math.max(...left("MINF")) < 0.42, `MINF ${left("MINF")}`);
  const right = (group: string) => ofGroup(group, (patient) => ejection(patient, 1));
  assert.ok(Math.max(...right("RV")) < Math.min(...right("NOR")));
});

Deno.test("phantomPatient() makes DCM's cavity and HCM's muscle large at ED, and RV's right ventricle", () => {
  const volumes = (group: string, label: number) =>
    ofGroup(group, (patient) => millilitres(patient.ed.mask, label));
  assert.ok(Math.min(...volumes("DCM", 3)) > Math.max(...volumes("NOR", 3)));
  assert.ok(Math.min(...volumes("HCM", 2)) > 1.3 * Math.max(...volumes("NOR", 2)));
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  assert.ok(mean(volumes("RV", 1)) > 1.2 * mean(volumes("NOR", 1)));
  const rightToLeft = (group: string) =>
    ofGroup(group, ({ ed }) => millilitres(ed.mask, 1) / millilitres(ed.mask, 3));
  assert.ok(Math.min(...rightToLeft("RV")) > Math.max(...rightToLeft("NOR")));
});

Deno.test("phantomPatient() keeps the muscle's volume from ED to ES", () => {
  for (const { info, ed, es } of cohort) {
    const ratio = millilitres(es.mask, 2) / millilitres(ed.mask, 2);
    assert.ok(ratio > 0.75 && ratio < 1.25, `${info.Group}: ${ratio}`);
  }
});

Deno.test("phantomPatient() encloses the left cavity in myocardium in every slice", () => {
  for (const { ed, es } of cohort) {
    for (const { mask } of [ed, es]) {
      const [background, right] = neighbours(mask, 3);
      assert.deepEqual({ background, right }, { background: 0, right: 0 });
    }
  }
});

Deno.test("phantomPatient() lets the right ventricle touch the septum and taper to the apex", () => {
  for (const { ed } of cohort) {
    const [, , myocardium] = neighbours(ed.mask, 1);
    assert.ok(myocardium > 50, `septum of ${myocardium} pixel edges`);
    const [width, height, depth] = ed.mask.shape;
    const area = (k: number, label: number) =>
      count(ed.mask.voxels.subarray(k * width * height, (k + 1) * width * height), label);
    for (const label of [1, 3]) {
      assert.ok(area(depth - 1, label) < 0.6 * area(2, label), `structure ${label} at the apex`);
    }
  }
});

Deno.test("phantomPatient() images what it masks: blood over muscle, in every patient", () => {
  const overMuscle = cohort.map(({ ed }) => {
    const mean = (label: number) => {
      const inside = Array.from(ed.image.voxels).filter((_, i) => ed.mask.voxels[i] === label);
      return inside.reduce((sum, voxel) => sum + voxel, 0) / inside.length;
    };
    return { left: mean(3) / mean(2), right: mean(1) / mean(2) };
  });
  for (const { left, right } of overMuscle) {
    assert.ok(left > 1.2, `left ${left}`);
    // The right ventricle lies further off: the coil's sensitivity may darken it.
    assert.ok(right > 0.9, `right ${right}`);
  }
  const right = overMuscle.reduce((sum, { right }) => sum + right, 0) / overMuscle.length;
  assert.ok(right > 1.3, `right ${right} on average`);
});

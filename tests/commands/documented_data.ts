/** Tiny datasets where the documentation's commands look for them: beside the clone. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Voxels } from "../../lib/data/volumes/volume.ts";
import { image, labels, writeVolume } from "../tasks/cohort.ts";

/** ACDC's groups, 20 training patients each. */
const GROUPS = ["DCM", "HCM", "MINF", "NOR", "RV"];

/** Writes `../acdc`, `../scans`, `../new-scan.nii.gz`, a heart beat, `../Task04_Hippocampus`, a program. */
export async function writeDocumentedData(dir: string): Promise<void> {
  await writeAcdc(`${dir}/acdc`);
  await writeScans(`${dir}/scans`);
  await write(`${dir}/new-scan.nii.gz`, image(labels(3), "new"));
  await writeHeartBeat(dir);
  await writeHippocampus(`${dir}/Task04_Hippocampus`);
  Deno.writeTextFileSync(
    `${dir}/clone/my_program.ts`,
    'import { useBackend } from "@pix2rep/pix2rep";\nawait useBackend("simd");\nDeno.exit(0);\n',
  );
}

/** ACDC's 100 training patients, as the manifests name them. */
async function writeAcdc(dir: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const id = `patient${String(i + 1).padStart(3, "0")}`;
    const folder = `${dir}/training/${id}`;
    for (const [frame, radius] of [["01", 3], ["08", 2]] as const) {
      await write(`${folder}/${id}_frame${frame}.nii.gz`, image(labels(radius), id));
      await write(`${folder}/${id}_frame${frame}_gt.nii.gz`, labels(radius));
    }
    const info = `ED: 1\nES: 8\nGroup: ${GROUPS[Math.floor(i / 20)]}\n`;
    Deno.writeTextFileSync(`${folder}/Info.cfg`, info);
  }
}

/** Three people, two of them outlined, as the README has them. */
async function writeScans(dir: string): Promise<void> {
  for (const id of ["anna", "ben", "carl"]) {
    await write(`${dir}/images/${id}.nii.gz`, image(labels(3), id));
    if (id !== "carl") await write(`${dir}/labels/${id}.nii.gz`, labels(3));
  }
}

/** A cine of three frames, its first two apart, and the mask of the first. */
async function writeHeartBeat(dir: string): Promise<void> {
  const [ed, es] = [3, 2].map((radius) => image(labels(radius), "beat"));
  await writeVolume(`${dir}/cine.nii.gz`, Int16Array.of(...ed, ...es, ...ed), [18, 14, 3, 3]);
  await write(`${dir}/ed.nii.gz`, ed);
  await write(`${dir}/es.nii.gz`, es);
  await write(`${dir}/ed_mask.nii.gz`, labels(3));
}

/** Ten cases of the Decathlon. */
async function writeHippocampus(dir: string): Promise<void> {
  const ids = Array.from({ length: 10 }, (_, i) => `hippocampus_${String(i).padStart(3, "0")}`);
  for (const id of ids) {
    await write(`${dir}/imagesTr/${id}.nii.gz`, image(labels(3), id));
    await write(`${dir}/labelsTr/${id}.nii.gz`, labels(3).map((label) => Math.min(label, 2)));
  }
  const training = ids.map((id) => ({
    image: `./imagesTr/${id}.nii.gz`,
    label: `./labelsTr/${id}.nii.gz`,
  }));
  const structures = { 0: "background", 1: "Anterior", 2: "Posterior" };
  Deno.writeTextFileSync(
    `${dir}/dataset.json`,
    JSON.stringify({ name: "Hippocampus", labels: structures, training, test: [] }),
  );
}

async function write(path: string, voxels: Voxels): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await writeVolume(path, voxels);
}

/** The package that others import: what is in it, and that it works elsewhere. */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { withFolder } from "../support/datasets.ts";
import { runDeno } from "../support/deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = JSON.parse(readFileSync(`${root}/deno.json`, "utf8"));
const entries: [string, string][] = Object.entries(config.exports);

/** Bytes of the package at most. */
const MOST_BYTES = 2 * 2 ** 20;

/** The paths of the files that would be published. */
async function packedFiles(): Promise<string[]> {
  const { code, stderr } = await runDeno(["publish", "--dry-run", "--allow-dirty"]);
  assert.equal(code, 0, stderr);
  // The converter of DICOM is found beside its package's entry: no specifier names it.
  const other = stderr.replace(/^warning\[unanal[^]*?converter_module\.js/im, "");
  assert.doesNotMatch(other, /^(warning|error)/im);
  return [...stderr.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => fileURLToPath(url));
}

Deno.test("the package is small, whole, and pretrains and segments from another folder", () =>
  withFolder(async (dir) => {
    const files = await packedFiles();
    const bytes = files.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
    const names = files.flatMap((path) => relative(root, path).split("/"));
    assert.ok(names.includes("lib"));
    assert.ok(!names.some((name) => ["tests", "tasks", "notebooks", "bench"].includes(name)));
    for (const path of files) {
      const copy = `${dir}/package/${path.slice(root.length)}`;
      Deno.mkdirSync(dirname(copy), { recursive: true });
      cpSync(path, copy);
    }
    const exported = entries.map(([name, path]) => [
      `@pix2rep/pix2rep${name.slice(1)}`,
      `./package/${path.slice(2)}`,
    ]);
    const imports = { ...config.imports, ...Object.fromEntries(exported) };
    Deno.writeTextFileSync(`${dir}/deno.json`, JSON.stringify({ imports }));
    Deno.writeTextFileSync(`${dir}/main.ts`, PROGRAM);
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-remote", "--no-prompt", "--allow-read", "--allow-write", "main.ts"],
      { cwd: dir },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^3 steps, a mask of \d+ voxels\n$/);
  }));

/** What somebody writes who has the package and nothing else. */
const PROGRAM = `
import * as p from "@pix2rep/pix2rep";
import { writePhantomCohort } from "@pix2rep/pix2rep/data";

await writePhantomCohort("cohort", { patients: 10 });
await p.useBackend("simd");
const set = ["grid.size=16", "grid.spacing=10", "backbone.widths=[4,8]", "adaptation.iterations=3"];
const config = p.resolveConfig("pix2rep-small", { set });
const { grid } = config;
const dataset = await p.openDataset("cohort");
const { pool, test, subsets } = p.splitPatients(dataset);
const unlabelled = await p.loadSlices(dataset, pool, { grid, labelled: false });
let steps = 0;
const pretrained = await p.pretrain(unlabelled, config, {
  steps: 3,
  onSteps: (records) => void (steps += records.length),
});
const labelled = await p.loadSlices(dataset, subsets[1], { grid, labelled: true });
const classes = dataset.structures.length + 1;
const adapted = await p.adapt(labelled, config, { strategy: "finetune", classes, pretrained });
const model = p.segmentationModel(adapted, { config, classes });
const scan = await p.readNifti(dataset.patients.find(({ id }) => id === test[0])!.scans[0].image);
const mask = await p.segmentScan(model, scan, { config });
await p.writeNifti("mask.nii.gz", mask, scan);
console.log(\`\${steps} steps, a mask of \${mask.length} voxels\`);
Deno.exit(0);
`;

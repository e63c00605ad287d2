import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { withFolder } from "../support/datasets.ts";
import { TINY } from "../support/run_task.ts";
import { imagePath, TESTING, writeCohort } from "../tasks/cohort.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("docs/modules.md's dozen lines pretrain and segment", () =>
  withFolder(async (dir) => {
    await writeCohort(`${dir}/acdc`);
    const image = imagePath(`${dir}/acdc`, TESTING[0]);
    const settings = [...TINY.filter((word) => word !== "--set"), "pretraining.epochs=1"];
    const [code] = readFileSync(`${root}/docs/modules.md`, "utf8")
      .match(/^import \* as p from[^]*?(?=```)/m) ?? [""];
    const changes: [string, string][] = [
      ['"../acdc"', JSON.stringify(`${dir}/acdc`)],
      ['"pix2rep-small"', `"pix2rep-small", { set: ${JSON.stringify(settings)} }`],
      ['"new-scan.nii.gz"', JSON.stringify(image)],
      ['"new-scan_mask.nii.gz"', JSON.stringify(`${dir}/mask.nii.gz`)],
    ];
    const script = changes.reduce((text, [from, to]) => {
      assert.ok(text.includes(from), from);
      return text.replace(from, to);
    }, code);
    Deno.writeTextFileSync(`${dir}/script.ts`, script);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--no-prompt", "--allow-read", "--allow-write", "--config"]
        .concat(`${root}/deno.json`, `${dir}/script.ts`),
      env: { NO_COLOR: "1", XDG_RUNTIME_DIR: dir },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const [scan, mask] = [await readNifti(image), await readNifti(`${dir}/mask.nii.gz`)];
    assert.deepEqual([mask.shape, mask.affine], [scan.shape, scan.affine]);
  }));

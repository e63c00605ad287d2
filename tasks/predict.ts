/** `deno task predict`: writes masks of new scans, on the scans' own grids. */
import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Scan } from "../lib/data/dataset.ts";
import { readNifti } from "../lib/data/nifti_read.ts";
import { writeNifti } from "../lib/data/nifti_write.ts";
import { openDataset } from "../lib/data/open_dataset.ts";
import { prepareVolume } from "../lib/data/preprocess.ts";
import { segmentScan } from "../lib/evaluators/predict.ts";
import { main } from "./support/command.ts";
import { BACKEND_OPTION, startBackend } from "./support/options.ts";
import { INFERENCE_OPTION, openModel } from "./support/model.ts";
import { progress } from "./support/progress.ts";

await main({
  name: "predict",
  summary: "Segments scans and writes a mask for each, with the scan's shape and geometry.",
  options: {
    model: { value: "RUN", help: "the folder of an adapted model", required: true },
    input: { value: "FILE|DIR", help: "a NIfTI file, or a dataset's folder", required: true },
    out: { value: "DIR", help: "the folder of the masks", default: "runs/predict" },
    ...INFERENCE_OPTION,
    ...BACKEND_OPTION,
  },
  examples: [
    ["--model runs/finetune --input scan.nii.gz", "one scan: runs/predict/scan_mask.nii.gz"],
    ["--model runs/finetune --input ../new-scans --out masks", "every scan of a folder"],
  ],
  run: async (values, signal) => {
    const out = values.text("out");
    const scans = await inputScans(values.text("input"));
    await startBackend(values);
    const { model, config } = await openModel(values.text("model"), values);
    const display = progress();
    const show = (done: number, verb: string) => {
      display.update(done / scans.length, `${verb} ${done} of ${scans.length} scans`);
      signal.throwIfAborted();
    };
    // A scan that cannot be used stops the task here, with nothing written.
    for (const [i, { image, frame }] of scans.entries()) {
      prepareVolume(await readNifti(image), config.grid, { frame });
      show(i + 1, "checked");
    }
    await mkdir(out, { recursive: true });
    for (const [i, scan] of scans.entries()) {
      const volume = await readNifti(scan.image);
      const mask = await segmentScan(model, volume, { config, frame: scan.frame });
      await writeNifti(join(out, maskName(scan)), mask, volume);
      show(i + 1, "segmented");
    }
    display.end();
    console.log(`${scans.length} ${scans.length === 1 ? "mask" : "masks"} written to ${out}`);
  },
});

/** The scans that were asked for. */
async function inputScans(input: string): Promise<Scan[]> {
  if (!existsSync(input)) throw new Error(`${input}: no such file or folder`);
  if (statSync(input).isFile()) return [{ image: input }];
  const { patients } = await openDataset(input);
  return patients.flatMap(({ scans }) => scans);
}

/** "scan.nii.gz" → "scan_mask.nii.gz"; of a 4D file's frame 8, from 0, "scan_frame8_mask.nii.gz". */
function maskName({ image, frame }: Scan): string {
  const stem = basename(image).replace(/\.(nii|hdr|img)(\.gz)?$/, "");
  return `${stem}${frame === undefined ? "" : `_frame${frame}`}_mask.nii.gz`;
}

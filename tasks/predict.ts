/** `deno task predict`: writes masks of new scans, on the scans' own grids. */
import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Scan, Structure } from "../lib/data/dataset.ts";
import { readNifti } from "../lib/data/nifti_read.ts";
import { writeNifti } from "../lib/data/nifti_write.ts";
import { openDataset } from "../lib/data/open_dataset.ts";
import { prepareVolume } from "../lib/data/preprocess.ts";
import { maskName } from "../lib/evaluators/mask_name.ts";
import { segmentScan } from "../lib/evaluators/predict.ts";
import { counted } from "../lib/experiments/setting_name.ts";
import { main } from "./support/command.ts";
import { BACKEND_OPTION, dryRunOption, outOption, startBackend } from "./support/options.ts";
import { INFERENCE_OPTION, MODEL_OPTION, openModel } from "./support/model.ts";

await main({
  name: "predict",
  summary: "Segments scans and writes a mask for each, with the scan's shape and geometry.",
  options: {
    ...MODEL_OPTION,
    input: { value: "FILE|DIR", help: "a NIfTI file, or a dataset's folder", required: true },
    ...outOption("predict", "the folder of the masks; earlier ones of the same name are replaced"),
    ...INFERENCE_OPTION,
    ...dryRunOption("which masks it would write, having checked the scans"),
    ...BACKEND_OPTION,
  },
  examples: [
    ["--model runs/finetune --input scan.nii.gz", "one scan: runs/predict/scan_mask.nii.gz"],
    ["--model runs/finetune --input ../new-scans --out masks", "every scan of a folder"],
  ],
  goOn: () => "masks that were written are whole, the same command begins anew",
  run: async (values, signal, voice) => {
    const out = values.text("out");
    const { scans, within } = await inputScans(values.text("input"));
    const { backend } = await startBackend(values, voice);
    const { model, config, structures } = await openModel(values.text("model"), values);
    const masks = scans.map((scan) => ({
      image: scan.image,
      mask: join(out, maskName(basename(scan.image), scan.frame)),
    }));
    expectDifferent(masks);
    const following = (verb: string) => {
      const display = voice.progress();
      return (done: number) => {
        const doing = `${verb} ${done} of ${counted(scans.length, "scan")}`;
        display.update(done / scans.length, { doing, backend });
        signal.throwIfAborted();
      };
    };
    const checked = following("checked");
    // A scan that cannot be used stops the task here, with nothing written.
    for (const [i, { image, frame }] of scans.entries()) {
      prepareVolume(await readNifti(image, { within }), config.grid, { frame });
      checked(i + 1);
    }
    if (values.given("dry-run")) {
      const text = masks.map(({ image, mask }) => `${image} -> ${mask}`).join("\n");
      return { text, json: masks };
    }
    const segmented = following("segmented");
    await mkdir(out, { recursive: true });
    for (const [i, scan] of scans.entries()) {
      const volume = await readNifti(scan.image, { within });
      const mask = await segmentScan(model, volume, { config, frame: scan.frame });
      await writeNifti(masks[i].mask, mask, volume);
      segmented(i + 1);
    }
    const [first] = masks;
    const files = { [basename(first.mask)]: `of ${first.image}` };
    if (masks.length > 1) files["*_mask.nii.gz"] = `${masks.length} masks in all`;
    return {
      text: `${counted(masks.length, "mask")} of ${structures.map(labelled).join(", ")}`,
      json: masks,
      written: { folder: out, files },
    };
  },
});

/** The scans that were asked for, and the folder that those of a dataset must lie in. */
async function inputScans(input: string): Promise<{ scans: Scan[]; within?: string }> {
  if (!existsSync(input)) throw new Error(`${input}: no such file or folder`);
  if (statSync(input).isFile()) return { scans: [{ image: input }] };
  const { patients, root } = await openDataset(input);
  return { scans: patients.flatMap(({ scans }) => scans), within: root };
}

function labelled({ label, name }: Structure): string {
  return name === `label ${label}` ? name : `${label} ${name}`;
}

/** Scans of the same name, in different folders, would overwrite each other's masks. */
function expectDifferent(masks: readonly { image: string; mask: string }[]): void {
  const byMask = Map.groupBy(masks, ({ mask }) => mask);
  const twins = [...byMask.values()].find(({ length }) => length > 1);
  if (!twins) return;
  throw new Error(
    `expected scans of different names, found ${twins[0].image} and ${twins[1].image}; ` +
      "segment them apart, each with an --out of its own",
  );
}

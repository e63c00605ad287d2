/** `deno task check-data`: reads every file of a dataset and says what is wrong with it. */
import type { Config } from "../lib/config/config.ts";
import { resolveConfig } from "../lib/config/resolve.ts";
import { checkDataset, type ScanReport } from "../lib/data/check_data.ts";
import { convertScan } from "../lib/data/convert.ts";
import type { Dataset } from "../lib/data/dataset.ts";
import { formatDataReport } from "../lib/data/format_data_report.ts";
import { prepareVolume } from "../lib/data/preprocess.ts";
import type { LoadedScan } from "../lib/data/read_scan.ts";
import { makeFolder, writeFileAtomically } from "../lib/data/write_file.ts";
import { counted } from "../lib/experiments/setting_name.ts";
import { contactSheet } from "../lib/reports/contact_sheet.ts";
import { join } from "node:path";
import { main, usage } from "./support/command.ts";
import { commandLine } from "./support/outcome.ts";
import {
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  PRESET_OPTION,
  SET_OPTION,
} from "./support/options.ts";

await main({
  name: "check-data",
  summary: "Reads every file of a dataset and reports geometry, labels and problems, what is not " +
    "used, and what was brought to one order, mapped or left out.",
  options: {
    ...DATA_OPTIONS,
    ...PRESET_OPTION,
    ...SET_OPTION,
    pictures: {
      value: "DIR",
      help: "draws a sheet of each scan, as a network sees it, with the mask's outlines",
    },
    convert: {
      value: "DIR",
      help: "writes what was read as NIfTI, images and labels, in one order of voxels",
    },
  },
  examples: [
    ["--data ../acdc", "before anything else: is my data read as I think?"],
    ["--data ../acdc --pictures sheets", "look at it: people see a flip at once"],
    ["--data ../acdc --json > report.json", "for a program"],
    ["--data ../ct --set 'data.window=[-160,240]' --pictures sheets", "in a window of a CT"],
  ],
  run: async (values, signal, voice) => {
    const config = usage(() => resolveConfig(values.text("preset"), { set: values.list("set") }));
    const dataset = await datasetOf(values, { config });
    const [pictures, converted] = ["pictures", "convert"].map(values.optional);
    if (pictures !== undefined) await makeFolder(pictures);
    const display = voice.progress();
    const names = uniqueNames(dataset);
    const report = await checkDataset(dataset, async (scan, index, total, loaded) => {
      const doing = `reading ${dataset.name}, ${index + 1} of ${total} scans`;
      display.update((index + 1) / total, { doing });
      if (loaded && pictures !== undefined) {
        await drawSheet(join(pictures, `${names(scan)}.png`), loaded, config);
      }
      if (loaded && converted !== undefined) {
        await convertScan(loaded, dataset, { dir: converted, name: names(scan) });
      }
      signal.throwIfAborted();
    });
    const { errors, scans } = report;
    const sound = counted(scans.length - errors, "scan");
    const written = [
      ...(pictures === undefined ? [] : [`drawn: ${sound}, a sheet each, in ${pictures}`]),
      ...(converted === undefined ? [] : [`converted: ${sound} to NIfTI in ${converted}`]),
    ];
    const outcome = { text: [formatDataReport(report), ...written].join("\n"), json: report };
    if (errors) {
      return {
        ...outcome,
        failed: `${dataset.root}: ${errors} of ${scans.length} scans cannot be used`,
      };
    }
    const purpose = "pretrain on it, all masks unseen";
    return {
      ...outcome,
      next: { purpose, command: commandLine("pretrain", dataArguments(values)) },
    };
  },
});

/** Names of the files of scans: the patient's id, with a number where there are several. */
function uniqueNames({ patients }: Dataset): (scan: ScanReport) => string {
  const seen = new Map<string, number>();
  const several = new Set(
    patients.filter(({ scans, cine }) => scans.length + (cine ? 1 : 0) > 1).map(({ id }) => id),
  );
  return ({ patient, phase }) => {
    if (phase) return `${patient}_${phase}`;
    const count = (seen.get(patient) ?? 0) + 1;
    seen.set(patient, count);
    return several.has(patient) ? `${patient}_${count}` : patient;
  };
}

/** Draws a scan as a network sees it; of a cine its first time point. */
async function drawSheet(
  path: string,
  { channels, mask }: LoadedScan,
  { grid, data }: Config,
): Promise<void> {
  const frame = channels[0].shape.length > 3 ? 0 : undefined;
  const prepared = prepareVolume(channels, grid, { mask, frame, scale: data.window });
  await writeFileAtomically(path, contactSheet(prepared));
}

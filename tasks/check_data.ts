/** `deno task check-data`: reads every file of a dataset and says what is wrong with it. */
import type { Config } from "../lib/config/config.ts";
import { resolveConfig } from "../lib/config/resolve.ts";
import { checkDataset, type ScanReport } from "../lib/data/datasets/check/check_data.ts";
import { convertScan, describeConverted } from "../lib/data/datasets/convert.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { formatDataReport } from "../lib/data/datasets/check/format_data_report.ts";
import { splitPatients } from "../lib/data/datasets/splits.ts";
import { prepareVolume } from "../lib/data/slices/preprocess.ts";
import type { LoadedScan } from "../lib/data/datasets/read_scan.ts";
import { makeFolder, writeFileAtomically } from "../lib/io/write_file.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { orientationOf } from "../lib/data/volumes/voxel_order.ts";
import type { Plan } from "../lib/plan/plan.ts";
import { contactSheet } from "../lib/reports/pictures/contact_sheet.ts";
import { join } from "node:path";
import { type Command, main, usage, type Values } from "./support/command/command.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import {
  DATA_OPTIONS,
  dataArguments,
  datasetOf,
  PRESET_OPTION,
  SET_OPTION,
} from "./support/command/options.ts";
import { planOf, planText } from "./support/training/plan.ts";
import type { Voice } from "./support/command/voice.ts";

/** The task. */
export const checkData: Command = {
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
      help: "writes what was read as NIfTI in one order of voxels, in the layout nnunet; no cines",
    },
  },
  examples: [
    ["--data ../acdc", "before anything else: is my data read as I think?"],
    ["--data ../acdc --pictures sheets", "look at it: people see a flip at once"],
    ["--data ../acdc --json > report.json", "for a program"],
    ["--data ../ct --set 'data.window=[-160,240]' --pictures sheets", "in a window of a CT"],
  ],
  run: async (values, signal, voice) => {
    const asked = usage(() => resolveConfig(values.text("preset"), { set: values.list("set") }));
    // What a scan lacks is told with all else that is wrong.
    const data = { ...asked.data, missingChannel: "zero" } as const;
    const opened = await datasetOf(values, { config: { ...asked, data } });
    const { config, plan, dataset } = await planned(values, {
      dataset: { ...opened, settings: asked.data },
      config: asked,
      voice,
    });
    const copies = await startCopies(values, { dataset, config });
    const display = voice.progress();
    const report = await checkDataset(dataset, async (scan, index, total, loaded) => {
      const doing = `reading ${dataset.name}, ${index + 1} of ${total} scans`;
      display.update((index + 1) / total, { doing });
      await copies.add(scan, loaded);
      signal.throwIfAborted();
    });
    const { errors, scans } = report;
    const done = await copies.end(scans.length - errors);
    const told = plan ? [planText(plan, dataset.name)] : [];
    const outcome = {
      text: [formatDataReport(report), ...told, ...done].join("\n"),
      json: { ...report, ...(plan && { plan }) },
    };
    const failed = `${dataset.root}: ${errors} of ${scans.length} scans cannot be used`;
    return errors ? { ...outcome, failed } : { ...outcome, next: nextCommand(values) };
  },
};

if (import.meta.main) await main(checkData);

/** What is written of each scan that was read. */
interface Copies {
  /** Draws and converts a scan, as was asked for. */
  add: (scan: ScanReport, loaded?: LoadedScan) => Promise<void>;
  /** Describes what was converted; returns a line on each kind of copies of so many scans. */
  end: (scans: number) => Promise<string[]>;
}

/** Draws scans to the folder of `--pictures`, and converts them to that of `--convert`. */
async function startCopies(
  values: Values,
  { dataset, config }: { dataset: Dataset; config: Config },
): Promise<Copies> {
  const [pictures, converted] = ["pictures", "convert"].map(values.optional);
  if (pictures !== undefined) await makeFolder(pictures);
  const names = uniqueNames(dataset);
  const written = new Map<string, string[]>();
  const add = async (scan: ScanReport, loaded?: LoadedScan) => {
    const name = names(scan);
    if (loaded && pictures !== undefined) {
      await drawSheet(join(pictures, `${name}.png`), loaded, config);
    }
    // A cine is no scan of one time point.
    if (loaded && converted !== undefined && loaded.channels[0].shape.length < 4) {
      const { patient, part } = scan;
      await convertScan(loaded, dataset, { dir: converted, name, part });
      written.set(patient, [...written.get(patient) ?? [], name]);
    }
  };
  const end = async (scans: number) => {
    if (converted !== undefined) {
      await describeConverted(dataset, { dir: converted, scans: written });
    }
    const drawn = counted(scans, "scan");
    const anew = counted([...written.values()].flat().length, "scan");
    return [
      ...(pictures === undefined ? [] : [`drawn: ${drawn}, a sheet each, in ${pictures}`]),
      ...(converted === undefined ? [] : [`converted: ${anew} in ${converted}`]),
    ];
  };
  return { add, end };
}

/** The plan for the patients that would be trained on; scans of which none can be read have none. */
async function planned(
  values: Values,
  { dataset, config, voice }: { dataset: Dataset; config: Config; voice: Voice },
): Promise<{ config: Config; plan?: Plan; dataset: Dataset }> {
  const { pool: patients } = splitPatients(dataset, { sizes: [] });
  const quiet = { ...voice, note: () => {} };
  try {
    return await planOf(values, { dataset, patients, voice: quiet });
  } catch (error) {
    if (error instanceof RangeError) return { config, dataset };
    throw error;
  }
}

function nextCommand(values: Values): Outcome["next"] {
  const settings = [
    ...(values.given("preset") ? ["--preset", values.text("preset")] : []),
    ...values.list("set").flatMap((change) => ["--set", change]),
  ];
  const command = commandLine("pretrain", [...dataArguments(values), ...settings]);
  return { purpose: "pretrain on it", command };
}

/** Names of the files of scans: the patient's id, with the phase, or a number where there are several. */
function uniqueNames({ patients }: Dataset): (scan: ScanReport) => string {
  const taken = new Set(patients.map(({ id }) => id));
  const several = new Set(
    patients.filter(({ scans, cine }) => scans.length + (cine ? 1 : 0) > 1).map(({ id }) => id),
  );
  return ({ patient, phase }) => {
    if (!phase && !several.has(patient)) return patient;
    const base = phase ? `${patient}_${phase}` : patient;
    let name = base;
    for (let count = 1; taken.has(name); count++) name = `${base}_${count}`;
    taken.add(name);
    return name;
  };
}

/**
 * Draws a scan as a network sees it, but the patient's right on the left and the front or head above,
 * where the affine tells; of a cine its first time point.
 */
async function drawSheet(
  path: string,
  { channels, mask }: LoadedScan,
  { grid, data }: Config,
): Promise<void> {
  const frame = channels[0].shape.length > 3 ? 0 : undefined;
  const prepared = prepareVolume(channels, grid, { mask, frame, scale: data.window });
  const { code: [across, down], kind } = orientationOf(channels[0]);
  const told = kind !== "silent";
  const mirrored = { columns: told && across === "R", rows: told && "AS".includes(down) };
  await writeFileAtomically(path, contactSheet(prepared, { mirrored }));
}

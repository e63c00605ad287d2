/**
 * Options that several tasks share, and what they turn into.
 *
 * @module
 */
import {
  BACKEND_CHOICES,
  type BackendName,
  PRECISIONS,
  useBackend,
} from "../../../lib/backends/select.ts";
import type { Config } from "../../../lib/config/config.ts";
import { PROTOCOLS } from "../../../lib/config/data_settings.ts";
import { PRESETS } from "../../../lib/config/presets.ts";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { LAYOUT_NAMES, openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import type { MaskAccess } from "../../../lib/data/masks/mask_structures.ts";
import { pseudonymised } from "../../../lib/data/datasets/pseudonyms.ts";
import { writePhantomCohort } from "../../../lib/data/phantom/cohort.ts";
import {
  readSplit,
  type Split,
  type SplitOptions,
  splitPatients,
} from "../../../lib/data/datasets/splits.ts";
import { SINK_NAMES, type SinkName } from "../../../lib/runs/sinks/run_sink.ts";
import type { StartedBy } from "../../../lib/runs/provenance.ts";
import type { RunInfo } from "../../../lib/runs/run_folder.ts";
import { outOf, PHANTOM_FOLDER } from "./access.ts";
import { commaSeparated, oneOf, usage, type Values } from "./command.ts";
import { confinedStart } from "./confine.ts";
import type { Option } from "./help.ts";
import { recordedCommand } from "./started_by.ts";
import type { Voice } from "./voice.ts";

/** Patients of the phantom cohort: ten of them, two of each group, are tested on. */
const PHANTOM_PATIENTS = 40;

/** `--data` and `--layout`. */
export const DATA_OPTIONS: Record<string, Option> = {
  data: {
    value: "DIR",
    help: "the dataset's folder, or the built-in phantom cohort",
    default: "phantom",
  },
  layout: {
    value: "NAME",
    help: `${LAYOUT_NAMES.join(", ")}; recognised from the folder if not given`,
  },
};

/** `--out` of a task; by default the folder that the task may write to. */
export function outOption(task: string, help: string): Record<string, Option> {
  const folder = outOf(task, () => []);
  return { out: { value: "DIR", help, ...(folder !== undefined && { default: folder }) } };
}

/** `--pseudonyms`, for tasks that write down who was trained or tested on. */
export const PSEUDONYMS_OPTION: Record<string, Option> = {
  pseudonyms: { value: "", help: "calls patients P001, P002, … in all that is written and shown" },
};

/** `--split`, for tasks that train. */
export const SPLIT_OPTION: Record<string, Option> = {
  split: {
    value: "FILE",
    help: "a split manifest, such as those in data/manifests; drawn with the seed if not given",
  },
};

/** `--backend` and `--precision`. */
export const BACKEND_OPTION: Record<string, Option> = {
  backend: { value: "NAME", help: BACKEND_CHOICES.join(", "), default: "auto" },
  precision: {
    value: "NAME",
    help: "float32, or mixed: convolutions of webgpu in half precision",
    default: "float32",
  },
};

/** `--seed`. */
export const SEED_OPTION: Record<string, Option> = {
  seed: { value: "N", help: "seed of everything random", default: "0" },
};

/** `--set`. */
export const SET_OPTION: Record<string, Option> = {
  set: {
    value: "PATH=VALUE",
    help: "changes a setting of config.json, for instance pretraining.batch=4; may be repeated",
    multiple: true,
  },
};

/** `--protocol`, of tasks that decide how scans are read. */
export const PROTOCOL_OPTION: Record<string, Option> = {
  protocol: {
    value: "NAME",
    help: `${PROTOCOLS.join(", ")}: crops about the masks, to compare with that paper alone`,
  },
};

/** The settings that `--set` and `--protocol` change. */
export function changesOf(values: Values): string[] {
  if (!values.given("protocol")) return values.list("set");
  const protocol = oneOf(values.text("protocol"), "protocol", PROTOCOLS);
  return [`data.protocol=${protocol}`, ...values.list("set")];
}

/** Presets that are as they are, whatever the scans. */
const NAMED_PRESETS: readonly string[] = Object.keys(PRESETS)
  .filter((name) => name !== "auto");

/** `--preset`. */
export const PRESET_OPTION: Record<string, Option> = {
  preset: {
    value: "NAME",
    help: `auto, planned by the scans, or ${NAMED_PRESETS.join(", ")}`,
    default: "auto",
  },
};

/** `--log`. */
export const LOG_OPTION: Record<string, Option> = {
  log: {
    value: "NAMES",
    help: `writes metrics also as ${SINK_NAMES.join(", ")}; separated by commas`,
  },
};

/** `--save-every`, of tasks that train for long. */
export const SAVE_OPTION: Record<string, Option> = {
  "save-every": {
    value: "SECONDS",
    help: "between two checkpoints: what a crash loses, and the steps under way",
    default: "30",
  },
};

/** `--minutes`, of tasks that train. */
export const MINUTES_OPTION: Record<string, Option> = {
  minutes: { value: "N", help: "takes as many steps as fit into so many minutes, of all the task" },
};

/** `--folds`. */
export const FOLDS_OPTION: Record<string, Option> = {
  folds: {
    value: "K",
    help:
      "also trains K models that each hold some of the patients out, and tests them on these: as " +
      "many as patients leave one out at a time; of all who have masks where --patients is not given",
  },
};

/** `--dry-run` of a task that would do something. */
export function dryRunOption(tells: string): Record<string, Option> {
  return { "dry-run": { value: "", help: `tells ${tells}, and writes nothing` } };
}

/** Where metrics were asked to go besides JSON lines; undefined if nowhere. */
export function logOf(values: Values): SinkName[] | undefined {
  const names = values.optional("log");
  return names === undefined
    ? undefined
    : [...new Set(commaSeparated(names, (name) => oneOf(name, "log", SINK_NAMES)))];
}

/** `--data` and `--layout` as they were given, for the next command. */
export function dataArguments(values: Values): string[] {
  const given = ["data", "layout"].filter(values.given);
  return given.flatMap((name) => [`--${name}`, values.text(name)]);
}

/** How a dataset is to be read. */
export interface Reading extends MaskAccess {
  /** The settings of a run, or of a model. */
  config: Pick<Config, "data" | "grid">;
  /** The run that is gone on with or made use of: its order of voxels, and whether by pseudonyms. */
  info?: Pick<RunInfo, "order" | "channels" | "pseudonyms">;
}

/** The dataset that was asked for; the phantom is made where it is not there yet. */
export async function datasetOf(
  values: Values,
  { config, info, readMasks }: Reading,
): Promise<Dataset> {
  const data = values.text("data");
  const name = values.optional("layout");
  const layout = name === undefined ? undefined : oneOf(name, "layout", LAYOUT_NAMES);
  if (data === "phantom") await writePhantomCohort(PHANTOM_FOLDER, { patients: PHANTOM_PATIENTS });
  const folder = data === "phantom" ? PHANTOM_FOLDER : data;
  // The channels of a model by their names, where it sees several.
  const settings = info?.channels ? { ...config.data, channels: info.channels } : config.data;
  const opened = await openDataset(folder, {
    ...{ layout, data: settings, axis: config.grid.axis, readMasks },
  });
  const dataset = info ? { ...opened, order: info.order } : opened;
  return values.given("pseudonyms") || info?.pseudonyms ? pseudonymised(dataset) : dataset;
}

/**
 * The split that was asked for: a manifest's as it is, or one that is drawn.
 *
 * @throws {RangeError} if a manifest has no subset of a size that is needed.
 */
export async function splitOf(
  path: string | undefined,
  dataset: Dataset,
  options: SplitOptions,
): Promise<Split> {
  if (path === undefined) return splitPatients(dataset, options);
  const split = await readSplit(path, dataset);
  const missing = options.sizes?.find((size) => !Object.hasOwn(split.subsets, size));
  if (missing !== undefined) {
    throw new RangeError(
      `${path}: expected a subset of ${missing} patients, found those of ` +
        `${Object.keys(split.subsets).join(", ") || "no size"}`,
    );
  }
  return split;
}

/** The configuration that was asked for. */
export function configOf(values: Values): Config {
  return usage(() =>
    resolveConfig(values.text("preset"), { seed: values.count("seed"), set: changesOf(values) })
  );
}

/** Where a task computes, and how it was started. */
export interface Environment extends StartedBy {
  /** The backend. */
  backend: BackendName;
  /** Whether its graphics adapter is one in software, which computes on the CPU. */
  software?: true;
  /** Deno's version. */
  deno: string;
}

/** Starts computing where it was asked for. */
export async function startBackend(values: Values, voice: Voice): Promise<Environment> {
  const started = await computeOn(backendOf(values));
  const { backend, adapter, deno, software } = started;
  if (software) {
    voice.warn(
      `${adapter} is a graphics adapter in software: a training step may take seconds; ` +
        "--backend simd computes on the same cores, much faster",
    );
  }
  voice.detail(`computes on ${backend}${adapter ? `, ${adapter}` : ""}; Deno ${deno}`);
  return started;
}

/** `--backend` and `--precision` as they were given. */
export function backendOf(values: Values): { choice: string; precision: string } {
  return { choice: values.text("backend"), precision: values.text("precision") };
}

/** The same, by the options themselves. */
export async function computeOn(
  { choice, precision }: { choice: string; precision: string },
): Promise<Environment> {
  const backend = oneOf(choice, "backend", BACKEND_CHOICES);
  // Mesa's Vulkan drivers complain on stderr where no desktop session has set this.
  if (!Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", Deno.cwd());
  const started = await useBackend(backend, {
    precision: oneOf(precision, "precision", PRECISIONS),
  });
  return { ...started, deno: Deno.version.deno, ...startedBy() };
}

/** The command and the commit of a task; nothing of a process that is not confined. */
function startedBy(): StartedBy {
  const start = confinedStart();
  return start ? { command: recordedCommand(start.task, start.args), commit: start.commit } : {};
}

/**
 * Options that several tasks share, and what they turn into.
 *
 * @module
 */
import { BACKEND_CHOICES, useBackend } from "../../lib/backends/select.ts";
import type { Config } from "../../lib/config/config.ts";
import { PRESETS } from "../../lib/config/presets.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import { openDataset } from "../../lib/data/open_dataset.ts";
import { writePhantomCohort } from "../../lib/data/phantom/cohort.ts";
import { oneOf, type Option, usage, type Values } from "./command.ts";

/** Where the phantom cohort is kept. */
const PHANTOM_FOLDER = "data/phantom";

/** Patients of the phantom cohort: ten of them, two of each group, are tested on. */
const PHANTOM_PATIENTS = 40;

/** `--data` and `--layout`. */
export const DATA_OPTIONS: Record<string, Option> = {
  data: {
    value: "DIR",
    help: "the dataset's folder, or the built-in phantom cohort",
    default: "phantom",
  },
  layout: { value: "NAME", help: "acdc, msd or folder; recognised from the folder if not given" },
};

/** `--backend`. */
export const BACKEND_OPTION: Record<string, Option> = {
  backend: { value: "NAME", help: BACKEND_CHOICES.join(", "), default: "auto" },
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

/** `--preset`. */
export const PRESET_OPTION: Record<string, Option> = {
  preset: { value: "NAME", help: Object.keys(PRESETS).join(", "), default: "pix2rep-small" },
};

/** The dataset that was asked for; the phantom is made where it is not there yet. */
export async function datasetOf(values: Values): Promise<Dataset> {
  const data = values.text("data");
  if (data !== "phantom") return await openDataset(data, { layout: values.optional("layout") });
  await writePhantomCohort(PHANTOM_FOLDER, { patients: PHANTOM_PATIENTS });
  return await openDataset(PHANTOM_FOLDER);
}

/** The configuration that was asked for. */
export function configOf(values: Values): Config {
  return usage(() =>
    resolveConfig(values.text("preset"), { seed: values.count("seed"), set: values.list("set") })
  );
}

/** Starts computing where it was asked for. */
export async function startBackend(
  values: Values,
): Promise<{ backend: string; adapter?: string; deno: string }> {
  const choice = oneOf(values.text("backend"), "backend", BACKEND_CHOICES);
  // Mesa's Vulkan drivers complain on stderr where no desktop session has set this.
  if (!Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", Deno.cwd());
  return { ...await useBackend(choice), deno: Deno.version.deno };
}

/**
 * The few labelled patients that an adaptation learns from.
 *
 * @module
 */
import type { Config } from "../../../lib/config/config.ts";
import {
  type CohortScan,
  type LabelledSlices,
  labelledSlicesOf,
  loadCohort,
} from "../../../lib/data/slices/cohort.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import {
  cutLabelWarnings,
  pretrainedGridWarning,
  wideGridWarning,
} from "../../../lib/data/slices/grid_warnings.ts";
import { emptyPatients, untaughtWarnings } from "../../../lib/data/slices/label_warnings.ts";
import { cohortWarnings } from "../../../lib/data/datasets/check/scan_warnings.ts";
import {
  readSplit,
  type Split,
  splitAll,
  type SplitOptions,
  withAllLabelled,
} from "../../../lib/data/datasets/splits.ts";
import { splitOf } from "../command/options.ts";
import type { Voice } from "../command/voice.ts";

/** How patients are read. */
export interface Reading {
  /** The dataset. */
  dataset: Dataset;
  /** With the grid and the seed. */
  config: Config;
  /** Ends it. */
  signal: AbortSignal;
}

/** Options of {@linkcode chooseLabelled}. */
export interface ChooseLabelledOptions extends Reading {
  /** How many labelled patients, or all that there are, of the manifest's pool where there is one. */
  patients: number | "all";
  /** Path of the split manifest that names them; drawn if there is none. */
  manifest?: string;
  /** Receives a warning of patients who are passed over. */
  voice: Voice;
}

/** Who is learnt from, and their scans. */
export interface ChosenPatients {
  /** Who is trained and tested on. */
  split: Split;
  /** Ids of the labelled patients. */
  subset: readonly string[];
  /** The scans of the labelled patients. */
  scans: CohortScan[];
}

/**
 * Reads the labelled patients that a manifest names, or draws some: patients in whose masks nothing is
 * outlined come after all others then.
 */
export async function chooseLabelled(
  { patients, manifest, voice, ...reading }: ChooseLabelledOptions,
): Promise<ChosenPatients> {
  const { dataset, config: { seed } } = reading;
  const draw = async (options: Pick<SplitOptions, "seed" | "last">) => {
    if (patients !== "all") return splitOf(manifest, dataset, { ...options, sizes: [patients] });
    if (manifest === undefined) return splitAll(dataset, options);
    return withAllLabelled(await readSplit(manifest, dataset), dataset);
  };
  let split = await draw({ seed });
  const last: string[] = [];
  while (true) {
    const size = patients === "all"
      ? Math.max(...Object.keys(split.subsets).map(Number))
      : patients;
    const subset = split.subsets[size];
    const scans = await readScans(subset, reading);
    const empty = emptyPatients(scans).filter((patient) => !last.includes(patient));
    if (manifest !== undefined || patients === "all" || empty.length === 0) {
      return { split, subset, scans };
    }
    voice.warn(`nothing is outlined in the masks of ${empty.join(", ")}: draws others, if it can`);
    last.push(...empty);
    split = await draw({ seed, last });
  }
}

/**
 * The labelled slices of chosen patients, with warnings where masks or grid do not suit.
 *
 * @param trained The configuration of the pretraining, where there is one: its grid is what it is.
 */
export function slicesToLearn(
  scans: readonly CohortScan[],
  { dataset: { structures }, config: { grid }, voice, trained }: Omit<Reading, "signal"> & {
    voice: Voice;
    trained?: Config;
  },
): LabelledSlices {
  [
    ...cohortWarnings(scans),
    ...untaughtWarnings(scans, structures),
    ...cutLabelWarnings(scans, grid),
  ].forEach(voice.warn);
  const gridWarning = trained ? pretrainedGridWarning : wideGridWarning;
  gridWarning(scans, grid).forEach(voice.warn);
  return labelledSlicesOf(scans);
}

async function readScans(
  patients: readonly string[],
  { dataset, config: { grid }, signal }: Reading,
): Promise<CohortScan[]> {
  const onScan = () => signal.throwIfAborted();
  return await loadCohort(dataset, patients, {
    grid,
    labelled: true,
    onScan,
    window: "labels",
  });
}

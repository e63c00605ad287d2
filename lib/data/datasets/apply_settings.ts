/**
 * What settings change about a dataset, whatever its layout: channels, labels, the ignored value.
 *
 * @module
 */
import { isLabelled } from "./splits.ts";
import type { DataSettings } from "../../config/data_settings.ts";
import { suggestion } from "../../config/nearest.ts";
import type { ChannelFile, Dataset, Patient, Scan, Structure, UnusedFile } from "./dataset.ts";
import { structuresOf } from "../masks/mask_structures.ts";
import { excerpt } from "../../io/text/printable.ts";

/** The settings that concern which files are read and what their values mean. */
export type ListingSettings = Pick<
  DataSettings,
  "channels" | "missingChannel" | "labels" | "ignoreLabel"
>;

/** Among the names of labels, that of values that are no structure's. */
const BACKGROUND = "background";

/** Patients that a message names. */
const NAMED = 3;

/**
 * The dataset as the settings want it read.
 *
 * @throws {RangeError} If it has no channel of a name, or masks have values without a name but not all
 * that are named, or a scan lacks a channel and `missingChannel` is not "zero".
 */
export function withSettings(
  dataset: Dataset,
  { channels = "all", missingChannel = "refuse", labels = "as-stored", ignoreLabel }: Partial<
    ListingSettings
  >,
): Dataset {
  const chosen = channels === "all" ? dataset : withChannels(dataset, channels);
  if (missingChannel === "refuse") expectChannels(chosen);
  const mapped = labels === "as-stored" ? chosen : withLabels(chosen, labels);
  return typeof ignoreLabel === "number" ? withIgnored(mapped, ignoreLabel) : mapped;
}

/** Some of the channels, in another order; scans that have none of them are left out. */
function withChannels(dataset: Dataset, wanted: readonly string[]): Dataset {
  const { channels = [], root, patients, unused = [] } = dataset;
  const stranger = wanted.find((name) => !channels.includes(name));
  if (stranger !== undefined || new Set(wanted).size < wanted.length || wanted.length === 0) {
    const known = channels.length > 0 ? channels.join(", ") : "one channel without a name";
    throw new RangeError(
      `${root}: expected the channels ${
        excerpt(wanted.join(", ")) || "of some name"
      }, each once, ` +
        `found ${excerpt(known, 300)}` +
        (stranger === undefined ? "" : suggestion(stranger, channels)),
    );
  }
  const order = wanted.map((name) => channels.indexOf(name));
  const left: UnusedFile[] = [];
  const choose = (scan: Scan): Scan[] => {
    const files = order.map((i): ChannelFile => scan.channels?.[i] ?? {});
    const image = files.find(({ path }) => path !== undefined)?.path;
    if (image !== undefined) return [{ ...scan, image, channels: files }];
    left.push({ path: scan.image, why: `it has no channel ${wanted.join(", ")}` });
    return [];
  };
  return {
    ...dataset,
    channels: [...wanted],
    patients: patients.map((one): Patient => ({ ...one, scans: one.scans.flatMap(choose) }))
      .filter(({ scans }) => scans.length > 0),
    unused: [...unused, ...left],
  };
}

function expectChannels({ root, channels = [], patients }: Dataset): void {
  for (const [i, name] of channels.entries()) {
    const lacking = patients.filter(({ scans }) =>
      scans.some(({ channels }) => channels !== undefined && channels[i].path === undefined)
    );
    if (lacking.length === 0) continue;
    const some = lacking.slice(0, NAMED).map(({ id }) => excerpt(id)).join(", ");
    const more = lacking.length > NAMED ? ` and ${lacking.length - NAMED} more` : "";
    throw new RangeError(
      `${root}: expected the channel ${
        excerpt(name)
      } of every scan, found none of ${some}${more}; ` +
        "choose others by data.channels, or set data.missingChannel to zero",
    );
  }
}

/** Structures by the names and values that are given; other values are background. */
function withLabels(
  dataset: Dataset,
  labels: Readonly<Record<string, number | readonly number[]>>,
): Dataset {
  const { structures, patients, root } = dataset;
  const { [BACKGROUND]: none = [], ...others } = labels;
  const background = [none].flat();
  const named = Object.entries(others).map(([name, values]) => ({ name, values: [values].flat() }));
  const known = new Set(structures.flatMap(valuesOf));
  const used = new Set(named.flatMap(({ values }) => values));
  const unknown = [...used].filter((value) => !known.has(value));
  const unnamed = [...known].filter((value) => !used.has(value) && !background.includes(value));
  const outlined = patients.some(isLabelled);
  // Where all values have a name, a value that is not there is a structure that nobody has here.
  if (outlined && unknown.length > 0 && unnamed.length > 0) {
    throw new RangeError(
      `${root}: expected data.labels to name values of the masks, ${
        excerpt([...known].join(", "))
      }, ` +
        `found ${excerpt(unknown.join(", "))}`,
    );
  }
  const rest = [...known, ...background].filter((value) => value !== 0 && !used.has(value));
  const { regions: _, background: __, ...without } = dataset;
  return {
    ...without,
    ...structuresOf(named, `${root}: data.labels`),
    ...(rest.length > 0 && { background: [...new Set(rest)].sort((a, b) => a - b) }),
  };
}

/** The dataset with a value that is no structure's any more, but that of unlabelled voxels. */
function withIgnored(dataset: Dataset, ignore: number): Dataset {
  const { structures, regions, background } = dataset;
  const named = structures.map((one) => ({
    ...one,
    values: valuesOf(one).filter((value) => value !== ignore),
  })).filter(({ values }) => values.length > 0);
  const renumbered = new Map(named.map(({ label }, i) => [label, i + 1]));
  const kept = regions?.map(({ name, labels }) => ({
    name,
    labels: labels.flatMap((label) => renumbered.get(label) ?? []),
  })).filter(({ labels }) => labels.length > 0);
  return {
    ...dataset,
    structures: named.map(({ name, values }, i): Structure => ({
      label: i + 1,
      name,
      ...(values.join() !== `${i + 1}` && { values }),
    })),
    ...(kept && { regions: kept }),
    ...(background && { background: background.filter((value) => value !== ignore) }),
    ignore,
  };
}

function valuesOf({ label, values = [label] }: Structure): readonly number[] {
  return values;
}

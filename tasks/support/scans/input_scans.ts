/**
 * What `predict --input` names: a dataset, a scan, or the channels of one.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Config } from "../../../lib/config/config.ts";
import { withSettings } from "../../../lib/data/datasets/apply_settings.ts";
import type { ChannelFile, Dataset, Scan } from "../../../lib/data/datasets/dataset.ts";
import { scanStem } from "../../../lib/data/formats/formats.ts";
import { channelParts } from "../../../lib/data/datasets/layouts/names.ts";
import { maskNames } from "../../../lib/data/datasets/mask_naming.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import { UsageError } from "../command/command.ts";
import type { OpenModel } from "../models/model.ts";
import { isFile } from "../models/weights_file.ts";

/**
 * The scans that were asked for, of a dataset perhaps those without masks alone, and the folder that
 * those of a dataset must lie in, with the names of their masks.
 */
export async function inputScans(
  inputs: readonly string[],
  { config, channels }: Pick<OpenModel, "config" | "channels">,
  { unlabelled = false }: { unlabelled?: boolean } = {},
): Promise<{ scans: Scan[]; within?: string; known?: ReadonlyMap<Scan, string> }> {
  const names = channels ?? [""];
  const absent = inputs.find((input) => !existsSync(input));
  if (absent !== undefined) throw new Error(`${absent}: no such file or folder`);
  const [input] = inputs;
  if (inputs.length === 1 && !isFile(input)) {
    const dataset = await openChannels(input, config, channels);
    expectChannels(input, dataset.channels?.length ?? 1, names);
    const { patients, root } = dataset;
    const all = patients.flatMap(({ scans }) => scans);
    const scans = unlabelled ? all.filter(({ mask }) => mask === undefined) : all;
    if (scans.length > 0) return { scans, within: root, known: maskNames(dataset) };
    throw new Error(`${input}: expected scans without masks, found masks of all ${all.length}`);
  }
  if (unlabelled) {
    throw new UsageError("--unlabelled: expected --input DIR, a dataset's folder, found a scan");
  }
  if (!inputs.every(isFile)) {
    throw new UsageError(
      "--input: expected one folder, or the files of one scan, found several folders or both",
    );
  }
  if (inputs.length === 1 && names.length === 1) return { scans: [{ image: input }] };
  const files = inputs.length > 1 ? inputs.map((path) => ({ path })) : await channelsIn(input);
  expectChannels(input, files.length, names);
  if (inputs.length > 1) expectOrder(inputs, names, config.data.channels === "all");
  return { scans: [{ image: input, channels: files }] };
}

/**
 * A dataset with a model's channels. Numbers in the names of files, as of nnU-Net's imagesTs, count the
 * channels of the dataset that it was trained on.
 */
async function openChannels(
  dir: string,
  config: Config,
  channels: readonly string[] | undefined,
): Promise<Dataset> {
  // Masks, if there are any, are not looked at.
  const listed = await openDataset(dir, { data: { missingChannel: "zero" } });
  const numbered = listed.channels?.every((name) => /^\d{4}$/.test(name)) &&
    config.data.channels === "all" && listed.channels.length === channels?.length;
  const { missingChannel } = config.data;
  const chosen = numbered ? "all" : channels ?? config.data.channels;
  return withSettings(listed, { channels: chosen, missingChannel });
}

/**
 * Refuses files whose names say that they are given in another order than the model's channels.
 *
 * @param all Whether the model has all channels of its dataset, so that numbers count them.
 */
function expectOrder(inputs: readonly string[], names: readonly string[], all: boolean): void {
  const said = inputs.map((input) => channelParts(scanStem(basename(input)) ?? "")?.kind);
  const known = names.map((name) => name.toLowerCase());
  const numbers = names.map((_, i) => `${i}`.padStart(4, "0"));
  for (const expected of all ? [known, numbers] : [known]) {
    const wrong = said.findIndex((kind, i) =>
      kind !== undefined && expected.includes(kind) && kind !== expected[i]
    );
    if (wrong < 0) continue;
    const [input, channel] = [inputs[wrong], names[wrong]];
    throw new UsageError(
      `${input}: expected the channel ${channel} in this place, found another by its name; give ` +
        `--input in the model's order, ${names.join(", ")}`,
    );
  }
}

/** The channels along the fourth axis of a file. */
async function channelsIn(path: string): Promise<ChannelFile[]> {
  const { shape: [, , , count = 1] } = await readVolume(path);
  return Array.from({ length: count }, (_, index) => ({ path, index }));
}

function expectChannels(input: string, found: number, names: readonly string[]): void {
  if (found === names.length) return;
  if (names.length === 1) {
    throw new RangeError(
      `${input}: expected one file a scan, for the model has one channel; found ${found}`,
    );
  }
  const expected = `the ${names.length} channels ${names.join(", ")}`;
  throw new RangeError(
    `${input}: expected ${expected}; found ${found}; name each file with --input`,
  );
}

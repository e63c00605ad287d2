/**
 * Pictures in colours: scans of three channels.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { isPicture } from "./scan_files.ts";
import { evenFrames } from "../volumes/frames.ts";
import { inGroups } from "../../io/in_groups.ts";
import { scanOfOneFile } from "./layouts/channels.ts";
import { readVolume } from "../volumes/read_volume.ts";

/** What the channels are called. */
const COLOURS = ["red", "green", "blue"];

/** Pictures that are looked at, and how many at the same time. */
const [MOST_PICTURES, AT_ONCE] = [100, 4];

/**
 * A dataset of pictures, of which any has colours, with these as channels; any other as it is. A grey
 * picture among them has its grey in each channel when it is read.
 */
export async function withColours(dataset: Dataset): Promise<Dataset> {
  const { channels, patients, root } = dataset;
  const images = patients.flatMap(({ scans }) => scans.map(({ image }) => image));
  if (channels || images.length === 0 || !images.every(isPicture)) return dataset;
  const chosen = evenFrames(images.length, MOST_PICTURES).map((at) => images[at]);
  const coloured = await inGroups(chosen, (path) => isColoured(path, root), AT_ONCE);
  if (!coloured.includes(true)) return dataset;
  return {
    ...dataset,
    channels: COLOURS,
    patients: patients.map((patient) => ({
      ...patient,
      scans: patient.scans.map((scan) => ({
        ...scan,
        ...scanOfOneFile(scan.image, COLOURS.length),
      })),
    })),
  };
}

/** Whether a picture has colours; one that cannot be read is told of later. */
async function isColoured(path: string, within: string): Promise<boolean> {
  return await readVolume(path, { within })
    .then(({ shape }) => shape[3] === COLOURS.length, () => false);
}

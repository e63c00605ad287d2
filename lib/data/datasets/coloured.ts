/**
 * Pictures in colours: scans of three channels.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { isPicture } from "./scan_files.ts";
import { evenly } from "../volumes/frames.ts";
import { scanOfOneFile } from "./layouts/channels.ts";
import { readVolume } from "../volumes/read_volume.ts";

/** What the channels are called. */
const COLOURS = ["red", "green", "blue"];

/** Pictures that are looked at. */
const MOST_PICTURES = 100;

/**
 * A dataset of pictures, of which any has colours, with these as channels; any other as it is. A grey
 * picture among them has its grey in each channel when it is read.
 */
export async function withColours(dataset: Dataset): Promise<Dataset> {
  const { channels, patients, root } = dataset;
  const images = patients.flatMap(({ scans }) => scans.map(({ image }) => image));
  if (channels || !images.every(isPicture) || !await anyColoured(images, root)) return dataset;
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

/** Whether one of some pictures has colours; one that cannot be read is told of later. */
async function anyColoured(images: readonly string[], within: string): Promise<boolean> {
  for (const image of evenly(images, MOST_PICTURES)) {
    const shape = await readVolume(image, { within }).then(({ shape }) => shape, () => []);
    if (shape[3] === COLOURS.length) return true;
  }
  return false;
}

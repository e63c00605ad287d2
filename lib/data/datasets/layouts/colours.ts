/**
 * Colours of pictures as channels, where no list names channels.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { isPicture } from "../scan_files.ts";
import { readVolume } from "../../volumes/read_volume.ts";
import { scanOfOneFile } from "./channels.ts";

/** The channels of a picture in colours. */
const COLOURS = ["red", "green", "blue"];

/** Pictures that are looked at: some of a set in colours may be grey. */
const MOST_PICTURES = 16;

/** The dataset with red, green and blue as channels, if its scans are pictures and some have colours. */
export async function withColours(dataset: Dataset): Promise<Dataset> {
  const { channels, patients, root } = dataset;
  const images = patients.flatMap(({ scans }) => scans.map(({ image }) => image));
  if (channels || !images.every(isPicture)) return dataset;
  const step = Math.ceil(images.length / MOST_PICTURES);
  for (const image of images.filter((_, i) => i % step === 0)) {
    // One that cannot be read is told of when its scan is.
    const shape = await readVolume(image, { within: root }).then(({ shape }) => shape, () => []);
    if (shape[3] !== COLOURS.length) continue;
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
  return dataset;
}

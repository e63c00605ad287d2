/**
 * What the page of predicted masks shows: masks as they were segmented, images read anew.
 *
 * @module
 */
import type { Config } from "../../config/config.ts";
import type { Scan, Structure } from "../../data/datasets/dataset.ts";
import { readChannels } from "../../data/datasets/read_scan.ts";
import { composed, IDENTITY } from "../../data/volumes/axis_map.ts";
import type { SeenVolumes } from "../../data/slices/seen_volumes.ts";
import { takeFrame } from "../../data/volumes/frames.ts";
import type { Volume } from "../../data/volumes/volume.ts";
import {
  sidesOf,
  viewingMap,
  type VoxelOrder,
  workingMap,
} from "../../data/volumes/voxel_order.ts";
import { doubtedMasks, volumeWarnings } from "../doubted_masks.ts";
import type { PredictedMask, PredictionInput } from "../inputs/prediction_input.ts";
import type { ReportEnvironment } from "../inputs/report_input.ts";
import { keepMask, type KeptMask, openMask } from "./kept_masks.ts";
import { MOST_SCANS, type NativeScan, nativeViews, shownText, turned } from "./native_view.ts";
import { reportOrigin } from "./report_origin.ts";

/** A scan, or a time point of one, that was segmented. */
export interface PredictedScan extends PredictedMask {
  /** Where it is stored. */
  scan: Scan;
  /** The time point of its 4D file. */
  frame?: number;
  /** Voxels along x, y and z, as stored. */
  shape: readonly number[];
  /** Its mask, in its stored order. */
  mask: KeptMask;
}

/**
 * Keeps what a page tells of a scan that was segmented, an entry for each time point.
 *
 * @param labels of the time points, one after another.
 */
export function predictedScans(
  scan: Scan,
  { title, image, frames, labels, doubt, structures }: {
    /** How the scan is called. */
    title: string;
    /** The scan's grid. */
    image: Pick<Volume, "shape" | "spacing">;
    /** Which time points; one that is undefined of a 3D scan. */
    frames: readonly (number | undefined)[];
    labels: Uint8Array;
    doubt: number | null;
    structures: readonly Structure[];
  },
): PredictedScan[] {
  const { shape: [width, height, depth = 1], spacing: [x, y, z] } = image;
  const voxels = width * height * depth;
  return frames.map((frame, i) => {
    const mask = labels.subarray(i * voxels, (i + 1) * voxels);
    const counts = new Array<number>(256).fill(0);
    for (const label of mask) counts[label]++;
    return {
      scan,
      frame,
      title: frames.length > 1 ? `${title} · frame ${frame}` : title,
      shape: [width, height, depth],
      mask: keepMask(mask),
      doubt,
      volumes: structures.map(({ label }) => counts[label] * x * y * z / 1000),
    };
  });
}

/** How scans were read and segmented. */
export interface PredictedWith {
  /** What the labels mean. */
  structures: readonly Structure[];
  /** Names of the channels, where there are several. */
  channels?: readonly string[];
  /** The order of voxels that the model knows. */
  order?: VoxelOrder;
  /** How large structures were in the masks that the model learned from, where it tells. */
  references?: SeenVolumes;
  /** The configuration of the model. */
  config: Config;
  /** The folder that files must lie in. */
  within?: string;
}

/** Reads what is shown of predicted masks; one scan's images are in memory at a time. */
export async function gatherPrediction(
  scans: readonly PredictedScan[],
  { structures, channels, order, references, config, within }: PredictedWith,
  environment: ReportEnvironment,
): Promise<PredictionInput> {
  const masks = doubtedMasks(scans, structures, references);
  const read = async (at: number): Promise<NativeScan> => {
    const { title, scan, frame, mask } = masks[at];
    const volumes = (await readChannels(scan, { within })).map((one) => takeFrame(one, frame));
    const { shape, spacing } = volumes[0];
    const working = order ? workingMap(volumes[0], order) : IDENTITY;
    const map = composed(working, viewingMap(order));
    return turned({
      ...{ patient: title, phase: "", shape, spacing, prediction: openMask(mask) },
      sides: sidesOf(volumes[0], map),
      channels: volumes.map(({ voxels }) => voxels),
      scale: config.data.window,
    }, map);
  };
  const views = await nativeViews(Math.min(masks.length, MOST_SCANS), read);
  const depths = scans.map(({ shape }) => shape[2]);
  return {
    structures,
    masks: masks.map(({ title, doubt, volumes, reasons }) => ({ title, doubt, volumes, reasons })),
    references,
    warnings: volumeWarnings(scans, structures, references),
    slices: {
      models: [{ name: "Prediction", group: "" }],
      channels,
      scans: views,
      first: { scan: 0, model: 0 },
    },
    shown: shownText(views, depths),
    config,
    environment: reportOrigin(environment),
  };
}

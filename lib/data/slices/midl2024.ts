/**
 * The protocol of the published code (Seince et al., MIDL 2024), for those who compare with the paper:
 * every scan, the test patients' too, is cropped about its reference mask, slices without an outline
 * are dropped, and the rest is stretched to the grid's square. The reference thereby tells the network
 * where and how large the structures are.
 *
 * @module
 */
import type { Protocol } from "../../config/data_settings.ts";
import { IGNORED } from "../masks/labels.ts";
import type { Volume } from "../volumes/volume.ts";

/** Voxels that the published crop leaves around the outlined ones, but one fewer at the far side. */
const MARGIN = 10;

/** What is to be said wherever figures of this protocol are shown. */
export const MIDL2024_WARNING =
  "Protocol midl2024: scans are cropped about their reference masks and slices without outlines are " +
  "dropped, in testing too; the figures compare with those of the MIDL 2024 code alone.";

/** The warning that a protocol calls for, if any. */
export function protocolWarnings(protocol: Protocol): string[] {
  return protocol === "midl2024" ? [MIDL2024_WARNING] : [];
}

/**
 * Makes sure that scans are segmented as they were trained on.
 *
 * @throws {RangeError} where a model saw crops about reference masks, which new scans do not have.
 */
export function expectWholeScans(protocol: Protocol = "whole-scans"): void {
  if (protocol === "whole-scans") return;
  throw new RangeError(
    "expected a model that was trained on whole scans, found data.protocol=midl2024, which crops each " +
      "scan about its reference mask: new scans have none, so that it can be evaluated alone",
  );
}

/** A scan in memory: its channels on one grid, and its mask where it has one. */
interface SeenScan {
  channels: readonly [Volume, ...Volume[]];
  mask?: Volume & { voxels: Uint8Array };
}

/**
 * What the published code keeps of a scan.
 *
 * @throws {RangeError} if the scan has no mask, or nothing is outlined in it.
 */
export function cropAboutMask({ channels, mask }: SeenScan): SeenScan {
  const [first, ...others] = channels;
  const box = mask && outlinedBox(mask);
  if (!box) {
    throw new RangeError(
      `${
        (mask ?? first).source
      }: expected an outline to crop the scan about (data.protocol=midl2024), ` +
        "found none; choose other patients, or the protocol whole-scans",
    );
  }
  return {
    channels: [cropped(first, box), ...others.map((channel) => cropped(channel, box))],
    mask: cropped(mask, box) as typeof mask,
  };
}

/** Columns and rows, each [first, end), and slices to keep. */
interface Box {
  columns: readonly [number, number];
  rows: readonly [number, number];
  slices: readonly number[];
}

/** Where a mask is outlined, with the margin; undefined where it is nowhere. */
function outlinedBox({ voxels, shape: [width, height] }: Volume): Box | undefined {
  const slices = new Set<number>();
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < voxels.length; i++) {
    if (voxels[i] === 0 || voxels[i] === IGNORED) continue;
    const [x, y] = [i % width, Math.floor(i / width) % height];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    slices.add(Math.floor(i / (width * height)));
  }
  if (slices.size === 0) return undefined;
  return {
    columns: [Math.max(0, left - MARGIN), Math.min(right + MARGIN, width)],
    rows: [Math.max(0, top - MARGIN), Math.min(bottom + MARGIN, height)],
    slices: [...slices].sort((a, b) => a - b),
  };
}

/** The voxels of a box; the affine, which nothing reads after this, stays the scan's own. */
function cropped(volume: Volume, { columns, rows, slices }: Box): Volume {
  const { voxels, shape: [width, height] } = volume;
  const [across, down] = [columns[1] - columns[0], rows[1] - rows[0]];
  const kept = voxels.slice(0, across * down * slices.length);
  let at = 0;
  for (const slice of slices) {
    for (let row = rows[0]; row < rows[1]; row++) {
      const start = (slice * height + row) * width;
      kept.set(voxels.subarray(start + columns[0], start + columns[1]), at);
      at += across;
    }
  }
  return { ...volume, voxels: kept, shape: [across, down, slices.length] };
}

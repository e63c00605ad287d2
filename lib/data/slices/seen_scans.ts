/**
 * What the scans were like that a model was trained on, and what to tell of a scan that is not: it is
 * segmented all the same, and the mask may be wrong without a sign.
 *
 * @module
 */
import * as v from "valibot";
import { valueAtRank } from "../../math/descriptive.ts";
import { type IntensityScale, PERCENTILES, scaled } from "../volumes/intensity_scale.ts";
import { sampleVoxels } from "../volumes/sample_voxels.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";
import { type Extent, EXTENT_SCHEMA as extent, joined } from "./extent.ts";
import {
  joinVolumes,
  type LabelVolumes,
  SEEN_VOLUMES_SCHEMA,
  type SeenVolumes,
  seenVolumes,
} from "./seen_volumes.ts";

/** What a scan is like. */
export interface ScanFacts {
  /** The longer side of its slices, in mm. */
  side: number;
  /** Millimetres between pixel centres within them; the longer where they differ. */
  spacing: number;
  /** Millimetres between slices. */
  thickness: number;
  /** Of each channel, the mean of what is above 0 once scaled to [0, 1]; null where nothing is. */
  means: readonly (number | null)[];
  /** Of each channel, the 1st and 99th percentile before that. */
  ranges: readonly Extent[];
  /** How large its structures are, where a mask tells. */
  volumes?: LabelVolumes;
}

/** What some scans were like, the least and the greatest of each of {@linkcode ScanFacts}. */
export interface SeenScans {
  /** How many there were, at least. */
  scans: number;
  /** The longer sides of slices, in mm. */
  side_mm: Extent;
  /** Millimetres between pixel centres. */
  spacing_mm: Extent;
  /** Millimetres between slices. */
  thickness_mm: Extent;
  /** Of each channel, means of scaled intensities; null of one that nobody had. */
  means: readonly (Extent | null)[];
  /** Of each channel, the lowest 1st and the highest 99th percentile. */
  ranges: readonly Extent[];
  /** How large structures were, where there were masks; absent of runs of earlier versions. */
  volumes?: SeenVolumes;
}

/** What a file may hold for {@linkcode SeenScans}. */
export const SEEN_SCHEMA: v.GenericSchema<SeenScans> = v.object({
  scans: v.number(),
  side_mm: extent,
  spacing_mm: extent,
  thickness_mm: extent,
  means: v.array(v.nullable(extent)),
  ranges: v.array(extent),
  volumes: v.optional(SEEN_VOLUMES_SCHEMA),
});

/** Voxels that intensities are judged by. */
const SAMPLE = 10_000;

/*
 * How far a scan may lie beyond those that were seen. Measured on 28 November 2026: a model that saw a
 * single patient of ACDC, of the hippocampi or of the phantom has to take all others of that cohort.
 * They differ at most by factors of 1.5 (side), 2.7 (spacing) and 2.0 (thickness); a scan's mean
 * lies at most 0.29 beyond those of one patient, or is 3.3 times less, and 0.15 beyond those of twenty
 * scans.
 */
const SIDE_FACTOR = 2;
const SPACING_FACTOR = 4;
const THICKNESS_FACTOR = 3;
const MANY_SCANS = 20;
const MEAN_MARGIN = { few: 0.35, many: 0.2 };
const DARKEST = 1 / 4;

/** Where a window sets the scale, intensities have units: their spread tells whether these are others. */
const RANGE_FACTOR = 10;

/** What a scan is like, slices across its third axis, each channel with the scale that it is put on. */
export function factsOf(
  channels: readonly Volume[],
  scales: readonly IntensityScale[],
): ScanFacts {
  const [{ shape: [width, height], spacing: [x, y, thickness] }] = channels;
  const samples = channels.map(({ voxels }) => sampleVoxels(voxels, SAMPLE));
  return {
    side: Math.max(width * x, height * y),
    spacing: Math.max(x, y),
    thickness,
    means: samples.map((sample, channel) => meanAbove0(sample, scales[channel])),
    ranges: samples.map(rangeOf),
  };
}

/** What some scans were like; undefined of none. */
export function seenScans(facts: readonly ScanFacts[]): SeenScans | undefined {
  const all = facts.map(({ side, spacing, thickness, means, ranges }): SeenScans => ({
    scans: facts.length,
    side_mm: [side, side],
    spacing_mm: [spacing, spacing],
    thickness_mm: [thickness, thickness],
    means: means.map((mean) => mean === null ? null : [mean, mean]),
    ranges,
  }));
  const seen = joinSeen(...all);
  const volumes = seenVolumes(facts.map(({ volumes }) => volumes).filter((of) => of !== undefined));
  return seen && { ...seen, ...(volumes && { volumes }) };
}

/**
 * What the scans were like of several sets, which may overlap: the number of scans is that of the
 * largest. Channels are those of the last.
 */
export function joinSeen(...sets: readonly (SeenScans | undefined)[]): SeenScans | undefined {
  const known = sets.filter((set) => set !== undefined);
  const volumes = joinVolumes(...known.map((set) => set.volumes));
  return known.length === 0 ? undefined : known.reduce((a, b) => ({
    scans: Math.max(a.scans, b.scans),
    side_mm: joined(a.side_mm, b.side_mm),
    spacing_mm: joined(a.spacing_mm, b.spacing_mm),
    thickness_mm: joined(a.thickness_mm, b.thickness_mm),
    means: b.means.map((of, i) => joined(of, a.means[i])),
    ranges: b.ranges.map((of, i) => joined(of, a.ranges[i])),
    ...(volumes && { volumes }),
  }));
}

/**
 * A sentence on each thing in which a scan is unlike all that a model was trained on.
 *
 * @param windowed Whether `data.window` sets the scale, so that intensities have units.
 */
export function unseenWarnings(
  facts: ScanFacts,
  seen: SeenScans,
  { windowed }: { windowed: boolean },
): string[] {
  const odd = (value: number, [low, high]: Extent, factor: number) =>
    value < low / factor || value > high * factor;
  const mm = (of: Extent) => `those that the model was trained on ${between(of)} mm`;
  const { side, spacing, thickness } = facts;
  return [
    ...odd(side, seen.side_mm, SIDE_FACTOR)
      ? [
        `Its slices are ${short(side)} mm wide, ${
          mm(seen.side_mm)
        }: it shows another part of the ` +
        "body, is cropped otherwise, or its spacing is wrong.",
      ]
      : [],
    ...odd(spacing, seen.spacing_mm, SPACING_FACTOR)
      ? [
        `Its pixels are ${short(spacing)} mm wide, ${mm(seen.spacing_mm)}: it shows more or less ` +
        "detail, or its spacing is wrong.",
      ]
      : [],
    ...odd(thickness, seen.thickness_mm, THICKNESS_FACTOR)
      ? [
        `Its slices lie ${short(thickness)} mm apart, ${mm(seen.thickness_mm)}: they may run in ` +
        "another direction, or its spacing is wrong.",
      ]
      : [],
    ...intensityWarnings(facts, seen, windowed),
  ];
}

function intensityWarnings(
  { means, ranges }: ScanFacts,
  seen: SeenScans,
  windowed: boolean,
): string[] {
  const margin = seen.scans < MANY_SCANS ? MEAN_MARGIN.few : MEAN_MARGIN.many;
  const where = means.length > 1 ? (i: number) => ` of channel ${i + 1}` : () => "";
  const brightness = means.flatMap((mean, i) => {
    const of = seen.means[i] ?? null;
    if (mean === null || of === null) return [];
    const [low, high] = [Math.max(of[0] - margin, of[0] * DARKEST), of[1] + margin];
    if (mean >= low && mean <= high) return [];
    return [
      `Its intensities${
        where(i)
      } are unlike those that the model was trained on: scaled to 0 to 1, ` +
      `their mean is ${short(mean)}, of the others ${between(of)}; it may be of another kind.`,
    ];
  });
  const units = (windowed ? ranges : []).flatMap(([low, high], i) => {
    const of = seen.ranges[i];
    if (of === undefined || !otherUnits([low, high], of)) return [];
    return [
      `Its intensities${where(i)} run from ${short(low)} to ${short(high)}, those that the model ` +
      `was trained on from ${between(of)}: data.window, which the model has, needs the same units.`,
    ];
  });
  return [...brightness, ...units];
}

/** Whether intensities lie apart from others, or spread much less or more. */
function otherUnits([low, high]: Extent, [lowest, highest]: Extent): boolean {
  const ratio = (high - low) / (highest - lowest);
  return high < lowest || low > highest || ratio < 1 / RANGE_FACTOR || ratio > RANGE_FACTOR;
}

/** The mean of what is above 0 on a scale. */
function meanAbove0(sample: Voxels, scale: IntensityScale): number | null {
  let [sum, count] = [0, 0];
  for (const voxel of sample) {
    const value = scaled(voxel, scale);
    if (value > 0) [sum, count] = [sum + value, count + 1];
  }
  return count ? sum / count : null;
}

function rangeOf(sample: Voxels): Extent {
  const values = sample.filter(Number.isFinite).sort();
  if (values.length === 0) return [0, 0];
  const [low, high] = PERCENTILES.map((percent) =>
    valueAtRank(values, (values.length - 1) * percent / 100)
  );
  return [low, high];
}

/** "0.7 to 1.9", or "1" where both are the same. */
function between([low, high]: Extent): string {
  const [first, last] = [short(low), short(high)];
  return first === last ? first : `${first} to ${last}`;
}

function short(value: number): string {
  return `${Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2))}`;
}

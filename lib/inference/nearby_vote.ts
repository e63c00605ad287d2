/**
 * Labels by the most similar of the labelled pixels that lie about a pixel's place.
 *
 * @module
 */
import { IGNORED } from "../data/masks/labels.ts";

/** Which pixels vote. */
export interface VotingSettings {
  /** How far from a pixel's place, within its slice, those that vote may lie, in mm. */
  reach: number;
  /** How many slices above and below have a vote too. */
  slices: number;
  /** How many pixels vote: the most similar by cosine. */
  neighbours: number;
}

/** Pixels with features, of length 1 or 0, and labels. */
export interface LabelledPixels {
  /** [depth, size, size, D]. */
  features: Float32Array;
  /** [depth, size, size]; those that nobody labelled have no vote. */
  labels: Uint8Array;
}

/** The slices that pixels lie in. */
export interface VotingSlices {
  /** How many. */
  depth: number;
  /** Pixels per side. */
  size: number;
  /** Millimetres from pixel to pixel. */
  spacing: number;
}

/**
 * Makes what gives, for each pixel by its features [depth, size, size, D], the shares of the classes
 * in the vote of labelled pixels of some frames: [depth, size, size, classes]. Where all that may vote
 * are background, nothing is compared; where none may, it is background too.
 */
export function nearbyVote(
  slices: VotingSlices,
  classes: number,
  { reach, slices: beside, neighbours }: VotingSettings,
): (features: Float32Array, sources: readonly LabelledPixels[]) => Float32Array {
  const steps = stepsWithin(reach / slices.spacing, beside);
  const pixels = slices.depth * slices.size ** 2;
  const places = new Int32Array(steps.length / 3);
  return (features, sources) => {
    const channels = features.length / pixels;
    const nearest = nearestLabels(neighbours);
    const shares = new Float32Array(pixels * classes);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const about = places.subarray(0, placesAbout(pixel, steps, slices, places));
      nearest.clear();
      if (sources.some(({ labels }) => showStructure(about, labels))) {
        const own = features.subarray(pixel * channels, (pixel + 1) * channels);
        for (const source of sources) compare(own, about, source, nearest);
      }
      nearest.share(shares.subarray(pixel * classes, (pixel + 1) * classes));
    }
    return shares;
  };
}

/** Steps dx, dy, dz, one after another, to all within reach of a slice's pixel, and in slices beside. */
function stepsWithin(reach: number, beside: number): Int32Array {
  const along = (most: number) => Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  const across = along(Math.floor(reach));
  const steps = along(beside)
    .flatMap((dz) => across.flatMap((dy) => across.map((dx) => [dx, dy, dz])))
    .filter(([dx, dy]) => Math.hypot(dx, dy) <= reach);
  return Int32Array.from(steps.flat());
}

/** Writes the places of a pixel's window that lie on the slices; returns how many. */
function placesAbout(
  pixel: number,
  steps: Int32Array,
  { depth, size }: VotingSlices,
  places: Int32Array,
): number {
  const [x, y, z] = [pixel % size, Math.floor(pixel / size) % size, Math.floor(pixel / size ** 2)];
  let count = 0;
  for (let i = 0; i < steps.length; i += 3) {
    const column = x + steps[i];
    const row = y + steps[i + 1];
    const slice = z + steps[i + 2];
    if (column < 0 || column >= size || row < 0 || row >= size) continue;
    if (slice >= 0 && slice < depth) places[count++] = (slice * size + row) * size + column;
  }
  return count;
}

/** Whether one of some places is of a structure. */
function showStructure(places: Int32Array, labels: Uint8Array): boolean {
  for (let i = 0; i < places.length; i++) {
    const label = labels[places[i]];
    if (label > 0 && label !== IGNORED) return true;
  }
  return false;
}

/** Shows the labelled pixels of some places to a pixel with features of its own. */
function compare(
  own: Float32Array,
  places: Int32Array,
  { features, labels }: LabelledPixels,
  nearest: NearestLabels,
): void {
  const channels = own.length;
  for (let i = 0; i < places.length; i++) {
    const label = labels[places[i]];
    if (label === IGNORED) continue;
    const start = places[i] * channels;
    let cosine = 0;
    for (let c = 0; c < channels; c++) cosine += own[c] * features[start + c];
    nearest.add(cosine, label);
  }
}

/** The labels of the pixels that are most similar to one. */
interface NearestLabels {
  /** Forgets all. */
  clear: () => void;
  /** Keeps a label where few were more similar; of equally similar ones the earlier. */
  add: (cosine: number, label: number) => void;
  /** Writes the share of each class in their vote; background where there is none. */
  share: (shares: Float32Array) => void;
}

/** Keeps the labels of the `most` most similar pixels. */
function nearestLabels(most: number): NearestLabels {
  const cosines = new Float64Array(most);
  const labels = new Uint8Array(most);
  let count = 0;
  return {
    clear: () => count = 0,
    add: (cosine, label) => {
      if (count === most && cosine <= cosines[most - 1]) return;
      let at = count < most ? count++ : most - 1;
      for (; at > 0 && cosines[at - 1] < cosine; at--) {
        cosines[at] = cosines[at - 1];
        labels[at] = labels[at - 1];
      }
      cosines[at] = cosine;
      labels[at] = label;
    },
    share: (shares) => {
      if (count === 0) shares[0] = 1;
      for (let i = 0; i < count; i++) shares[labels[i]] += 1 / count;
    },
  };
}

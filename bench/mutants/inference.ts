import type { Mistakes } from "./mistake.ts";

/** Mistakes in what models and features are used for: masks, propagation, a selection. */
export const INFERENCE: readonly Mistakes[] = [
  {
    file: "lib/inference/cleaning.ts",
    tests: ["tests/inference/segment_test.ts", "tests/evaluators/cleaning_trial_test.ts"],
    mistakes: [
      {
        what: "the largest part is kept though nobody asked",
        text: "largestComponent ? keep",
        instead: "!largestComponent ? keep",
      },
    ],
  },
  {
    file: "lib/inference/segment.ts",
    tests: ["tests/inference/segment_test.ts", "tests/inference/ensemble_test.ts"],
    mistakes: [
      {
        what: "of several models, the last one decides",
        text: "sum[i] += plane[i]",
        instead: "sum[i] = plane[i]",
      },
    ],
  },
  {
    file: "lib/inference/probabilities.ts",
    tests: ["tests/inference/segment_test.ts", "tests/inference/ensemble_test.ts"],
    mistakes: [
      {
        what: "batch norm takes the scan's own statistics",
        text: "model.forward(x, { training: false })",
        instead: "model.forward(x, { training: true })",
      },
      {
        what: "all of a scan is its first slices",
        text: "const slices = images.subarray(first * each, end * each);",
        instead: "const slices = images.subarray(0, (end - first) * each);",
      },
      {
        what: "logits are averaged, not probabilities",
        text: "tf.softmax(model.forward(x, { training: false }))",
        instead: "model.forward(x, { training: false })",
      },
    ],
  },
  {
    file: "lib/data/slices/seen_scans.ts",
    tests: ["tests/data/slices/seen_scans_test.ts"],
    mistakes: [
      {
        what: "smaller scans are not told of",
        text: "value < low / factor || value > high * factor",
        instead: "value > high * factor",
      },
      {
        what: "units are judged where there are none",
        text: "(windowed ? ranges : [])",
        instead: "ranges",
      },
    ],
  },
  {
    file: "lib/data/slices/extent.ts",
    tests: ["tests/data/slices/seen_scans_test.ts"],
    mistakes: [
      {
        what: "what was seen is forgotten but for the last scan's greatest",
        text: "Math.min(a[0], b[0]), Math.max(a[1], b[1])",
        instead: "Math.min(a[0], b[0]), b[1]",
      },
    ],
  },
  {
    file: "lib/data/slices/seen_volumes.ts",
    tests: ["tests/data/slices/seen_volumes_test.ts"],
    mistakes: [
      {
        what: "a structure that a mask lacks does not count as 0",
        text: "joined(seenOf(a, label), seenOf(b, label))",
        instead: "joined(a.ml[label] ?? b.ml[label], b.ml[label])",
      },
      {
        what: "what nobody looked at counts as background",
        text: "if (counts[IGNORED] > 0) return undefined;",
        instead: "",
      },
      {
        what: "volumes may lie as far from many masks as from few",
        text: "40 / Math.sqrt(masks)",
        instead: "40",
      },
    ],
  },
  {
    file: "lib/inference/sliding_window.ts",
    tests: ["tests/inference/sliding_window_test.ts"],
    mistakes: [
      {
        what: "windows' weights fall off half as fast",
        text: "(i - (size - 1) / 2) / (size / 8)",
        instead: "(i - (size - 1) / 2) / (size / 4)",
      },
      {
        what: "overlap is what windows do not share",
        text: "size * (1 - overlap)",
        instead: "size * overlap",
      },
    ],
  },
  {
    file: "lib/inference/fill_holes.ts",
    tests: ["tests/inference/fill_holes_test.ts"],
    mistakes: [
      {
        what: "a 2D image has no holes",
        text: "if (shape[axis] === 1) continue;",
        instead: "",
      },
      {
        what: "the border of the last voxels is none",
        text: "if (place === 0 || place === shape[axis] - 1) open = true;",
        instead: "if (place === 0) open = true;",
      },
    ],
  },
  {
    file: "lib/inference/largest_component.ts",
    tests: ["tests/inference/largest_component_test.ts"],
    mistakes: [
      {
        what: "parts hang together round the end of a row",
        text: "if (x < width - 1) visit(voxel + 1);",
        instead: "visit(voxel + 1);",
      },
    ],
  },
  {
    file: "lib/inference/in_context.ts",
    tests: ["tests/inference/in_context_test.ts"],
    mistakes: [
      {
        what: "the background takes the structures' half",
        text: "(labels[place] > 0) === structure",
        instead: "(labels[place] > 0) !== structure",
      },
      {
        what: "remembered features are not normalised",
        text: 'return normaliseRows(gatherRows(features, tf.tensor1d(rows, "int32")));',
        instead: 'return gatherRows(features, tf.tensor1d(rows, "int32"));',
      },
    ],
  },
  {
    file: "lib/inference/nearby_vote.ts",
    tests: ["tests/inference/nearby_vote_test.ts"],
    mistakes: [
      {
        what: "the first slice never votes",
        text: "if (slice >= 0 && slice < depth)",
        instead: "if (slice > 0 && slice < depth)",
      },
      {
        what: "pixels that nobody labelled vote",
        text: "if (label === IGNORED) continue;",
        instead: "",
      },
    ],
  },
  {
    file: "lib/inference/propagate.ts",
    tests: ["tests/inference/propagate_test.ts"],
    mistakes: [
      {
        what: "the frame before is forgotten",
        text: "sources = [anchor, { features, labels: mostProbable(shares, classes) }];",
        instead: "sources = [anchor];",
      },
      {
        what: "masks are turned back as that of the labelled frame is",
        text: "inverse(maps[frame])",
        instead: "inverse(maps[labelled])",
      },
      {
        what: "similarity grows with the length of features",
        text: "return normaliseRows(tf.reshape(features, [-1, features.shape[3]]));",
        instead: "return tf.reshape(features, [-1, features.shape[3]]);",
      },
    ],
  },
  {
    file: "lib/analysis/representation_quality.ts",
    tests: ["tests/analysis/representation_quality_test.ts"],
    mistakes: [
      {
        what: "pixels are pairs with themselves",
        text: "tf.div(tf.sub(potentials, n), n * (n - 1))",
        instead: "tf.div(potentials, n * n)",
      },
      {
        what: "the effective rank is of eigenvalues",
        text: "Math.sqrt(Math.max(0, value))",
        instead: "Math.max(0, value)",
      },
    ],
  },
  {
    file: "lib/inference/doubt.ts",
    tests: ["tests/inference/doubt_test.ts"],
    mistakes: [
      {
        what: "doubt is of all pixels",
        text: "tf.less(tf.squeeze(background, [3]), BACKGROUND)",
        instead: "tf.less(tf.squeeze(background, [3]), 2)",
      },
      {
        what: "doubt is that of the last batch",
        text: "[doubt, pixels] = [doubt + values[0], pixels + values[1]];",
        instead: "[doubt, pixels] = [values[0], values[1]];",
      },
    ],
  },
  {
    file: "lib/analysis/select_patients.ts",
    tests: ["tests/analysis/select_patients_test.ts"],
    mistakes: [
      {
        what: "patients are neighbours of themselves",
        text: "row.filter((_, j) => j !== i).sort()",
        instead: "row.slice().sort()",
      },
      {
        what: "the least typical come first",
        text: "(a, b) => remote[a] - remote[b]",
        instead: "(a, b) => remote[b] - remote[a]",
      },
      {
        what: "small clusters come first",
        text: "b.length - a.length",
        instead: "a.length - b.length",
      },
      {
        what: "farthest goes by the last chosen alone",
        text: "apart[i] = Math.min(apart[i], squaredDistance(point, last))",
        instead: "apart[i] = squaredDistance(point, last)",
      },
    ],
  },
  {
    file: "lib/analysis/select_slices.ts",
    tests: ["tests/analysis/select_slices_test.ts"],
    mistakes: [
      {
        what: "slices before count for nothing",
        text: "sum + Math.min(distance, nearest[j])",
        instead: "sum + distance + 0 * nearest[j]",
      },
    ],
  },
  {
    file: "lib/analysis/patient_features.ts",
    tests: ["tests/analysis/patient_features_test.ts"],
    mistakes: [
      {
        what: "variances stand for deviations",
        text: "tf.sqrt(variance)",
        instead: "variance",
      },
      {
        what: "all slices are of the first scan",
        text: "scan: scans, phase",
        instead: "scan: 0, phase",
      },
    ],
  },
];

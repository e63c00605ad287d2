import type { Mistakes } from "./mistake.ts";

/** Mistakes in segmenting scans and in measuring how well. */
export const EVALUATION: readonly Mistakes[] = [
  {
    file: "lib/evaluators/metrics.ts",
    tests: ["tests/evaluators/metrics_test.ts"],
    mistakes: [
      {
        what: "HD95 is of both surfaces' mean",
        text: "Math.max(percentile(there, 0.95), percentile(back, 0.95))",
        instead: "(percentile(there, 0.95) + percentile(back, 0.95)) / 2",
      },
      {
        what: "HD95 is the median",
        text: "percentile(there, 0.95), percentile(back, 0.95)",
        instead: "percentile(there, 0.5), percentile(back, 0.5)",
      },
      {
        what: "ASSD is the mean of the two directions",
        text: "(sum(there) + sum(back)) / (there.length + back.length)",
        instead: "(sum(there) / there.length + sum(back) / back.length) / 2",
      },
      {
        what: "a missed structure is as far as the box is long",
        text: "missed ? penalty(grid)",
        instead: "missed ? penalty(boxed)",
      },
      {
        what: "Dice is the Jaccard index",
        text: "(sizeA + sizeB),",
        instead: "(2 * (sizeA + sizeB - count(a.map((set, i) => set && b[i])))),",
      },
      {
        what: "volumes are in cubic millimetres",
        text: "(product, size) => product * size, 1) / 1000",
        instead: "(product, size) => product * size, 1)",
      },
    ],
  },
  {
    file: "lib/math/distance_transform.ts",
    tests: ["tests/math/distance_transform_test.ts"],
    mistakes: [
      {
        what: "spacing is not squared",
        text: "weight: grid.spacing[axis] ** 2",
        instead: "weight: grid.spacing[axis]",
      },
      {
        what: "parabolas meet without regard to the spacing",
        text: "(heights[q] - heights[v]) / weight + q * q",
        instead: "(heights[q] - heights[v]) + q * q",
      },
    ],
  },
  {
    file: "lib/evaluators/masks.ts",
    tests: ["tests/evaluators/masks_test.ts"],
    mistakes: [
      {
        what: "the outside of the volume counts as the structure's",
        text: "const inside = x > 0 && x < width - 1 && mask[i - 1] && mask[i + 1] &&",
        instead: "const inside = mask[i - 1] && mask[i + 1] &&",
      },
      {
        what: "surfaces are of each slice alone",
        text: "z > 0 && z < depth - 1 && mask[i - layer] && mask[i + layer]",
        instead: "true",
      },
    ],
  },
  {
    file: "lib/evaluators/surface_dice.ts",
    tests: ["tests/evaluators/surface_dice_test.ts"],
    mistakes: [
      {
        what: "surfaces at the tolerance itself do not agree",
        text: "distances[i] <= tolerance",
        instead: "distances[i] < tolerance",
      },
      {
        what: "every element of surface counts alike",
        text: "const area = areas[from.codes[i]];",
        instead: "const area = 1;",
      },
    ],
  },
  {
    file: "lib/evaluators/segmentation.ts",
    tests: ["tests/evaluators/segmentation_test.ts"],
    mistakes: [
      {
        what: "predictions count where nobody labelled",
        text: "withoutIgnored(labels, reference)",
        instead: "withoutIgnored(labels)",
      },
    ],
  },
  {
    file: "lib/evaluators/summary.ts",
    tests: ["tests/evaluators/summary_test.ts"],
    mistakes: [
      {
        what: "empty masks count as perfect",
        text: "records.map((record) => record.dice).filter((value) => value !== null)",
        instead: "records.map((record) => record.dice ?? 1)",
      },
      {
        what: "the mean is over volumes, not over structures",
        text: "meanMetrics(structures.map(([, summary]) => summary))",
        instead: "meanMetrics(records)",
      },
      {
        what: "misses are those of both masks",
        text: "missed: records.filter((record) => record.missed).length",
        instead: "missed: records.filter((record) => record.dice === null).length",
      },
    ],
  },
  {
    file: "lib/evaluators/ejection_fraction.ts",
    tests: ["tests/evaluators/summary_test.ts"],
    mistakes: [
      {
        what: "the fraction is what stays in the ventricle",
        text: "100 * (1 - es.volume_ml / ed.volume_ml)",
        instead: "100 * es.volume_ml / ed.volume_ml",
      },
      {
        what: "the bias has the wrong sign",
        text: "error: predicted - reference",
        instead: "error: reference - predicted",
      },
    ],
  },
  {
    file: "lib/math/descriptive.ts",
    tests: ["tests/math/descriptive_test.ts"],
    mistakes: [
      {
        what: "the standard deviation is the population's",
        text: "Math.sqrt(squares / (values.length - 1))",
        instead: "Math.sqrt(squares / values.length)",
      },
      {
        what: "percentiles are not interpolated",
        text: "sorted[below] + (rank - below) * (sorted[above] - sorted[below])",
        instead: "sorted[below]",
      },
    ],
  },
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
        what: "what was seen is forgotten but for the last scan's greatest",
        text: "Math.min(a[0], b[0]), Math.max(a[1], b[1])",
        instead: "Math.min(a[0], b[0]), b[1]",
      },
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
    file: "lib/reports/doubted_masks.ts",
    tests: ["tests/reports/doubted_masks_test.ts"],
    mistakes: [
      {
        what: "the least doubtful masks come first",
        text: "(b.doubt ?? 1) - (a.doubt ?? 1)",
        instead: "(a.doubt ?? 1) - (b.doubt ?? 1)",
      },
      {
        what: "volumes that are all but equal are far from each other",
        text: "Math.max(spread, LEAST_SPREAD * median)",
        instead: "spread",
      },
    ],
  },
  {
    file: "lib/reports/gather/gather_adaptation.ts",
    tests: ["tests/reports/adaptation_report_test.ts"],
    mistakes: [
      {
        what: "all patients are shown by the first fold, which has seen some of their masks",
        text: "folder: foldFolder(out, i + 1), patients",
        instead: "folder: foldFolder(out, 1), patients",
      },
    ],
  },
  {
    file: "lib/reports/gather/native_view.ts",
    tests: ["tests/reports/gather/native_view_test.ts"],
    mistakes: [
      {
        what: "the box is that of the prediction alone",
        text: "if (prediction[i] === 0 && (other === 0 || other === IGNORED)) continue;",
        instead: "if (prediction[i] === 0) continue;",
      },
      {
        what: "unlabelled voxels are shown",
        text: "return label === IGNORED ? 0 : label;",
        instead: "return label;",
      },
      {
        what: "a page has no bound",
        text: "if (at > 0 && view.images.length > room) break;",
        instead: "",
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
  {
    file: "lib/evaluators/cleaning_trial.ts",
    tests: ["tests/evaluators/cleaning_trial_test.ts"],
    mistakes: [
      {
        what: "masks are cleaned up for nothing",
        text: "best.dice - none.dice >= LEAST_GAIN ? best : none",
        instead: "best",
      },
      {
        what: "a fold that tried nothing has no say",
        text: "if (tried.length < folds.length) return undefined;",
        instead: "if (tried.length === 0) return undefined;",
      },
      {
        what: "what nobody labelled counts against a mask",
        text: "withoutIgnored(cleaned(prediction, shape, way), reference!)",
        instead: "cleaned(prediction, shape, way)",
      },
      {
        what: "a patient's last scan is all that counts",
        text: "[...records[i].get(patient) ?? [], ...dice]",
        instead: "dice",
      },
    ],
  },
];

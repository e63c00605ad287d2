import type { Mistakes } from "./mistake.ts";

/** Mistakes in measuring masks, and in what reports show of that. */
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
    file: "lib/reports/doubted_masks.ts",
    tests: ["tests/reports/doubted_masks_test.ts"],
    mistakes: [
      {
        what: "the least doubtful masks come first",
        text: "(b.doubt ?? 1) - (a.doubt ?? 1)",
        instead: "(a.doubt ?? 1) - (b.doubt ?? 1)",
      },
      {
        what: "the references have no say in which masks come first",
        text: "references && isFarFromSeen(volume, references,",
        instead: "references && !isFarFromSeen(volume, references,",
      },
      {
        what:
          "a model that is wrong in all masks alike is told of where few were learned from alone",
        text: "if (!references || masks.length < FEWEST) return [];",
        instead: "if (!references || masks.length >= FEWEST) return [];",
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

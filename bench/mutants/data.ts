import type { Mistakes } from "./mistake.ts";

/** Mistakes in reading and preparing scans. */
export const DATA: readonly Mistakes[] = [
  {
    file: "lib/data/datasets/mask_naming.ts",
    tests: ["tests/data/datasets/mask_naming_test.ts"],
    mistakes: [
      {
        what: "the first mask alone tells how masks are called",
        text: "return labelled.every(isSo) ?",
        instead: "return labelled.some(isSo) ?",
      },
      {
        what: "two masks may have one name",
        text: "return areDifferent ? names : new Map();",
        instead: "return names;",
      },
    ],
  },
  {
    file: "lib/data/volumes/intensity_scale.ts",
    tests: ["tests/data/volumes/intensity_scale_test.ts"],
    mistakes: [
      {
        what: "padding counts in the percentiles",
        text: "const shown = background ? sorted.subarray(lowest) : sorted;",
        instead: "const shown = sorted;",
      },
      {
        what: "bright voxels are not cut at 1",
        text: "return Math.min(1, (value - low) / (high - low));",
        instead: "return (value - low) / (high - low);",
      },
      {
        what: "the scale is by the extremes",
        text: "PERCENTILES: readonly [number, number] = [1, 99];",
        instead: "PERCENTILES: readonly [number, number] = [0, 100];",
      },
    ],
  },
  {
    file: "lib/data/slices/resample.ts",
    tests: ["tests/data/slices/resample_test.ts", "tests/data/slices/preprocess_test.ts"],
    mistakes: [
      {
        what: "coarser grids skip pixels",
        text: "Math.max(1, to.spacing / from.spacing)",
        instead: "1",
      },
      {
        what: "the middles of two axes lie half a pixel apart",
        text: "return (to.size - 1) / 2 + ",
        instead: "return to.size / 2 + ",
      },
      {
        what: "rows are weighed without their own tap",
        text: "const source = (first + tap) * stride;",
        instead: "const source = first * stride;",
      },
    ],
  },
  {
    file: "lib/data/slices/preprocess.ts",
    tests: ["tests/data/slices/preprocess_test.ts"],
    mistakes: [
      {
        what: "rows take the spacing of columns",
        text: "const y = { size: original.height, spacing: original.spacing[1] };",
        instead: "const y = { size: original.height, spacing: original.spacing[0] };",
      },
      {
        what: "nothing is the last class",
        text: "plane[pixel * channels + c] > plane[pixel * channels + best]",
        instead: "plane[pixel * channels + c] >= plane[pixel * channels + best]",
      },
      {
        what: "the grid lies about its centre though labels are asked for",
        text: 'mask && window === "labels" ? labelsCentre(mask, original, grid) : [0, 0] as const',
        instead: "[0, 0] as const",
      },
      {
        what: "the grid moves away from labels that lie before its centre",
        text: "Math.max(last - reach, 0) + Math.min(first + reach, 0)",
        instead: "Math.max(last - reach, 0) - Math.min(first + reach, 0)",
      },
      {
        what: "slices that nobody outlined are background",
        text: "if (labels.every((label) => label === IGNORED)) {",
        instead: "if (labels.length === 0) {",
      },
    ],
  },
  {
    file: "lib/data/slices/slices.ts",
    tests: ["tests/data/slices/slices_test.ts"],
    mistakes: [
      {
        what: "slices are taken in their stored order",
        text: "positions.forEach((p, i) => to.set(",
        instead: "positions.toSorted((a, b) => a - b).forEach((p, i) => to.set(",
      },
      {
        what: "labels of a stack lie a channel aside",
        text: "at += volume.images.length / channels;",
        instead: "at += volume.images.length;",
      },
    ],
  },
  {
    file: "lib/data/slices/cohort.ts",
    tests: ["tests/data/slices/cohort_test.ts"],
    mistakes: [
      {
        what: "slices are named as if none had been left out",
        text: "nameOf: (position) => nameOf(known[position])",
        instead: "nameOf",
      },
      {
        what: "masks are read though nobody asked",
        text: "labelled || crops ? scan : { ...scan, mask: undefined }",
        instead: "scan",
      },
    ],
  },
  {
    file: "lib/data/volumes/voxel_order.ts",
    tests: ["tests/data/volumes/voxel_order_test.ts"],
    mistakes: [
      {
        what: "an oblique affine counts as clear",
        text: "Math.cos(35 * Math.PI / 180)",
        instead: "Math.cos(55 * Math.PI / 180)",
      },
      {
        what: "axes are flipped the other way",
        text: "STARTS.includes(code[stored])",
        instead: "ENDS.includes(code[stored])",
      },
      {
        what: "ACDC's affine is believed",
        text: "return isUnit(affine) && spacing.some(",
        instead: "return isUnit(affine) && spacing.every(",
      },
    ],
  },
  {
    file: "lib/data/volumes/axis_map.ts",
    tests: ["tests/data/volumes/axis_map_test.ts"],
    mistakes: [
      {
        what: "the origin of a flipped axis lies a voxel too far",
        text: "flipped[i] ? row[axis] * (shape[axis] - 1) : 0",
        instead: "flipped[i] ? row[axis] * shape[axis] : 0",
      },
      {
        what: "the way back forgets the flips' own axes",
        text: "flipped: back.map((axis) => flipped[axis])",
        instead: "flipped: [...flipped]",
      },
    ],
  },
  {
    file: "lib/data/volumes/match_grid.ts",
    tests: ["tests/data/volumes/match_grid_test.ts"],
    mistakes: [
      {
        what: "a mask beside its image is taken as stored",
        text: "if (asStored && distance(volume, other) < TOLERANCE) return volume;",
        instead: "if (asStored) return volume;",
      },
    ],
  },
  {
    file: "lib/data/masks/labels.ts",
    tests: ["tests/data/masks/labels_test.ts"],
    mistakes: [
      {
        what: "the ignored value is background",
        text: "[[ignore, IGNORED] as const]",
        instead: "[[ignore, 0] as const]",
      },
      {
        what: "values that are not whole are cut",
        text: "const value = Math.round(voxels[i]);",
        instead: "const value = Math.floor(voxels[i]);",
      },
      {
        what: "masks are written with labels, not with the values of the files",
        text:
          "for (const { label, values: [value] = [label] } of structures) values[label] = value;",
        instead: "for (const { label } of structures) values[label] = label;",
      },
    ],
  },
  {
    file: "lib/data/datasets/splits.ts",
    tests: ["tests/data/datasets/splits_test.ts"],
    mistakes: [
      {
        what: "the seed of subsets is not used",
        text: 'random("few-shot subsets", seed)',
        instead: 'random("few-shot subsets", 0)',
      },
      {
        what: "test patients are in the pool",
        text: "training.filter(({ id }) => !test.includes(id))",
        instead: "training",
      },
      {
        what: "groups do not take turns",
        text: "queues.flatMap((queue) => queue[turn] ?? [])",
        instead: "queues[turn] ?? []",
      },
      {
        what: "a manifest may test on whom it trains",
        text: "if (both === undefined) continue;",
        instead: 'if (both !== "") continue;',
      },
      {
        what: "the first of each group are tested on",
        text: "group.slice(group.length - Math.round(fraction * group.length))",
        instead: "group.slice(0, Math.round(fraction * group.length))",
      },
    ],
  },
  {
    file: "lib/data/datasets/folds.ts",
    tests: ["tests/data/datasets/folds_test.ts"],
    mistakes: [
      {
        what: "who is held out of a fold stays in its pool",
        text: "pool: split.pool.filter((id) => !test.includes(id)),",
        instead: "pool: split.pool,",
      },
      {
        what: "a fold holds out patients of one group",
        text: ".filter((_, i) => i % folds === fold)",
        instead: ".slice(...[fold, fold + 1].map((i) => Math.round(i * order.length / folds)))",
      },
    ],
  },
  {
    file: "lib/data/formats/nifti/parse.ts",
    tests: ["tests/data/formats/nifti/parse_test.ts", "tests/data/volumes/nifti_read_test.ts"],
    mistakes: [
      {
        what: "the intercept of intensities is forgotten",
        text: "stored[i] * slope + inter",
        instead: "stored[i] * slope",
      },
    ],
  },
  {
    file: "lib/data/formats/nifti/geometry.ts",
    tests: ["tests/data/formats/nifti/parse_test.ts", "tests/data/volumes/nifti_read_test.ts"],
    mistakes: [
      {
        what: "micrometres count as millimetres",
        text: "MILLIMETRES.get(geometry.units & 7) ?? 1",
        instead: "1",
      },
    ],
  },
];

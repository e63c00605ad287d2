import type { Mistakes } from "./mistake.ts";

/** Mistakes in networks, pretraining and what is kept of them. */
export const TRAINING: readonly Mistakes[] = [
  {
    file: "lib/backbones/weights.ts",
    tests: ["tests/backbones/unet_test.ts", "tests/backbones/weights_test.ts"],
    mistakes: [
      {
        what: "the running variance is the biased one",
        text: "count / Math.max(1, count - 1)",
        instead: "1",
      },
      {
        what: "all weights of a shape begin alike",
        text: 'random(seed, "weights", name)',
        instead: 'random(seed, "weights")',
      },
    ],
  },
  {
    file: "lib/training/batches.ts",
    tests: ["tests/training/batches_test.ts"],
    mistakes: [
      {
        what: "every epoch has the same order",
        text: 'random(seed, "order", epoch)',
        instead: 'random(seed, "order")',
      },
      {
        what: "the first batch is left out",
        text: "const position = (step - 1) * batch + i;",
        instead: "const position = step * batch + i;",
      },
      {
        what: "pixels are known where nobody labelled them",
        text: "label === IGNORED ? 0 : 1",
        instead: "label === IGNORED ? 1 : 0",
      },
    ],
  },
  {
    file: "lib/training/schedule.ts",
    tests: ["tests/training/schedule_test.ts"],
    mistakes: [
      {
        what: "the rate falls during the warm-up too",
        text: "Math.PI * (step - rise) / (steps - rise + 1)",
        instead: "Math.PI * step / (steps + 1)",
      },
      {
        what: "the last step stands still",
        text: "(steps - rise + 1)",
        instead: "(steps - rise)",
      },
    ],
  },
  {
    file: "lib/training/optimiser.ts",
    tests: ["tests/training/optimiser_test.ts"],
    mistakes: [
      {
        what: "AdamW's weight decay is never applied",
        text: "step: adam.step, weightDecay }",
        instead: "step: adam.step, weightDecay: 0 }",
      },
      {
        what: "steps are counted from 0",
        text: "  adam.step++;\n",
        instead: "",
      },
    ],
  },
  {
    file: "lib/training/validation.ts",
    tests: ["tests/training/validation_test.ts"],
    mistakes: [
      {
        what: "what nobody labelled counts as wrong",
        text: "if (reference[i] === IGNORED) continue;",
        instead: "",
      },
      {
        what: "slices without structures are measured",
        text: "const from = showing.length > 0 ? showing : all;",
        instead: "const from = all;",
      },
    ],
  },
  {
    file: "lib/training/loop.ts",
    tests: ["tests/training/loop_test.ts"],
    mistakes: [
      {
        what: "the last step is not saved",
        text: "signal?.aborted || done === steps ||",
        instead: "signal?.aborted ||",
      },
      {
        what: "a run that goes on takes its last step again",
        text: "let first = from + 1, last;",
        instead: "let first = Math.max(1, from), last;",
      },
      {
        what: "losses that are not finite are passed over",
        text: "if (failed >= 0) throw",
        instead: "if (failed > 0) throw",
      },
    ],
  },
  {
    file: "lib/training/weights/state.ts",
    tests: ["tests/training/weights/state_test.ts"],
    mistakes: [
      {
        what: "the second moments go on from the first",
        text: "importWeights(state.adam.v, withPrefix(SECOND_MOMENT, tensors)",
        instead: "importWeights(state.adam.v, withPrefix(FIRST_MOMENT, tensors)",
      },
      {
        what: "Adam counts its steps anew",
        text: "state.adam.step = step;",
        instead: "state.adam.step = 0;",
      },
    ],
  },
  {
    file: "lib/training/pretrain.ts",
    tests: ["tests/training/pretrain_test.ts"],
    mistakes: [
      {
        what: "AdamW decays nothing",
        text: 'pretraining.optimiser === "adamw" ? pretraining.weightDecay : 0',
        instead: "0",
      },
      {
        what: "plain Adam decays too",
        text: 'pretraining.optimiser === "adamw" ? pretraining.weightDecay : 0',
        instead: "pretraining.weightDecay",
      },
      {
        what: "the best checkpoint is forgotten by a run that goes on",
        text: "let best = resume?.metadata.best;",
        instead: "let best: string | undefined;",
      },
      {
        what: "the best checkpoint is the last that was measured",
        text: "record.probe_dice <= Number(best ?? -1)",
        instead: "record.probe_dice < 0",
      },
      {
        what: "every step has the same views",
        text: 'random(seed, "views", step)',
        instead: 'random(seed, "views")',
      },
      {
        what: "no patches are added",
        text: 'withPatches(imageTensor(batch), pretraining.patches, random(seed, "patches", step))',
        instead: "imageTensor(batch)",
      },
      {
        what: "an epoch's last slices are left out",
        text: "Math.ceil(epochs * slices / batch)",
        instead: "epochs * Math.floor(slices / batch)",
      },
    ],
  },
  {
    file: "lib/training/objectives/pixel_level.ts",
    tests: ["tests/training/objectives/pixel_level_test.ts"],
    mistakes: [
      {
        what: "the first view's features are not warped",
        text: "rows(gridSample(network.forward(first, { training: true }), grid))",
        instead: "rows(network.forward(first, { training: true }))",
      },
      {
        what: "pixels outside the field of view count",
        text: 'loss.fieldOfView === "mask"',
        instead: 'loss.fieldOfView !== "mask"',
      },
      {
        what: "the views' pixels are drawn apart",
        text: "gatherRows(z2, indices)",
        instead: "gatherRows(z2, tf.reverse(indices))",
      },
    ],
  },
  {
    file: "lib/training/objectives/image_level.ts",
    tests: ["tests/training/objectives/image_level_test.ts"],
    mistakes: [
      {
        what: "a view is compared with itself",
        text: "return compare(project(first), project(second));",
        instead: "return compare(project(first), project(first));",
      },
    ],
  },
  {
    file: "lib/training/weights/segmentation_model.ts",
    tests: ["tests/training/weights/segmentation_model_test.ts"],
    mistakes: [
      {
        what: "the student is taken for the teacher",
        text: 'part === "teacher" && hasTeacher(checkpoint)',
        instead: 'part === "student" && hasTeacher(checkpoint)',
      },
    ],
  },
  {
    file: "lib/training/forecast.ts",
    tests: ["tests/training/forecast_test.ts"],
    mistakes: [
      {
        what: "time and memory are reckoned by the grid's side",
        text: "(slices.size / cropped.size) ** 2",
        instead: "slices.size / cropped.size",
      },
      {
        what: "time is reckoned by the grid's side",
        text: "extend(less.secondsPerStep, more.secondsPerStep),",
        instead: "extend(less.secondsPerStep, more.secondsPerStep) * cropped.size / slices.size,",
      },
    ],
  },
  {
    file: "lib/runs/kept_checkpoints.ts",
    tests: ["tests/runs/kept_checkpoints_test.ts"],
    mistakes: [
      {
        what: "no checkpoint before the last is kept",
        text: "await writeCheckpoint(checkpointPath(dir), checkpoint, { previous });",
        instead: "await writeCheckpoint(checkpointPath(dir), checkpoint);",
      },
    ],
  },
  {
    file: "lib/runs/checkpoint.ts",
    tests: ["tests/runs/checkpoint_test.ts", "tests/runs/kept_checkpoints_test.ts"],
    mistakes: [
      {
        what: "the checksum is not verified",
        text: "if (sha256 !== digest(content)) {",
        instead: "if (sha256 === undefined) {",
      },
      {
        what: "weights that are not finite are written",
        text: "if (broken !== undefined) {",
        instead: 'if (broken === "") {',
      },
    ],
  },
  {
    file: "lib/training/weights/weight_tensors.ts",
    tests: ["tests/training/weights/weight_tensors_test.ts"],
    mistakes: [
      {
        what: "filters are read turned",
        text: "tf.transpose(torch, [2, 3, 1, 0])",
        instead: "tf.transpose(torch, [3, 2, 1, 0])",
      },
      {
        what: "repeated filters are as strong as the one was",
        text: "* taps + i % taps] / channels,",
        instead: "* taps + i % taps],",
      },
    ],
  },
  {
    file: "lib/training/quality.ts",
    tests: ["tests/training/pretrain_test.ts"],
    mistakes: [
      {
        what: "collapse is told at the first sign",
        text: "const warns = now && before && !warned;",
        instead: "const warns = now && !warned;",
      },
    ],
  },
];

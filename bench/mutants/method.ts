import type { Mistakes } from "./mistake.ts";

/** Mistakes in losses, augmentations and operations. */
export const METHOD: readonly Mistakes[] = [
  {
    file: "lib/losses/info_nce.ts",
    tests: ["tests/losses/info_nce_test.ts"],
    mistakes: [
      {
        what: "the positives are not divided by the temperature",
        text: "tf.mul(tf.sum(tf.mul(first, second), 1), 1 / temperature)",
        instead: "tf.sum(tf.mul(first, second), 1)",
      },
      {
        what: "vectors are not normalised",
        text: "normaliseRows(tf.concat([u, v]))",
        instead: "tf.concat([u, v])",
      },
      {
        what: "masked pairs count in the mean",
        text: "tf.sum(tf.mul(crossEntropy, weights))",
        instead: "tf.sum(crossEntropy)",
      },
    ],
  },
  {
    file: "lib/losses/barlow_twins.ts",
    tests: ["tests/losses/barlow_twins_test.ts"],
    mistakes: [
      {
        what: "lambda weighs the diagonal instead of the rest",
        text: "tf.add(tf.mul(identity, 1 - lambda), lambda)",
        instead: "tf.add(tf.mul(identity, lambda - 1), 1)",
      },
      {
        what: "channels are not centred",
        text: "const a = centre(u, weights);",
        instead: "const a = u;",
      },
      {
        what: "variances of masked pixels are divided by all of them",
        text: "tf.maximum(tf.sum(mask), 1)",
        instead: "pixels",
      },
    ],
  },
  {
    file: "lib/losses/segmentation.ts",
    tests: ["tests/losses/segmentation_test.ts"],
    mistakes: [
      {
        what: "the background is left out of Dice",
        text: "tf.mean<Scalar>(dice)",
        instead: "tf.mean<Scalar>(tf.slice(dice, [0, 1]))",
      },
      {
        what: "the overlap of Dice counts once",
        text: "tf.mul(overlap, 2)",
        instead: "overlap",
      },
      {
        what: "Dice is of the whole batch, not of each slice",
        text:
          "tf.sum(tf.mul(softmax, target), [1, 2]);\n    const total = tf.sum(tf.add(probabilities, target), [1, 2]);",
        instead:
          "tf.sum(tf.mul(softmax, target), [0, 1, 2]);\n    const total = tf.sum(tf.add(probabilities, target), [0, 1, 2]);",
      },
      {
        what: "cross-entropy is divided by the classes",
        text: "tf.mul(tf.mean<Scalar>(terms), -classes)",
        instead: "tf.mul(tf.mean<Scalar>(terms), -1)",
      },
      {
        what: "pixels that nobody labelled count in Dice",
        text: "known ? tf.mul(softmax, known) : softmax",
        instead: "softmax",
      },
    ],
  },
  {
    file: "lib/losses/consistency.ts",
    tests: ["tests/losses/consistency_test.ts"],
    mistakes: [
      {
        what: "the student's logits are compared, not its probabilities",
        text: "tf.sub(tf.softmax(logits), target)",
        instead: "tf.sub(logits, target)",
      },
      {
        what: "consistency counts in the last step of the warm-up",
        text: "step <= warmup * steps",
        instead: "step < warmup * steps",
      },
      {
        what: "the weight of consistency falls instead of rising",
        text: "(1 - step / steps) ** 2",
        instead: "(step / steps) ** 2",
      },
    ],
  },
  {
    file: "lib/losses/sample_pixels.ts",
    tests: ["tests/losses/sample_pixels_test.ts"],
    mistakes: [
      {
        what: "pixels are drawn more than once",
        text: "    positions[j] = positions[i];\n",
        instead: "",
      },
      {
        what: "the last candidates are drawn less often",
        text: "random.integer(positions.length - i)",
        instead: "random.integer(positions.length - i - 1)",
      },
    ],
  },
  {
    file: "lib/augmentations/intensity.ts",
    tests: ["tests/augmentations/intensity_test.ts"],
    mistakes: [
      {
        what: "the probability is that of doing nothing",
        text: "random.uniform() < probability",
        instead: "random.uniform() > probability",
      },
      {
        what: "noise is as strong in all slices",
        text: "strength * random.normal()",
        instead: "std[0] * random.normal()",
      },
      {
        what: "gamma is the exponent of the factor",
        text: "gamma.map((value) => value - 1)",
        instead: "gamma.map((value) => value)",
      },
      {
        what: "the blur's weights do not sum to 1",
        text: "weights.map((weight) => weight / sum)",
        instead: "weights",
      },
      {
        what: "the bias field's axes are exchanged",
        text: "(2 * column / (width - 1) - 1) ** i * yj",
        instead: "(2 * column / (width - 1) - 1) ** j * yj",
      },
      {
        what: "slices are inverted to −x",
        text: "perSlice((yes) => yes ? 1 : 0)",
        instead: "perSlice(() => 0)",
      },
    ],
  },
  {
    file: "lib/augmentations/spatial.ts",
    tests: ["tests/augmentations/spatial_test.ts"],
    mistakes: [
      {
        what: "rotation shears, by a sign",
        text: "-scale * fy * sin",
        instead: "scale * fy * sin",
      },
      {
        what: "no slice is flipped up-down",
        text: "random.integer(3)",
        instead: "random.integer(2)",
      },
      {
        what: "the window leaves the slice",
        text: "const translation = [random.uniform(side - 1, 1 - side)",
        instead: "const translation = [random.uniform(-side, side)",
      },
      {
        what: "the field of view is not minded along y",
        text: "&& Math.abs(points[2 * i + 1]) <= limit",
        instead: "",
      },
    ],
  },
  {
    file: "lib/augmentations/views.ts",
    tests: ["tests/augmentations/views_test.ts"],
    mistakes: [
      {
        what: "the second view is not warped",
        text: "const second = gridSample(intensityView(x, settings.intensity, random), grid);",
        instead: "const second = intensityView(x, settings.intensity, random);",
      },
      {
        what: "both views have the same intensities",
        text: "const second = gridSample(intensityView(x, settings.intensity, random), grid);",
        instead: "const second = gridSample(first, grid);",
      },
      {
        what: "labels stay where they were",
        text: "gridSample(tf.slice(labels, [0, 0, 0, 1]), grid)",
        instead: "tf.slice(labels, [0, 0, 0, 1])",
      },
      {
        what: "what lies outside the slice is unknown",
        text: "tf.sub(1, gridSample(tf.sub(1, known), grid))",
        instead: "gridSample(known, grid)",
      },
    ],
  },
  {
    file: "lib/augmentations/elastic.ts",
    tests: ["tests/augmentations/elastic_test.ts"],
    mistakes: [
      {
        what: "the lattice's border moves",
        text: "for (let row = 1; row < points - 1; row++) {",
        instead: "for (let row = 0; row < points; row++) {",
      },
      {
        what: "the spline is half a mesh aside",
        text: "const position = 1 + (points - 3) * pixel / (size - 1);",
        instead: "const position = 1 + (points - 3) * pixel / size;",
      },
    ],
  },
  {
    file: "lib/augmentations/patches.ts",
    tests: ["tests/augmentations/patches_test.ts"],
    mistakes: [
      {
        what: "patches take the place before their slices",
        text: "tf.concat([x, ...patches], 0)",
        instead: "tf.concat([...patches, x], 0)",
      },
    ],
  },
  {
    file: "lib/ops/adam.ts",
    tests: ["tests/ops/adam_test.ts"],
    mistakes: [
      {
        what: "the second moment's bias is corrected as in the first step",
        text: "1 - BETA2 ** step",
        instead: "1 - BETA2",
      },
      {
        what: "the moments are updated by steps counted from 0",
        text: "1 - BETA1 ** step",
        instead: "1 - BETA1 ** (step + 1)",
      },
      {
        what: "a kernel gets no weight decay",
        text: "{ learningRate, weightDecay, beta1: BETA1,",
        instead: "{ learningRate, weightDecay: 0, beta1: BETA1,",
      },
    ],
  },
  {
    file: "lib/ops/grid_sample.ts",
    tests: ["tests/backends/ops_test.ts"],
    mistakes: [
      {
        what: "corners are not aligned",
        text: "tf.mul(tf.add(gx, 1), (width - 1) / 2)",
        instead: "tf.mul(tf.add(gx, 1), width / 2)",
      },
    ],
  },
  {
    file: "lib/ops/norms/batch_norm.ts",
    tests: ["tests/ops/norms/batch_norm_test.ts"],
    mistakes: [
      {
        what: "evaluation forgets the mean",
        text: "tf.sub(beta, tf.mul(mean, scale))",
        instead: "beta",
      },
    ],
  },
];

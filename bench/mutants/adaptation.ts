import type { Mistakes } from "./mistake.ts";

/** Mistakes in adaptation: its strategies, and what they are given. */
export const ADAPTATION: readonly Mistakes[] = [
  {
    file: "lib/training/strategies/adaptation.ts",
    tests: ["tests/training/strategies/adaptation_test.ts"],
    mistakes: [
      {
        what: "backbone and head have each other's learning rate",
        text: 'name.startsWith("head.") ? rates.head : rates.backbone',
        instead: 'name.startsWith("head.") ? rates.backbone : rates.head',
      },
      {
        what: "labelled slices are not augmented",
        text: "return { ...view };",
        instead: "return labelled;",
      },
      {
        what: "every step has the same views of labelled slices",
        text: 'random(seed, "labelled views", step)',
        instead: 'random(seed, "labelled views")',
      },
      {
        what: "the losses' names are exchanged",
        text: 'adaptation.loss === "dice" ? softDice : diceCrossEntropy',
        instead: 'adaptation.loss === "dice" ? diceCrossEntropy : softDice',
      },
    ],
  },
  {
    file: "lib/training/strategies/finetune.ts",
    tests: ["tests/training/strategies/adaptation_test.ts"],
    mistakes: [
      {
        what: "fine-tuning gives backbone and head each other's learning rate",
        text: "{ backbone: finetune.backboneLearningRate, head: finetune.headLearningRate }",
        instead: "{ backbone: finetune.headLearningRate, head: finetune.backboneLearningRate }",
      },
    ],
  },
  {
    file: "lib/training/adapt.ts",
    tests: ["tests/training/strategies/adaptation_test.ts"],
    mistakes: [
      {
        what: "training from scratch begins with the pretraining's weights",
        text: 'else if (pretrained && STRATEGIES[strategy].pretraining !== "none") {',
        instead: "else if (pretrained) {",
      },
    ],
  },
  {
    file: "lib/training/strategies/mean_teacher.ts",
    tests: ["tests/training/strategies/adaptation_test.ts"],
    mistakes: [
      {
        what: "a pretrained Mean Teacher has the rates of scratch",
        text: "rates: pretrained ? finetuneRates(adaptation) : scratchRates(adaptation)",
        instead: "rates: pretrained ? scratchRates(adaptation) : finetuneRates(adaptation)",
      },
    ],
  },
  {
    file: "lib/training/strategies/probe.ts",
    tests: ["tests/training/strategies/probe_test.ts"],
    mistakes: [
      {
        what: "the head keeps expecting standardised features",
        text: "    foldStandardisation(head.weights, statistics);\n",
        instead: "",
      },
      {
        what: "the variance between the parts is left out",
        text: "tf.add(part.variance, tf.square(tf.sub(part.mean, mean)))",
        instead: "part.variance",
      },
    ],
  },
  {
    file: "lib/training/strategies/mean_teacher.ts",
    tests: ["tests/training/strategies/mean_teacher_test.ts"],
    mistakes: [
      {
        what: "the teacher's noise is not cut",
        text: "Math.max(-NOISE_LIMIT, Math.min(NOISE_LIMIT, source.normal()))",
        instead: "source.normal()",
      },
      {
        what: "the teacher's noise is ten times too small",
        text: "() => noise * limited()",
        instead: "() => 0.1 * noise * limited()",
      },
      {
        what: "the teacher computes with the batch's statistics",
        text: "tf.softmax(teacher.forward(noisy, { training: false }))",
        instead: "tf.softmax(teacher.forward(noisy, { training: true }))",
      },
      {
        what: "consistency is not weighted",
        text: "tf.mul(consistency(logits, target), weightAt(step))",
        instead: "consistency(logits, target)",
      },
    ],
  },
  {
    file: "lib/training/strategies/teacher.ts",
    tests: ["tests/training/strategies/mean_teacher_test.ts"],
    mistakes: [
      {
        what: "the teacher is the student of the last step",
        text: "Math.min(1 - 1 / (step + 1), decay)",
        instead: "Math.min(1 / (step + 1), decay)",
      },
    ],
  },
  {
    file: "lib/training/strategies/weak_to_strong.ts",
    tests: ["tests/training/strategies/weak_to_strong_test.ts"],
    mistakes: [
      {
        what: "the teacher is believed everywhere",
        text: "tf.mul(labels, known)",
        instead: "labels",
      },
      {
        what: "the student's loss is not weighted",
        text: "tf.mul(lossOf(logits, view), weight)",
        instead: "lossOf(logits, view)",
      },
      {
        what: "the teacher sees the strong view",
        text: "teacher.forward(weak, { training: false })",
        instead:
          "teacher.forward(intensityView(weak, weakToStrong.intensity, source), { training: false })",
      },
      {
        what: "the teacher computes with the batch's statistics",
        text: "teacher.forward(weak, { training: false })",
        instead: "teacher.forward(weak, { training: true })",
      },
      {
        what: "labels stay where boxes were pasted",
        text: "labels: pasteBoxes(labels, boxes)",
        instead: "labels",
      },
      {
        what: "without a pretraining it starts from a probe",
        text: "if (!pretrained) return",
        instead: "if (pretrained) return",
      },
      {
        what: "after the probe it learns at the rates of scratch",
        text: "const rates = afterProbeRates(adaptation);",
        instead: "const rates = scratchRates(adaptation);",
      },
    ],
  },
  {
    file: "lib/augmentations/cut_mix.ts",
    tests: ["tests/augmentations/cut_mix_test.ts"],
    mistakes: [
      {
        what: "the box's rows are its columns",
        text: "(slice * size + row) * size + left",
        instead: "(slice * size + row) * size + top",
      },
      {
        what: "the box shows the slice before",
        text: "tf.concat([tf.slice(x, 1), tf.slice(x, 0, 1)], 0)",
        instead: "tf.concat([tf.slice(x, x.shape[0] - 1), tf.slice(x, 0, x.shape[0] - 1)], 0)",
      },
    ],
  },
];

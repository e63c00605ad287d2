/** What the pages say of results in words, computed from docs/results. */
import assert from "node:assert/strict";
import { pretrainingSteps } from "../../lib/training/pretrain.ts";
import { diceOf, page, readResult, type Result, seedsOf, summaryOf } from "./results.ts";

const acdc = readResult("acdc-small.json");
const earlier = readResult("earlier/acdc-small.json");
const planned = readResult("acdc-auto.json");
const hippocampus = readResult("hippocampus-small.json");
const demo = readResult("demo.json");

/** Slices of ED and ES of the 80 patients of ACDC who are not tested on. */
const SLICES = 1552;

/** Training from scratch, and fine-tuning from the pretraining that does best. */
const [SCRATCH, TWINS] = ["none scratch", "pix2rep-bt finetune"];

const PLANNED = "auto weak-to-strong";

const three = (value: number) => value.toFixed(3);

/** Dice of a setting in the table of now. */
const dice = (key: string, patients: number) => three(diceOf(acdc, key, patients));

/** Dice of a setting in the first table. */
const first = (key: string, patients: number) => three(diceOf(earlier, key, patients));

/** What a setting has above another one with as many patients. */
function gain(result: Result, key: string, patients: number, over = SCRATCH): string {
  return three(diceOf(result, key, patients) - diceOf(result, over, patients));
}

const now = (pretraining: string, patients: number) =>
  gain(acdc, `${pretraining} finetune`, patients);

/** Sentences and halves of them, each with the numbers that the results give. */
const TOLD: Record<string, string[]> = {
  "docs/results/README.md": [
    `from ${gain(earlier, TWINS, 1)} to ${gain(acdc, TWINS, 1)} with one patient and from ` +
    `${gain(earlier, TWINS, 5)} to ${gain(acdc, TWINS, 5)} with five; with five because scratch ` +
    `fell from ${first(SCRATCH, 5)} to ${dice(SCRATCH, 5)}, while fine-tuning had ` +
    `${first(TWINS, 5)} and has ${dice(TWINS, 5)}.`,
    `fine-tuning from \`pix2rep-bt\` gains ${now("pix2rep-bt", 1)} over scratch and from ` +
    `\`pix2rep\` ${now("pix2rep", 1)}; with five, ${now("pix2rep-bt", 5)} and ` +
    `${now("pix2rep", 5)}. Every seed gains.`,
    `${dice("pix2rep-bt probe", 1)} by a linear probe and ${dice("pix2rep-bt in-context", 1)} ` +
    "by the nearest labelled pixels, without training, with less than a third of the spread.",
    `twenty patients from scratch in 150 steps (${dice(SCRATCH, 20)}; ${first(SCRATCH, 20)} ` +
    "with crops about the centre, see below). From five patients on, fine-tuning leads.",
    `two patients fine-tuned (${dice(TWINS, 2)}) are worth more than twenty from scratch`,
    `${dice(TWINS, 1)} and ${dice("pix2rep finetune", 1)} fine-tuned with one patient, ` +
    `${dice(TWINS, 5)} and ${dice("pix2rep finetune", 5)} with five, ` +
    `${dice("pix2rep-bt probe", 5)} and ${dice("pix2rep probe", 5)} by a probe of five.`,
    `${now("simclr", 1)} (\`simclr\`) and ${now("bt-unet", 1)} (\`bt-unet\`) with one patient.`,
    `a probe of its features finds little (${dice("simclr probe", 1)} with \`simclr\`).`,
    `${dice("pix2rep-v2 finetune", 1)} fine-tuned with one patient and ` +
    `${dice("pix2rep-v2 finetune", 5)} with five, below plain \`pix2rep-bt\``,
    `Mean Teacher adds ${gain(acdc, "pix2rep-bt mean-teacher", 1, TWINS)} to fine-tuning from ` +
    "`pix2rep-bt` with one patient and nothing with five.",
    `(fine-tuned ${three(seedsOf(acdc, TWINS, 1)[2])}; ${mostOfSeed2().toFixed(2)} at most in ` +
    "crops about the centre)",
    `scratch had ${first(SCRATCH, 5)} with five and ${first(SCRATCH, 20)} with twenty. ` +
    `Fine-tuned from \`pix2rep-bt\`, then of 12 epochs, it was ${first(TWINS, 5)} and ` +
    `${first(TWINS, 20)}`,
    `instead of ${three(seedsOf(earlier, SCRATCH, 20)[0])}, and 0.783 fine-tuned from ` +
    `\`pix2rep-bt\` with five instead of ${three(seedsOf(earlier, TWINS, 5)[0])}:`,
    `scratch reached 0.495 instead of ${three(seedsOf(earlier, SCRATCH, 1)[0])}.`,
    `is ahead of scratch by ${gain(hippocampus, TWINS, 1)} with one labelled patient, which is ` +
    `less than either spread, and by ${gain(hippocampus, TWINS, 5)} with five.`,
    `and the ${acdc.rows[0].test_patients} test patients (the last four of each group`,
    `Dice of ${hippocampus.rows[0].test_patients} test patients`,
    `Dice of ${demo.rows[0].test_patients} test patients`,
    `gains ${gain(planned, PLANNED, 1)} over scratch, and ` +
    `${
      gain(planned, PLANNED, 1, "none weak-to-strong")
    } over the same from random weights. Every seed gains.`,
    `With five it gains ${gain(planned, PLANNED, 5)} over scratch`,
    `decides much: ${
      new Intl.ListFormat("en-GB").format(seedsOf(planned, PLANNED, 1).map(three))
    }.`,
    ...settingsTold(),
  ],
};

/** The best that a network reached that was trained on patient046 alone, cropped about the centre. */
function mostOfSeed2(): number {
  const alone = earlier.rows.filter(({ seed, patients, strategy }) =>
    seed === 2 && patients === 1 && strategy === "finetune"
  );
  return Math.max(...alone.map(({ dice }) => dice.mean!));
}

/** The settings of the losses that differ, and what all have alike. */
function settingsTold(): string[] {
  const { configs } = acdc.config;
  const [{ adaptation, pretraining }] = configs;
  const losses = configs.flatMap(({ loss, projection: { width } }) =>
    loss.name === "info-nce"
      ? [
        `${loss.pixels.toLocaleString("en")} pixels a step at temperature ${loss.temperature}`,
        `through a head of width ${width}`,
      ]
      : loss.name === "barlow-twins"
      ? [`compares ${loss.pixels.toLocaleString("en")} through one of ${width}`]
      : []
  );
  assert.equal(losses.length, 4);
  return [
    ...losses,
    `${pretraining.epochs} epochs of ${
      pretrainingSteps(SLICES, { ...pretraining, epochs: 1 })
    } steps`,
    `adaptation for ${adaptation.iterations} steps of ${adaptation.batch} slices, a probe for ` +
    `${adaptation.probe.iterations}`,
    `had ${earlier.config.configs[0].pretraining.epochs} epochs of pretraining, ` +
    `${earlier.config.configs.at(-1)!.pretraining.epochs} of \`pix2rep-v2\``,
  ];
}

/** A page's paragraphs and items, each in one line; no tables, code, or pictures. */
function paragraphs(path: string): string[] {
  return page(path).replaceAll(/^```.*?^```/gms, "").replaceAll(/^(\||!\[).*$/gm, "")
    .split(/\n\n|\n(?=- )/).map((text) => text.replaceAll(/\s+/g, " ").trim());
}

for (const [path, told] of Object.entries(TOLD)) {
  Deno.test(`${path} tells what the results say`, () => {
    const text = paragraphs(path).join("\n");
    for (const one of told) assert.ok(text.includes(one), `${path}: expected "${one}"`);
  });

  Deno.test(`${path} tells no other Dice without saying when it was measured`, () => {
    const rest = paragraphs(path).filter((text) => !/\b\d+ \w+ 2026\b/.test(text))
      .map((text) => told.reduce((left, one) => left.replace(one, ""), text));
    // Temperatures and the like have fewer digits.
    const left = rest.filter((text) => /\b[01]\.\d{2,}/.test(text));
    assert.deepEqual(left, []);
  });
}

Deno.test("docs/results/README.md compares settings as their results do", () => {
  const seeds = (key: string, patients: number) => seedsOf(acdc, key, patients);
  for (const pretraining of ["pix2rep-bt", "pix2rep"]) {
    for (const patients of [1, 5]) {
      const scratch = seeds(SCRATCH, patients);
      const tuned = seeds(`${pretraining} finetune`, patients);
      assert.ok(tuned.every((value, i) => value > scratch[i]), "every seed gains");
    }
  }
  const spread = (key: string) => summaryOf(acdc, key, 1).dice_sd!;
  for (const strategy of ["probe", "in-context"]) {
    assert.ok(spread(`pix2rep-bt ${strategy}`) < spread(TWINS) / 3);
    assert.ok(diceOf(acdc, `pix2rep-bt ${strategy}`, 1) > diceOf(acdc, TWINS, 1));
  }
  for (const { patients, strategy, dice_mean } of acdc.summary) {
    if (patients < 5 || strategy === "finetune") continue;
    assert.ok(dice_mean! < diceOf(acdc, TWINS, patients), "from five on, fine-tuning leads");
  }
  assert.ok(diceOf(acdc, TWINS, 2) > diceOf(acdc, SCRATCH, 20));
  assert.ok(Math.abs(Number(gain(acdc, "pix2rep-bt mean-teacher", 5, TWINS))) < 0.002);
  for (const patients of [1, 5]) {
    assert.ok(Number(now("pix2rep-v2", patients)) > 0);
    assert.ok(diceOf(acdc, "pix2rep-v2 finetune", patients) < diceOf(acdc, TWINS, patients));
    assert.ok(Number(gain(acdc, "pix2rep-v2 probe", patients, "pix2rep probe")) > 0);
    for (const whole of ["simclr", "bt-unet"]) {
      assert.ok(Number(now(whole, patients)) > 0);
      assert.ok(Number(now(whole, patients)) < Number(now("pix2rep", patients)));
    }
  }
});

Deno.test("docs/results/README.md compares hippocampi as their results do", () => {
  const of = (key: string, patients: number) => summaryOf(hippocampus, key, patients);
  const ahead = Number(gain(hippocampus, TWINS, 1));
  assert.ok([SCRATCH, TWINS].every((key) => of(key, 1).dice_sd! > ahead));
  assert.ok(of(SCRATCH, 5).dice_mean! < of(SCRATCH, 1).dice_mean!);
  for (const patients of [1, 5]) {
    assert.ok(diceOf(hippocampus, "pix2rep-bt probe", patients) < of(SCRATCH, patients).dice_mean!);
  }
  assert.equal(hippocampus.config.configs[0].adaptation.scratch.learningRate, 1e-3);
});

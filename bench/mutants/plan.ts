import type { Mistakes } from "./mistake.ts";

/** Mistakes in plans for a cohort, and for a time. */
export const PLAN: readonly Mistakes[] = [
  {
    file: "lib/plan/grid.ts",
    tests: ["tests/plan/plan_test.ts", "tests/plan/survey_test.ts"],
    mistakes: [
      {
        what: "a grid holds half of what is outlined",
        text: "Math.max(2 * reach, Math.min(extent, 2 * MARGIN * reach))",
        instead: "Math.max(reach, Math.min(extent, MARGIN * reach))",
      },
      {
        what: "what is outlined in the larger scans is cut off",
        text: "Math.max(2 * reach, Math.min(extent, 2 * MARGIN * reach))",
        instead: "Math.min(extent, 2 * MARGIN * reach)",
      },
      {
        what: "pixels are as coarse as the thickest structure lets them be",
        text: "outlines.structures[0].across / PIXELS_ACROSS",
        instead: "outlines.structures.at(-1)!.across / PIXELS_ACROSS",
      },
      {
        what: "pixels are finer than the scans' own",
        text: "Math.max(pixel, Math.min(finest, field / detail))",
        instead: "Math.min(finest, field / detail)",
      },
      {
        what: "small structures of wide scans are lost between pixels",
        text: "const LARGEST_SIZE = 384;",
        instead: "const LARGEST_SIZE = 256;",
      },
      {
        what: "the lowest level of a large grid sees a corner of it",
        text: "divisors.find((one) => pixels / one <= MOST_LOWEST) ?? divisors.at(-1)!",
        instead: "divisors[0]",
      },
      {
        what: "a grid is rounded down to what a network can halve",
        text: "Math.ceil(pixels / divisor - 1e-9)",
        instead: "Math.floor(pixels / divisor)",
      },
    ],
  },
  {
    file: "lib/plan/plan.ts",
    tests: ["tests/plan/plan_test.ts"],
    mistakes: [
      {
        what: "a batch takes more memory than there is",
        text: "Math.min(most, Math.round(room), Math.floor(1.1 * room))",
        instead: "Math.min(most, Math.ceil(2 * room))",
      },
      {
        what: "views lose the settings beside those of a part",
        text: "{ ...Object(all[name]), ...section }",
        instead: "section",
      },
      {
        what: "scans are flipped, whose left and right differ",
        text: "flip: pictures }",
        instead: "flip: true }",
      },
      {
        what: "a window lies about the darkest of what is outlined",
        text: "(low + high) / 2 + sign * half",
        instead: "low + sign * half",
      },
      {
        what: "adaptations turn views less than pretraining",
        text: "adaptation: { views: withSpatial(adaptation.views) },",
        instead: "",
      },
    ],
  },
  {
    file: "lib/plan/survey.ts",
    tests: ["tests/plan/survey_test.ts"],
    mistakes: [
      {
        what: "a rare structure may lie outside",
        text: "...structures.map(({ reaches }) => reachOf(reaches, SHOWN.each)),",
        instead: "",
      },
      {
        what: "a structure that ten patients lack is not looked for",
        text: "(looked === 0 || unseen())",
        instead: "looked === 0",
      },
      {
        what: "masks are read of whom a model is tested on",
        text: "patients.includes(one.id) && isLabelled(one)",
        instead: "isLabelled(one)",
      },
    ],
  },
  {
    file: "lib/plan/outline_size.ts",
    tests: ["tests/plan/plan_test.ts"],
    mistakes: [
      {
        what: "half a voxel lies outside",
        text: "(Math.abs(at - (size - 1) / 2) + 0.5) * mm",
        instead: "Math.abs(at - (size - 1) / 2) * mm",
      },
      {
        what: "a structure that touches the edge goes on beyond it",
        text: "new Uint8Array(columns * rows).fill(1)",
        instead: "new Uint8Array(columns * rows)",
      },
    ],
  },
  {
    file: "lib/training/fit_time.ts",
    tests: ["tests/training/fit_time_test.ts"],
    mistakes: [
      {
        what: "what passes before the first step counts as none",
        text: "Math.floor((seconds - apart) / perStep)",
        instead: "Math.floor(seconds / perStep)",
      },
      {
        what: "epochs are whole",
        text: "Number((steps * pretraining.batch / slices).toPrecision(3))",
        instead: "Math.ceil(steps * pretraining.batch / slices)",
      },
      {
        what: "a probe is as long as ever",
        text: "const probe = { ...adaptation.probe, iterations: steps };",
        instead: "const probe = adaptation.probe;",
      },
      {
        what: "plenty of time makes no grid finer",
        text: ">= ENOUGH_STEPS",
        instead: ">= Infinity",
      },
      {
        what: "slow steps are measured as often as quick ones",
        text: "if (short > SLOW) return",
        instead: "if (short > Infinity) return",
      },
      {
        what: "what trainings have in common counts for every step",
        text: "apart: Math.max(0, short - WARM_UP * perStep), perStep",
        instead: "apart: 0, perStep: short / WARM_UP",
      },
    ],
  },
];

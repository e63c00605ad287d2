/**
 * What is known of how good a model's masks are: the one place of these words.
 *
 * @module
 */
import type { Split } from "../../../lib/data/datasets/splits.ts";
import type { CrossValidation } from "../../../lib/experiments/cross_validation.ts";
import type { PatientDice } from "../../../lib/experiments/patient_dice.ts";
import { counted } from "../../../lib/io/text/amounts.ts";

/** Patients below whom a mean Dice is a rough guess. */
const FEW = 5;

/** Mean Dice below which masks save nobody work. */
const POOR = 0.5;

/** Who has masks. */
export interface LabelledPatients {
  /** Who is trained on. */
  subset: readonly string[];
  /** Who else is, and who is tested on. */
  split: Pick<Split, "test">;
  /** How many patients with masks could be cross-validated. */
  labelled: number;
}

/** What will not be known of a model that is not cross-validated; undefined where enough will be. */
export function unknownQuality(
  { subset, split: { test }, labelled }: LabelledPatients,
): string | undefined {
  const folds = labelled < 2 ? "" : `, or let --folds ${labelled} test on all ${labelled} in turn`;
  if (test.length === 0) {
    return "nobody with masks is left to test on, so that nothing is known of how good the model's masks " +
      `are: look at those of new scans${folds || ", or outline another patient to measure on"}`;
  }
  if (test.length >= FEW || labelled <= test.length) return undefined;
  return `${counted(test.length, "patient")} with masks ${
    test.length === 1 ? "is" : "are"
  } left to test ` +
    `on beside ${subset.length} to learn from, which tells little of how good the model's masks are` +
    folds.replace(", or", ":");
}

/** What a cross-validation tells of the model of all patients. */
export function crossValidatedQuality(
  { patient_dice: { mean, sd, patients }, folds }: CrossValidation,
): string {
  const all = folds.flat().length;
  if (mean === null || sd === null) {
    return `nothing was to be measured: no structure is in the masks of the ${all} patients`;
  }
  return `Dice ${mean.toFixed(2)} ± ${sd.toFixed(2)} over ${counted(patients, "patient")}, each ` +
    "segmented by a model that had not seen their masks; the final model was trained on " +
    `${all === 2 ? "both" : `all ${all}`} and should be about as good` +
    (patients < FEW ? `, but ${patients} patients are few: the next may fare otherwise` : "") +
    (mean < POOR ? ". Such masks are of little use: give it more minutes, or outline more" : "");
}

/**
 * What a look at patients tells who were not learned from.
 *
 * @param options Which of the split's they are, "test" or "validation", and how many there are in all.
 */
export function heldOutQuality(
  { mean, sd, patients }: PatientDice,
  { role, all }: { role: string; all: number },
): string {
  if (mean === null || sd === null) {
    return `nothing was to be measured: no structure is in the masks of the ${role} patients`;
  }
  const whom = patients < all
    ? `${patients} of the ${counted(all, `${role} patient`)}`
    : counted(all, `${role} patient`);
  const spread = patients > 1 ? ` ± ${sd.toFixed(2)}` : "";
  return `Dice ${mean.toFixed(2)}${spread} over ${whom}, whose masks the model has not seen` +
    (patients < FEW ? `; so few tell little: the next may fare otherwise` : "") +
    (patients < all ? "; deno task evaluate measures all of them" : "");
}

/** How masks are cleaned up, by choice of the folds; undefined where they were not to choose. */
export function cleaningText({ cleaning_choice: choice }: CrossValidation): string | undefined {
  if (!choice) return undefined;
  const { dice, plain } = choice;
  const settings = ["largestComponent", "fillHoles"] as const;
  const chosen = settings.filter((setting) => choice[setting]);
  if (chosen.length === 0) {
    return "inference.largestComponent and inference.fillHoles would not raise it: masks are not cleaned up";
  }
  const words = chosen.map((setting) => `inference.${setting}=true`).join(" ");
  return `masks are cleaned up by ${words}, as the mean Dice over these patients rises by that from ` +
    `${plain.toFixed(3)} to ${dice.toFixed(3)}`;
}

/** The same by structure, as a table: the mean over patients and its standard deviation. */
export function crossValidationTable({ patient_dice }: CrossValidation): string {
  const { structures, ...mean } = patient_dice;
  const number = (value: number | null) => value === null ? "–" : value.toFixed(3);
  const rows = Object.entries({ ...structures, mean }).map(([name, { mean, sd, patients }]) =>
    name.padEnd(16) + number(mean).padStart(8) + number(sd).padStart(8) + `${patients}`.padStart(10)
  );
  return ["".padEnd(16) + "    Dice      SD  patients", ...rows].join("\n");
}

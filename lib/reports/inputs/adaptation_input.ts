/**
 * What the page of an adaptation shows: gathered by `gather/`, made markup by `sections/`.
 *
 * @module
 */
import type { PatientDiceByStructure } from "../../experiments/patient_dice.ts";
import type { ValidationCurve } from "../figures.ts";
import type { EvaluationInput } from "./evaluation_input.ts";

/** All that an adaptation's page shows: what is measured, on patients who were held out. */
export interface AdaptationInput extends EvaluationInput {
  /** How the model was adapted, for instance "Fine-tuned". */
  label: string;
  /** How many patients it learnt from. */
  labelled: number;
  /** What is known of how good its masks are, and what is not, in a sentence. */
  known: string;
  /** Dice over the patients who were held out. */
  patientDice: PatientDiceByStructure;
  /** Dice on held-out patients by step, of each training that was watched. */
  validationCurves: readonly ValidationCurve[];
}

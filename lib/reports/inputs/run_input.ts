/**
 * What the page of a way from scans to masks shows, made of the pages of its steps.
 *
 * @module
 */
import type { PatientDiceByStructure } from "../../experiments/patient_dice.ts";
import type { AdaptationInput } from "./adaptation_input.ts";
import type { PredictionInput } from "./prediction_input.ts";

/** A way to adapt that was compared with others. */
export interface ComparedWay {
  /** Its name, for instance "Fine-tuned". */
  label: string;
  /** What folds tell of it. */
  dice: PatientDiceByStructure;
  /** Whether its model is the one that is kept. */
  kept: boolean;
}

/** All that the page shows. */
export interface RunInput {
  /** The dataset's name. */
  dataset: string;
  /** What is known of how good the masks are, and what is not, in a sentence. */
  known: string;
  /** The ways to adapt that were compared; none where nothing could be measured. */
  compared: readonly ComparedWay[];
  /** The adaptation that was kept; absent where nobody was held out. */
  adaptation?: AdaptationInput;
  /** The masks of scans that had none; absent where all had. */
  prediction?: PredictionInput;
}

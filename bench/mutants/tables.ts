import { ADAPTATION } from "./adaptation.ts";
import { DATA } from "./data.ts";
import { EVALUATION } from "./evaluation.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { INFERENCE } from "./inference.ts";
import { KERNELS } from "./kernels.ts";
import { METHOD } from "./method.ts";
import type { Mistakes } from "./mistake.ts";
import { PLAN } from "./plan.ts";
import { TASKS } from "./tasks.ts";
import { TRAINING } from "./training.ts";

/** Every mistake that is tried, in the order of the folders. */
export const TABLES: readonly Mistakes[] = [
  ...METHOD,
  ...KERNELS,
  ...DATA,
  ...PLAN,
  ...INFERENCE,
  ...EVALUATION,
  ...TRAINING,
  ...ADAPTATION,
  ...EXPERIMENTS,
  ...TASKS,
];

import { DATA } from "./data.ts";
import { EVALUATION } from "./evaluation.ts";
import { EXPERIMENTS } from "./experiments.ts";
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
  ...EVALUATION,
  ...TRAINING,
  ...EXPERIMENTS,
  ...TASKS,
];

/**
 * The few-shot protocol: its results and their statistics.
 *
 * @module
 */
export * from "./known_runs.ts";
export * from "./patient_dice.ts";
export * from "./plan.ts";
export * from "./plan_file.ts";
export * from "./result.ts";
export * from "./setting_name.ts";
export * from "./statistics.ts";
export * from "./sweep.ts";

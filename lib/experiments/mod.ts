/**
 * The few-shot protocol: its results and their statistics.
 *
 * @module
 */
export * from "./result.ts";
export * from "./statistics.ts";

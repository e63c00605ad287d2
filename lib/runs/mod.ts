/**
 * The folder of a run: its checkpoints, its records, what it was run with.
 *
 * @example
 * ```ts
 * import { readCheckpoint, writeCheckpoint } from "@pix2rep/pix2rep/runs";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/model.safetensors`;
 * const tensors = { "head.0.bias": { shape: [2], values: Float32Array.of(0.5, -1) } };
 * await writeCheckpoint(path, { tensors, metadata: {} });
 * assert.deepEqual((await readCheckpoint(path)).tensors, tensors);
 * ```
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./evaluation.ts";
export * from "./make_run.ts";
export { type Provenance, type StartedBy, VERSION } from "./provenance.ts";
export * from "./record_run.ts";
export { openRun, readQuality, readValidation, type Run, type RunInfo } from "./run_folder.ts";
export { runSink, SINK_NAMES, type SinkName } from "./sinks/run_sink.ts";
export type { MetricName, MetricRecord, MetricSink } from "./sinks/sink.ts";

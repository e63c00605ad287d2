/**
 * Pretraining and adaptation, optimisers, schedules, checkpoints, run folders.
 *
 * @module
 */
export * from "./adapt.ts";
export * from "./checkpoint.ts";
export { forecastPretraining, type PretrainingForecast } from "./forecast.ts";
export type { LoopHooks, StepRecord } from "./loop.ts";
export * from "./optimiser.ts";
export { pretrain, pretrainingSteps, type PretrainOptions } from "./pretrain.ts";
export type { Probe, QualityOptions, QualityRecord } from "./quality.ts";
export * from "./pretrained_backbone.ts";
export * from "./record_run.ts";
export { openRun, readQuality, type Run, type RunInfo } from "./run_folder.ts";
export { moveAverage, teacherShare } from "./mean_teacher.ts";
export * from "./safetensors.ts";
export * from "./schedule.ts";
export * from "./segmentation_model.ts";
export { runSink, SINK_NAMES, type SinkName } from "./sinks/run_sink.ts";
export type { MetricName, MetricRecord, MetricSink } from "./sinks/sink.ts";

/**
 * Models for other programs.
 *
 * @module
 */
export * from "./description.ts";
export * from "./onnx.ts";

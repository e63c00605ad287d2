/**
 * Models for other programs.
 *
 * @example
 * ```ts
 * import { createBackbone } from "@pix2rep/pix2rep/backbones";
 * import { exportOnnx } from "@pix2rep/pix2rep/export";
 * import assert from "node:assert/strict";
 *
 * const backbone = createBackbone({ name: "unet", widths: [4, 8], features: 16 }, { seed: 0 });
 * const onnx = await exportOnnx(backbone, { divisor: 2, output: "features" });
 * assert.ok(onnx.length > 1000);
 * ```
 *
 * @module
 */
export {
  decodeModelFile,
  encodeModelFile,
  type ModelFile,
  modelFileOf,
  modelMetadata,
  networkOf,
  type Preprocessing,
  preprocessingOf,
} from "./model_file.ts";
export * from "./model_onnx.ts";
export * from "./onnx.ts";

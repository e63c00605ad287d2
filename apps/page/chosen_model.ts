/**
 * Whether a file that was chosen is a model, by its name.
 *
 * @module
 */

/** Whether a file is meant as a model, be it one that the page cannot read. */
export function isModelName(name: string): boolean {
  return /\.(safetensors|onnx)$/i.test(name);
}

/**
 * Makes sure that a model's file is of the form that the page reads.
 *
 * @throws {TypeError} if it is ONNX, with what to choose.
 */
export function expectReadableModel(name: string): void {
  if (!/\.onnx$/i.test(name)) return;
  throw new TypeError(
    `${name}: expected a .safetensors, found .onnx, which is the network alone, for programs such as ` +
      "onnxruntime: it does not say how scans are read; choose what deno task export --model RUN " +
      "--out NAME.safetensors writes of the same run",
  );
}

/**
 * Checksums of stacks of slices.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { SliceStack } from "./slices.ts";

/** SHA-256 over the images: tells whether two stacks hold the same slices. */
export function digestSlices({ images }: SliceStack): string {
  return sha256(images);
}

/** SHA-256 over the labels, likewise; "" where there are none. */
export function digestLabels({ labels }: SliceStack): string {
  return labels ? sha256(labels) : "";
}

function sha256({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string {
  return createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength)).digest("hex");
}

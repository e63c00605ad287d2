/**
 * tfjs's WebGPU backend as far as we use it.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { BufferPool, TensorData, Uniforms } from "./buffers.ts";

/** What we use of tfjs's WebGPU backend. */
export interface WebgpuBackend extends Uniforms {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: BufferPool;
  tensorMap: { get(id: tf.DataId): TensorData };
  commandQueueOwnedIds: WeakSet<tf.DataId>;
  computePassEncoder: GPUComputePassEncoder | null;
  commandEncoder: GPUCommandEncoder | null;
  dispatchCountInPass: number;
  makeTensorInfo(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  uploadToGPU(id: tf.DataId): void;
  disposeData(id: tf.DataId): boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

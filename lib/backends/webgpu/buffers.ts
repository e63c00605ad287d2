/**
 * The buffers of tfjs's WebGPU backend: which free one is taken, and how values come into it.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

/** What we use of tfjs's pool of buffers. */
export interface BufferPool {
  freeBuffers: Map<string, GPUBuffer[]>;
  acquireBuffer(size: number, usage: number): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/** What we use of a backend that holds values. */
interface Uploading {
  queue: GPUQueue;
  bufferManager: BufferPool;
  tensorMap: { get(id: tf.DataId): TensorData };
  uploadToGPU(id: tf.DataId): void;
}

/** A tensor's values, on the CPU or in a buffer. */
export interface TensorData {
  values: tf.TypedArray | number[] | null;
  dtype: tf.DataType;
  resource: GPUBuffer | null;
}

/** What we use of a backend that makes uniforms. */
export interface Uniforms {
  makeUniforms(settings: { type: string; data: number[] }[]): GPUBufferBinding;
  /** Buffers that the pool gets back once the queue was submitted. */
  uniformPendingDisposal: GPUBuffer[];
}

/** Numbers of buffers in the order in which they were first seen. */
const numbers = new WeakMap<GPUBuffer, number>();
let next = 0;

/** A buffer's number, by which what is bound to it is found again. */
export function numberOf(buffer: GPUBuffer): number {
  const number = numbers.get(buffer) ?? next++;
  numbers.set(buffer, number);
  return number;
}

/**
 * Has a pool give the free buffer of the lowest number instead of the last one released: steps that
 * do the same then take the same buffers, and their bindings are there already.
 */
export function takeLowestFirst(pool: BufferPool): void {
  const release = pool.releaseBuffer.bind(pool);
  pool.releaseBuffer = (buffer, reuse) => {
    release(buffer, reuse);
    const free = pool.freeBuffers.get(`${buffer.size}_${buffer.usage}`);
    // tfjs takes the last: numbers descend.
    if (reuse !== false && free?.at(-1) === buffer) sink(free);
  };
}

/** Moves the last buffer of a list, whose numbers descend but for it, to its place. */
function sink(free: GPUBuffer[]): void {
  const buffer = free[free.length - 1];
  const number = numberOf(buffer);
  let at = free.length - 1;
  for (; at > 0 && numberOf(free[at - 1]) < number; at--) free[at] = free[at - 1];
  free[at] = buffer;
}

/**
 * Has a backend write values through its queue. tfjs maps the buffer, or one beside it, and Deno
 * copies what is mapped, which on a card of its own is read over the bus: 25 MB/s on an H200.
 */
export function uploadThroughQueue(backend: Uploading): void {
  const upload = backend.uploadToGPU.bind(backend);
  backend.uploadToGPU = (id) => {
    const data = backend.tensorMap.get(id);
    if (data.resource || !data.values) return upload(id);
    const { dtype, values } = data;
    // What has a buffer of its own from here on, tfjs fills no more.
    data.values = null;
    upload(id);
    const whole = dtype === "int32" || dtype === "bool";
    const typed = whole ? Int32Array.from(values) : floats(values);
    if (typed.length > 0) backend.queue.writeBuffer(data.resource!, 0, typed);
  };
}

/** Values as float32: a queue takes no memory that threads share, all else as it is. */
function floats(values: tf.TypedArray | number[]): Float32Array<ArrayBuffer> {
  return values instanceof Float32Array && values.buffer instanceof ArrayBuffer
    ? values as Float32Array<ArrayBuffer>
    : Float32Array.from(values);
}

/** Uniforms that are kept. */
const MOST_UNIFORMS = 4096;

/**
 * Has a backend write the settings of tfjs's kernels, shapes above all, once: the same ones share a
 * buffer, which nothing writes again.
 */
export function keepUniforms(backend: Uniforms): void {
  const make = backend.makeUniforms.bind(backend);
  const kept = new Map<string, GPUBufferBinding>();
  backend.makeUniforms = (settings) => {
    const key = settings.map(({ type, data }) => `${type}:${data}`).join(" ");
    const known = kept.get(key);
    if (known) return known;
    const made = make(settings);
    // Not given back to the pool as others are once they were used.
    backend.uniformPendingDisposal.pop();
    if (kept.size === MOST_UNIFORMS) kept.clear();
    kept.set(key, made);
    return made;
  };
}

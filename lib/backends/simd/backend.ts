/**
 * The tfjs backend: tfjs's own CPU backend, its float and integer tensors in shared memory where a
 * kernel of ours has made or used them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { encode, type KernelArguments, type KernelName, scratchBytes } from "./kernel_calls.ts";
import { createMemory, type Pointer, type SharedMemory } from "./memory.ts";
import { startThreads, type Threads } from "./threads.ts";

/** A new tensor and where its values go. */
export interface Output {
  /** The tensor. */
  info: tf.TensorInfo;
  /** Address of its values. */
  pointer: Pointer;
}

/** The backend `simd`. */
export class SimdBackend extends MathBackendCPU {
  /** The memory that all threads share. */
  readonly shared: SharedMemory;
  /** Runs kernels. */
  readonly threads: Threads;
  /** Address of each tensor that lies in shared memory. */
  readonly #pointers = new Map<object, Pointer>();
  #scratch?: Pointer;
  #scratchBytes = 0;

  constructor(module: WebAssembly.Module, options: { threads: number; maxBytes: number }) {
    super();
    // tfjs would advise Node's native backend on first use.
    Object.assign(this, { firstUse: false });
    this.shared = createMemory(options.maxBytes);
    this.threads = startThreads(module, this.shared.memory, options.threads);
  }

  /** Address of a float32 or int32 tensor's values, which move to shared memory if need be. */
  pointer({ dataId, shape, dtype }: tf.TensorInfo): Pointer {
    const known = this.#pointers.get(dataId);
    if (known !== undefined) return known;
    const data = this.data.get(dataId);
    const pointer = this.#place(dataId, shape, dtype);
    const values = this.#view(pointer, tf.util.sizeFromShape(shape), dtype);
    values.set(data.values as Float32Array);
    data.values = values;
    return pointer;
  }

  /** Makes a tensor whose values the caller must write, every one. */
  output(shape: number[], dtype: "float32" | "int32" = "float32"): Output {
    const info = this.makeTensorInfo(shape, dtype);
    const pointer = this.#place(info.dataId, shape, dtype);
    this.data.get(info.dataId).values = this.#view(pointer, tf.util.sizeFromShape(shape), dtype);
    return { info, pointer };
  }

  /** Runs all units of a kernel on all threads, with the scratch space that it needs for each. */
  run<K extends KernelName>(kernel: K, units: number, args: KernelArguments[K]): void {
    const needed = scratchBytes[kernel]?.(this.threads.exports, args) ?? 0;
    const bytes = Math.ceil(needed / 64) * 64;
    if (bytes * this.threads.threads() > this.#scratchBytes) {
      if (this.#scratch) this.shared.release(this.#scratch);
      this.#scratchBytes = bytes * this.threads.threads();
      this.#scratch = this.shared.allocate(this.#scratchBytes, "the threads' scratch space");
    }
    const scratch = { scratch: this.#scratch, scratchBytes: bytes };
    this.threads.run(kernel, { units, args: encode[kernel](args), ...scratch });
  }

  /** Lends `use` a block of floats. */
  withFloats<T>(count: number, use: (pointer: Pointer) => T): T {
    const pointer = this.shared.allocate(count * 4, `${count} values in between`);
    try {
      return use(pointer);
    } finally {
      this.shared.release(pointer);
    }
  }

  /** A copy: the memory of a tensor is used again after its disposal. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const values = super.readSync(dataId);
    return this.#pointers.has(dataId) ? (values as Float32Array).slice() : values;
  }

  /**
   * A new tensor. Values that a kernel of tfjs's own cut out of another tensor's memory, as `unstack`
   * does, are copied: that memory is used again after the other's disposal.
   */
  override makeTensorInfo(
    shape: number[],
    dtype: tf.DataType,
    values?: tf.backend_util.BackendValues | string[],
  ): tf.TensorInfo {
    const shared = ArrayBuffer.isView(values) && values.buffer === this.shared.memory.buffer;
    return super.makeTensorInfo(shape, dtype, shared ? values.slice() : values);
  }

  override disposeData(dataId: object, force = false): boolean {
    const gone = super.disposeData(dataId, force);
    const pointer = this.#pointers.get(dataId);
    if (gone && pointer !== undefined) {
      this.#pointers.delete(dataId);
      this.shared.release(pointer);
    }
    return gone;
  }

  /** Bytes in use; `reservedBytes` is what the process holds. */
  override memory(): { unreliable: boolean; reasons: string[]; reservedBytes: number } {
    return { unreliable: false, reasons: [], reservedBytes: this.shared.size() };
  }

  #place(dataId: object, shape: number[], dtype: tf.DataType): Pointer {
    const pointer = this.shared.allocate(
      tf.util.sizeFromShape(shape) * 4,
      `a tensor [${shape}] of ${dtype}`,
    );
    this.#pointers.set(dataId, pointer);
    return pointer;
  }

  #view(pointer: number, size: number, dtype: tf.DataType): Float32Array | Int32Array {
    const buffer = this.shared.memory.buffer;
    return dtype === "int32"
      ? new Int32Array(buffer, pointer, size)
      : new Float32Array(buffer, pointer, size);
  }
}

/**
 * A tfjs backend that computes nothing: its kernels note which operations a network runs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../training/weights/safetensors.ts";
import type { OnnxConstant, OnnxNode } from "./onnx_file.ts";

/** What is known of a tensor while a network is recorded. */
export interface Recorded {
  /** Its name in the graph. */
  name: string;
  /** Its values in PyTorch's layout, where it is a weight. */
  weight?: HostTensor;
}

/** The backend that records: tensors are names, operations are nodes. */
export class Recorder extends tf.KernelBackend {
  /** The operations, in order. */
  readonly nodes: OnnxNode[] = [];
  /** The constants that they use. */
  readonly constants: Map<string, OnnxConstant> = new Map();
  readonly #tensors = new WeakMap<object, Recorded>();

  /** Makes a tensor known. */
  know({ dataId }: tf.TensorInfo, recorded: Recorded): void {
    this.#tensors.set(dataId, recorded);
  }

  /**
   * What is known of a tensor.
   *
   * @throws {TypeError} for one that is neither a weight nor computed from the input.
   */
  recorded({ dataId, shape }: tf.TensorInfo): Recorded {
    const found = this.#tensors.get(dataId);
    if (found) return found;
    throw new TypeError(
      `export: expected operations on weights and the input, found a constant of shape [${shape}]; ` +
        "make it a weight",
    );
  }

  /** Notes an operation; returns its output's name. */
  note(op: string, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}): string {
    const output = `${op}_${this.nodes.length}`;
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  /** Name of a constant. */
  constant(name: string, constant: OnnxConstant): string {
    this.constants.set(name, constant);
    return name;
  }

  /** A new tensor of some shape under a name. */
  output(shape: number[], recorded: Recorded): tf.TensorInfo {
    const info = { dataId: {}, shape, dtype: "float32" as const };
    this.know(info, recorded);
    return info;
  }

  /** Takes a tensor's values, and forgets them: only names count. */
  override write(): object {
    return {};
  }

  override numDataIds(): number {
    return 0;
  }

  override disposeData(): boolean {
    return true;
  }

  override incRef(): void {}

  override dispose(): void {}

  override floatPrecision(): 32 {
    return 32;
  }
}

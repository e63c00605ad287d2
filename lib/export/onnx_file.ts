/**
 * ONNX files: protocol buffers by onnx/onnx.proto (IR version 8, operators of version 17).
 *
 * @module
 */
import { concatBytes } from "../io/concat_arrays.ts";
import { bytesField, floatField, textField, varintField } from "../io/protobuf.ts";

const IR_VERSION = 8;
const OPERATORS = 17;
const FLOAT = 1;
const INT64 = 7;

/** An operation of a graph. */
export interface OnnxNode {
  /** The operator. */
  op: string;
  /** Names of its inputs. */
  inputs: readonly string[];
  /** Name of its output. */
  output: string;
  /** Lists and whole numbers are written as integers, other numbers as floats. */
  attributes: Record<string, number | readonly number[]>;
}

/** A tensor that is part of the graph; the last dimension runs fastest. */
export interface OnnxConstant {
  /** Its dimensions; [] is a scalar. */
  shape: readonly number[];
  /** Its values: float32 or int64. */
  values: Float32Array | BigInt64Array;
}

/** An input or output: float32, its dimensions as numbers or, where they vary, names. */
export interface OnnxPort {
  /** Its name. */
  name: string;
  /** Its dimensions. */
  shape: readonly (number | string)[];
}

/** A graph of one input and one output. */
export interface OnnxGraph {
  /** What goes in. */
  input: OnnxPort;
  /** What comes out. */
  output: OnnxPort;
  /** Operations, each after those that it needs. */
  nodes: readonly OnnxNode[];
  /** Constants by name. */
  constants: ReadonlyMap<string, OnnxConstant>;
}

/** Writes a graph as one file's content, with what else is to be known of it, as text by key. */
export function encodeOnnx(
  graph: OnnxGraph,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return concatBytes([
    varintField(1, IR_VERSION),
    textField(2, "pix2rep"),
    bytesField(7, encodeGraph(graph)),
    bytesField(8, varintField(2, OPERATORS)),
    ...Object.entries(metadata).map(([key, value]) =>
      bytesField(14, concatBytes([textField(1, key), textField(2, value)]))
    ),
  ]);
}

function encodeGraph({ input, output, nodes, constants }: OnnxGraph): Uint8Array {
  return concatBytes([
    ...nodes.map((node) => bytesField(1, encodeNode(node))),
    textField(2, "pix2rep"),
    ...[...constants].map(([name, constant]) => bytesField(5, encodeConstant(name, constant))),
    bytesField(11, encodePort(input)),
    bytesField(12, encodePort(output)),
  ]);
}

function encodeNode({ op, inputs, output, attributes }: OnnxNode): Uint8Array {
  return concatBytes([
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(3, output),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, concatBytes([textField(1, name), ...encodeAttribute(value)]))
    ),
  ]);
}

/** A value and the type that says which it is: 1 float, 2 integer, 7 integers. */
function encodeAttribute(value: number | readonly number[]): Uint8Array[] {
  if (typeof value !== "number") {
    return [...value.map((each) => varintField(8, each)), varintField(20, 7)];
  }
  return Number.isInteger(value)
    ? [varintField(3, value), varintField(20, 2)]
    : [floatField(2, value), varintField(20, 1)];
}

function encodeConstant(name: string, { shape, values }: OnnxConstant): Uint8Array {
  const { buffer, byteOffset, byteLength } = values;
  return concatBytes([
    ...shape.map((size) => varintField(1, size)),
    varintField(2, values instanceof Float32Array ? FLOAT : INT64),
    textField(8, name),
    bytesField(9, new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

function encodePort({ name, shape }: OnnxPort): Uint8Array {
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === "number" ? varintField(1, size) : textField(2, size))
  );
  const tensor = concatBytes([
    varintField(1, FLOAT),
    bytesField(2, concatBytes(dimensions)),
  ]);
  return concatBytes([textField(1, name), bytesField(2, bytesField(1, tensor))]);
}

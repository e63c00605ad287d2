/**
 * A model as one file, to be used elsewhere: weights in safetensors, in PyTorch's names and layouts,
 * with all that must be known to use them. It needs no file system: browsers read it too.
 *
 * @module
 */
import * as v from "valibot";
import type { Network } from "../backbones/weights.ts";
import { backboneDivisor } from "../config/backbone.ts";
import type { Config } from "../config/config.ts";
import { parseConfig } from "../config/parse_config.ts";
import { crc32c } from "../io/crc32c.ts";
import type { Structure } from "../data/datasets/dataset.ts";
import { parseJson } from "../io/text/parse_json.ts";
import { PERCENTILES } from "../data/volumes/intensity_scale.ts";
import { VOXEL_ORDER_SCHEMA, type VoxelOrder } from "../data/volumes/voxel_order.ts";
import { excerpt } from "../io/text/printable.ts";
import { pretrainedBackbone } from "../training/weights/pretrained_backbone.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  type Safetensors,
} from "../training/weights/safetensors.ts";
import { hasTeacher, segmentationModel, TEACHER } from "../training/weights/segmentation_model.ts";
import { inputChannels, notFinite, withPrefix } from "../training/weights/weight_tensors.ts";

/** The version of the form. */
const FORMAT = "pix2rep.model/1";

/** The parts of a network, whose weights a file has: what else a checkpoint holds is left behind. */
const PARTS = /^(backbone|head|memory)\./;

/** A model and what must be known to use it, as plain data. */
export interface ModelFile {
  /** Its weights `backbone.…` and, where it segments, `head.…` or, in context, `memory.…`. */
  tensors: Record<string, HostTensor>;
  /** The configuration that it was trained with: its backbone, its grid, how it segments. */
  config: Config;
  /** What it segments: the labels 1…n of its classes; none where it gives features. */
  structures: Structure[];
  /** What comes out of it: logits of the background and the structures, or a pixel's features. */
  output: "logits" | "features";
  /** Names of the channels that go in, in their order; one without a name where absent. */
  channels?: readonly string[];
  /** The order of voxels that it was trained in; as stored where absent. */
  order?: VoxelOrder;
}

/** How slices are made for a model; see `prepareVolume`. */
export interface Preprocessing {
  /** Pixels per side of a slice that it was trained on. */
  size: number;
  /** Distance of two pixel centres in mm. */
  spacing: number;
  /** The percentiles of a scan's intensities that become 0 and 1. */
  percentiles?: readonly [number, number];
  /** The intensities that become 0 and 1, in the place of percentiles. */
  window?: readonly [number, number];
  /** Height and width of what goes in are multiples of this. */
  divisor: number;
}

/** The model of a checkpoint; of a student and its teacher the teacher. */
export function modelFileOf(
  checkpoint: Safetensors,
  about: Pick<ModelFile, "config" | "structures" | "channels" | "order">,
): ModelFile {
  const { config, structures, channels, order } = about;
  const segments = structures.length > 0;
  const all = segments && hasTeacher(checkpoint)
    ? withPrefix(TEACHER, checkpoint.tensors)
    : checkpoint.tensors;
  const parts = Object.entries(all).filter(([name]) => PARTS.test(name));
  return {
    tensors: Object.fromEntries(parts),
    config,
    structures,
    output: segments ? "logits" : "features",
    ...(channels && { channels }),
    ...(order && { order }),
  };
}

/**
 * What a file says of its model beside the weights, as text by key; lists and objects as JSON.
 *
 * @throws {RangeError} if the channels are not as many as the weights see.
 */
export function modelMetadata(model: ModelFile): Record<string, string> {
  const { config, structures, output, channels, order } = model;
  const unnamed = channelMismatch(model);
  if (unnamed) throw new RangeError(unnamed);
  return {
    format: FORMAT,
    output,
    structures: JSON.stringify(structures),
    preprocessing: JSON.stringify(preprocessingOf(config)),
    ...(channels && { channels: JSON.stringify(channels) }),
    ...(order && { order: JSON.stringify(order) }),
    config: JSON.stringify(config),
  };
}

/**
 * Writes a model as the content of a safetensors file.
 *
 * @throws {RangeError} if a weight is not finite, or the channels are not as many as the weights see.
 */
export function encodeModelFile(model: ModelFile): Uint8Array<ArrayBuffer> {
  const { tensors } = model;
  const broken = notFinite(tensors);
  if (broken !== undefined) {
    throw new RangeError(`expected finite weights, found "${broken}" with others`);
  }
  const metadata = modelMetadata(model);
  const checksum = checksumOf({ tensors, metadata });
  return encodeSafetensors({ tensors, metadata: { ...metadata, crc32c: checksum } });
}

/**
 * Reads a model from the content of a file.
 *
 * @param name The file's, for the error.
 * @throws {SyntaxError} if it is none, of a later version, or damaged, in one line.
 */
export function decodeModelFile(bytes: Uint8Array, name: string): ModelFile {
  const { tensors, metadata: { crc32c: checksum, ...metadata } } = decodeSafetensors(bytes, name);
  const fail = (what: string): never => {
    throw new SyntaxError(`${name}: ${what}`);
  };
  if (metadata.format !== FORMAT) {
    const found = excerpt(metadata.format ?? "none");
    const remedy = found.startsWith("pix2rep.model/")
      ? "use the version of this toolkit that wrote it"
      : "export a trained run to get one";
    fail(`expected a model of format ${FORMAT}, found ${found}; ${remedy}`);
  }
  if (checksum !== checksumOf({ tensors, metadata })) {
    fail("the checksum does not match: the file is damaged");
  }
  const broken = notFinite(tensors);
  if (broken !== undefined) fail(`expected finite weights, found "${excerpt(broken)}" with others`);
  const about = parseMetadata(metadata, name);
  const unnamed = channelMismatch({ tensors, ...about });
  if (unnamed) fail(unnamed);
  return { tensors, ...about };
}

/**
 * The network of a model, its weights on the backend: logits for `segmentScan`, with the model's
 * `config`; or features.
 *
 * @param source Where the model comes from, for the error.
 * @throws {TypeError} if its weights are not those that its configuration asks for.
 */
export function networkOf(
  { tensors, config, structures, output }: ModelFile,
  source = "model",
): Network {
  const checkpoint = { tensors, metadata: {} };
  return output === "features"
    ? pretrainedBackbone(checkpoint, { config, source })
    : segmentationModel(checkpoint, { config, classes: structures.length + 1, source });
}

/** What is wrong where the names of channels are not as many as the weights see. */
function channelMismatch({ tensors, config, channels }: ModelFile): string | undefined {
  const [seen, named] = [inputChannels(tensors, config.backbone), channels?.length ?? 1];
  if (seen === named) return undefined;
  return `expected names of the ${seen} channels that its weights see, found ${named}; export the ` +
    "run that it is of again";
}

/** How slices are made for models of a configuration. */
export function preprocessingOf({ data, grid, backbone }: Config): Preprocessing {
  const { size, spacing } = grid;
  const scale = data.window === "percentiles"
    ? { percentiles: PERCENTILES }
    : { window: data.window };
  return { size, spacing, ...scale, divisor: backboneDivisor(backbone.widths) };
}

const MetadataText = v.strictObject({
  format: v.literal(FORMAT),
  output: v.picklist(["logits", "features"]),
  structures: v.string(),
  preprocessing: v.string(),
  channels: v.optional(v.string()),
  order: v.optional(v.string()),
  config: v.string(),
});

/** Labels are kept as bytes. */
const StructuresJson = v.pipe(
  v.array(v.strictObject({
    label: v.number(),
    name: v.string(),
    values: v.optional(v.array(v.number())),
  })),
  v.maxLength(255),
  v.check((list) => list.every(({ label }, i) => label === i + 1)),
);

const ChannelsJson = v.pipe(v.array(v.string()), v.minLength(1));

/** Everything but the weights, checked; whatever is wrong with it is a matter of the file. */
function parseMetadata(
  metadata: Record<string, string>,
  name: string,
): Omit<ModelFile, "tensors"> {
  try {
    const text = parseJson(JSON.stringify(metadata), MetadataText, name);
    const { output } = text;
    const structures = parseJson(text.structures, StructuresJson, `${name}: structures`);
    if ((structures.length > 0) !== (output === "logits")) {
      throw new TypeError(`${name}: expected structures of logits, and none of features`);
    }
    const source = `${name}: config`;
    const config = parseConfig(parseJson(text.config, v.unknown(), source), source);
    const preprocessing = JSON.stringify(preprocessingOf(config));
    if (text.preprocessing !== preprocessing) {
      const found = excerpt(text.preprocessing);
      throw new TypeError(`${name}: expected the preprocessing ${preprocessing}, found ${found}`);
    }
    const channels = text.channels === undefined
      ? undefined
      : parseJson(text.channels, ChannelsJson, `${name}: channels`);
    const order = text.order === undefined
      ? undefined
      : parseJson(text.order, VOXEL_ORDER_SCHEMA, `${name}: order`);
    return { config, structures, output, ...(channels && { channels }), ...(order && { order }) };
  } catch (error) {
    throw new SyntaxError((error as Error).message, { cause: error });
  }
}

/** CRC32C over metadata, names, shapes and values, in hexadecimal. */
function checksumOf({ tensors, metadata }: Safetensors): string {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  let crc = crc32c(text(metadata));
  for (const name of Object.keys(tensors).sort()) {
    const { shape, values } = tensors[name];
    crc = crc32c(text([name, shape]), crc);
    crc = crc32c(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), crc);
  }
  return crc.toString(16).padStart(8, "0");
}

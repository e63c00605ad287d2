/**
 * The kernels that backends may have for the operations of this folder, by name. Each operation says
 * the shapes. The gradient of a kernel is named as it and "Grad".
 *
 * @module
 */

/** The names of a kernel's tensors, and its attributes. */
interface Kernel<Inputs extends string, Attributes = Record<never, never>> {
  inputs: Inputs;
  attributes: Attributes;
}

/** Attributes of the normalisations. */
interface Norm {
  relu: boolean;
  epsilon: number;
}

/** What each kernel gets. */
export interface OpKernels {
  /** See {@linkcode adamUpdate}. */
  AdamUpdate: Kernel<"w" | "gradient" | "m" | "v", AdamAttributes>;
  /** See {@linkcode batchNormTrain}. */
  BatchNormTrain: Kernel<"x" | "gamma" | "beta", Norm>;
  /** See {@linkcode batchNormTrain}. */
  BatchNormTrainGrad: Kernel<"dy" | "x" | "gamma" | "beta" | "mean" | "variance", Norm>;
  /** See {@linkcode batchNormEval}. */
  BatchNormEval: Kernel<"x" | "gamma" | "beta" | "mean" | "variance", Norm>;
  /** See {@linkcode gatherRows}. */
  GatherRows: Kernel<"x" | "indices">;
  /** See {@linkcode gatherRows}. */
  GatherRowsGrad: Kernel<"dy" | "indices", { rows: number }>;
  /** See {@linkcode gelu}. */
  Gelu: Kernel<"x">;
  /** See {@linkcode gelu}. */
  GeluGrad: Kernel<"dy" | "x">;
  /** See {@linkcode gridSample}. */
  GridSample: Kernel<"x" | "grid">;
  /** See {@linkcode gridSample}. */
  GridSampleGrad: Kernel<"dy" | "grid", { height: number; width: number }>;
  /** See {@linkcode groupNorm}. */
  GroupNorm: Kernel<"x" | "gamma" | "beta", Norm & { groups: number }>;
  /** See {@linkcode groupNorm}. */
  GroupNormGrad: Kernel<
    "dy" | "x" | "gamma" | "beta" | "mean" | "variance",
    Norm & { groups: number }
  >;
  /** See {@linkcode layerNorm}. */
  LayerNorm: Kernel<"x" | "gamma" | "beta", { epsilon: number }>;
  /** See {@linkcode layerNorm}. */
  LayerNormGrad: Kernel<"dy" | "x" | "gamma", { epsilon: number }>;
  /** See {@linkcode leakyRelu}. */
  LeakyReluGrad: Kernel<"dy" | "x", { alpha: number }>;
  /** See {@linkcode mix}. */
  MixTensors: Kernel<"a" | "b", { keep: number; share: number }>;
  /** See {@linkcode nearestVote}. */
  NearestVote: Kernel<
    "x" | "features" | "labels",
    { neighbours: number; classes: number; leastVote: number }
  >;
  /** See {@linkcode similarityLogSumExp}. */
  SimilarityLogSumExp: Kernel<"z" | "mask", { scale: number }>;
  /** See {@linkcode similarityLogSumExp}. */
  SimilarityLogSumExpGrad: Kernel<"dy" | "z" | "mask" | "lse", { scale: number }>;
}

/** The settings of a step of Adam; the corrections are 1 − βᵗ. */
type AdamAttributes = Record<
  | "learningRate"
  | "weightDecay"
  | "beta1"
  | "beta2"
  | "epsilon"
  | "correction1"
  | "correction2",
  number
>;

/** The name of a kernel of this folder. */
export type OpKernel = keyof OpKernels;

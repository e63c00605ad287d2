// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * The kernels that the backend calls. Each does one unit of work: (unit, scratch, …arguments). Where
 * one needs scratch space, a function of its name and "Scratch" gives the bytes for each thread, from
 * some of its arguments. TypeScript sees these, and the constants, enums and classes that any file
 * of this folder exports, through ../kernel_calls.ts, which ../build.ts writes.
 */
export {
  matmul,
  matmulPart,
  matmulScratch,
  packPanel,
  sumChunks,
} from "./gemm";
export {
  depthwise,
  depthwiseFilterGradient,
  depthwiseFilterGradientScratch,
  depthwiseScratch,
} from "./conv_depthwise";
export {
  conv,
  convFilterGradient,
  convFilterGradientScratch,
  convInputGradient,
  convInputGradientScratch,
  convScratch,
} from "./conv_general";
export {
  winogradConv,
  winogradConvScratch,
  winogradFilter,
  winogradFilterGradient,
  winogradFilterGradientScratch,
  winogradFilterScratch,
  winogradFilterShare,
  winogradFilterShareScratch,
} from "./conv_winograd";
export {
  batchGradient,
  batchGradientSums,
  batchStatistics,
  joinGradientSums,
  joinStatistics,
  normalisingLine,
  scaleShift,
} from "./normalise";
export {
  groupNorm,
  groupNormGradient,
  groupNormGradientScratch,
  groupNormScratch,
} from "./group_norm";
export { layerNorm, layerNormGradient } from "./layer_norm";
export { gelu, geluGradient } from "./gelu";
export { leakyRelu, leakyReluGradient } from "./leaky_relu";
export { nearestVotes, nearestVotesScratch } from "./nearest";
export { adam, binary, mix, reduce, softmax, unary } from "./pointwise";
export {
  copyRows,
  fill,
  gatherRows,
  gridSample,
  gridSampleGradient,
  maxPool,
  maxPoolGradient,
  maxPoolGradientScratch,
  scatterRows,
  transpose,
} from "./spatial";
export {
  similarityGradient,
  similarityGradientScratch,
  similaritySums,
  similaritySumsScratch,
} from "./similarity";

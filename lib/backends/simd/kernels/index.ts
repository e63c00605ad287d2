// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** The kernels that the backend calls. Each does one unit of work: (unit, scratch, …arguments). */
export { matmul, matmulPart, packPanel, sumChunks } from "./gemm";
export { depthwise, depthwiseFilterGradient } from "./conv_depthwise";
export { conv, convFilterGradient, convInputGradient } from "./conv_general";
export {
  winogradConv,
  winogradFilter,
  winogradFilterGradient,
  winogradFilterShare,
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
export { groupNorm, groupNormGradient } from "./group_norm";
export { layerNorm, layerNormGradient } from "./layer_norm";
export { gelu, geluGradient } from "./gelu";
export { nearestVotes } from "./nearest";
export { adam, binary, mix, reduce, softmax, unary } from "./pointwise";
export {
  copyRows,
  fill,
  gatherRows,
  gridSample,
  gridSampleGradient,
  maxPool,
  maxPoolGradient,
  scatterRows,
  transpose,
} from "./spatial";
export { similarityGradient, similaritySums } from "./similarity";

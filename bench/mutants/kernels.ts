import type { Mistakes } from "./mistake.ts";

/** Mistakes in what hands work to the CPU's kernels. */
export const KERNELS: readonly Mistakes[] = [
  {
    file: "lib/backends/simd/entries/conv.ts",
    tests: ["tests/backends/conv_test.ts", "tests/backends/conv3d_test.ts"],
    mistakes: [
      {
        what: "Winograd's input gradient is padded as the convolution",
        text: "top: 2 - top, left: 2 - left",
        instead: "top, left",
      },
      {
        what: "Winograd's input gradient takes the filter unturned",
        text: "filter: last, y: dx",
        instead: "filter, y: dx",
      },
      {
        what: "Winograd serves strides too",
        text: "conv.strideHeight === 1 &&\n    conv.strideWidth === 1 && ",
        instead: "",
      },
      {
        what: "Winograd serves strides across planes too",
        text: "conv.strideDepth === 1 && conv.dilationDepth === 1",
        instead: "conv.dilationDepth === 1",
      },
      {
        what: "Winograd's input gradient is shifted by planes as the convolution",
        text: "front: filterDepth - 1 - front",
        instead: "front",
      },
      {
        what: "planes that touch the same plane are apart",
        text: "(filterDepth - 1) * dilationDepth < strideDepth",
        instead: "strideDepth > 1",
      },
      {
        what: "the last planes of a column that is cut are left out",
        text: "tileCount(conv) * Math.ceil(outDepth / columnPlanes)",
        instead: "tileCount(conv) * Math.floor(outDepth / columnPlanes)",
      },
      {
        what: "Winograd never runs",
        text: "return plain && inChannels % 8 === 0",
        instead: "return plain && inChannels % 8 === 8",
      },
      {
        what: "strided 1×1 convolutions count as products of pixels",
        text: "conv.strideDepth * conv.strideHeight * conv.strideWidth === 1 &&\n    front",
        instead: "front",
      },
      {
        what: "the last pixels of a filter gradient are left out",
        text: "const chunks = Math.ceil(pixels / chunkPixels);",
        instead: "const chunks = Math.max(1, Math.floor(pixels / chunkPixels));",
      },
      {
        what: "tiles that are cut are not counted",
        text: "conv.batchSize * Math.ceil(conv.outHeight / 4)",
        instead: "conv.batchSize * Math.floor(conv.outHeight / 4)",
      },
    ],
  },
  {
    file: "lib/backends/simd/entries/matmul.ts",
    tests: ["tests/backends/kernels_test.ts"],
    mistakes: [
      {
        what: "a transposed right side is read by rows of the product",
        text: "transposeB ? [4, k * 4] : [n * 4, 4]",
        instead: "transposeB ? [4, n * 4] : [n * 4, 4]",
      },
      {
        what: "a single right side is taken for many",
        text: "packedBatch: bBatch > 1 ? size * 4 : 0",
        instead: "packedBatch: size * 4",
      },
      {
        what: "the last part of a long product is left out",
        text: "const chunks = Math.ceil(k / part);",
        instead: "const chunks = Math.floor(k / part);",
      },
    ],
  },
  {
    file: "lib/backends/describe_pool.ts",
    tests: ["tests/backends/kernels_test.ts"],
    mistakes: [
      {
        what: "windows of a max-pool that overlap get gradients once",
        text: "pool.strideDepth >= pool.filterDepth && pool.strideHeight >= pool.filterHeight",
        instead: "true",
      },
    ],
  },
  {
    file: "lib/backends/simd/entries/spatial.ts",
    tests: ["tests/backends/ops_test.ts", "tests/backends/kernels_test.ts"],
    mistakes: [
      {
        what: "a slice begins a row too early",
        text: "begin[axis] * inner)",
        instead: "Math.max(0, begin[axis] - 1) * inner)",
      },
      {
        what: "the warp's gradient takes the grid's side for the image's",
        text: "perImage: outHeight * outWidth }",
        instead: "perImage: height * width }",
      },
      {
        what: "rows are gathered at any index",
        text: "!(index >= 0 && index < rows)",
        instead: "false",
      },
    ],
  },
  {
    file: "lib/backends/simd/entries/pointwise.ts",
    tests: ["tests/backends/kernels_test.ts"],
    mistakes: [
      {
        what: "means are of the inner axes too",
        text: "scale(backend, out.pointer, 1 / axis, outer * inner)",
        instead: "scale(backend, out.pointer, 1 / (axis * inner), outer * inner)",
      },
    ],
  },
  {
    file: "lib/backends/simd/entries/normalise.ts",
    tests: ["tests/backends/ops_test.ts"],
    mistakes: [
      {
        what: "a norm is always followed by a ReLU",
        text: "return relu ? 0 : -Infinity;",
        instead: "return 0;",
      },
      {
        what: "the last rows of a layer norm are left out",
        text: "const chunks = Math.ceil(rows / LAYER_ROWS);",
        instead: "const chunks = Math.max(1, Math.floor(rows / LAYER_ROWS));",
      },
    ],
  },
  {
    file: "lib/backends/simd/entries/similarity.ts",
    tests: ["tests/losses/info_nce_test.ts", "tests/backends/ops_test.ts"],
    mistakes: [
      {
        what: "masked rows are negatives",
        text: "count ? 0 : EXCLUDED",
        instead: "0",
      },
    ],
  },
];

/**
 * Training on tfjs's wasm backend: it lacks the convolution's weight gradient, and its input
 * gradient is a plain loop. Both become operations that it does fast.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";

type Padding = "same" | "valid";
type Stride = number | [number, number];

/** Registers the two gradient kernels; the input gradient's own kernel stays for what is not 3×3-like. */
export function registerWasmGradients(): void {
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { filterShape, strides, pad } = attrs as unknown as {
        filterShape: [number, number, number, number];
        strides: Stride;
        pad: Padding;
      };
      return filterGradient(inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D, {
        filterShape,
        stride: Array.isArray(strides) ? strides[0] : strides,
        pad,
      });
    },
  });
  const inputGradient = tf.getKernel("Conv2DBackpropInput", "wasm");
  tf.unregisterKernel("Conv2DBackpropInput", "wasm");
  tf.registerKernel({
    ...inputGradient,
    kernelFunc: (call) => {
      const { strides, pad } = call.attrs as unknown as { strides: Stride; pad: Padding };
      const filter = call.inputs.filter as tf.Tensor4D;
      const odd = filter.shape[0] % 2 === 1 && filter.shape[1] % 2 === 1;
      const unit = [strides].flat().every((stride) => stride === 1);
      if (!odd || !unit || pad !== "same") return inputGradient.kernelFunc(call);
      return convolveWithFlipped(call.inputs.dy as tf.Tensor4D, filter);
    },
  });
}

/** dw[r, s] = Σ x shifted by (r, s) · dy over all pixels: one matrix product per filter position. */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { filterShape, stride, pad }: {
    filterShape: [number, number, number, number];
    stride: number;
    pad: Padding;
  },
): tf.Tensor4D {
  return tf.tidy(() => {
    const [rows, columns, inChannels, outChannels] = filterShape;
    const [batch, outHeight, outWidth] = dy.shape;
    const before = (size: number, out: number, filter: number) =>
      pad === "same" ? Math.max(0, (out - 1) * stride + filter - size) >> 1 : 0;
    const reach = (out: number, filter: number) => (out - 1) * stride + filter;
    const top = before(x.shape[1], outHeight, rows);
    const left = before(x.shape[2], outWidth, columns);
    const padded = tf.pad(x, [
      [0, 0],
      [top, Math.max(0, reach(outHeight, rows) - x.shape[1] - top)],
      [left, Math.max(0, reach(outWidth, columns) - x.shape[2] - left)],
      [0, 0],
    ]);
    const pixels = batch * outHeight * outWidth;
    const incoming = tf.reshape(dy, [pixels, outChannels]);
    const products = Array.from({ length: rows * columns }, (_, position) => {
      const r = Math.floor(position / columns);
      const s = position % columns;
      const end = [batch, r + reach(outHeight, 1), s + reach(outWidth, 1), inChannels];
      const seen = tf.stridedSlice(padded, [0, r, s, 0], end, [1, stride, stride, 1]);
      // Transposed by itself: the wasm matrix product is ten times slower when it transposes.
      return tf.matMul(tf.transpose(tf.reshape(seen, [pixels, inChannels])), incoming);
    });
    return tf.reshape(tf.stack(products), filterShape);
  });
}

/** The input gradient of an odd, stride-1, "same" convolution is one with the flipped filter. */
function convolveWithFlipped(dy: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(dy, flipped as tf.Tensor4D, 1, "same");
  });
}

/** What is wrong with a pixel's predicted label, in the order of the legend. */
const [MISSED, EXTRA, CONFUSED] = [1, 2, 3];

/**
 * The grey of an intensity under a window about a level.
 *
 * @param {number} value 0 to 255.
 * @param {{ level: number, width: number }} window in shares of 255; `width` above 0.
 * @returns {number} 0 to 255.
 */
export function windowed(value, { level, width }) {
  return 255 * Math.min(1, Math.max(0, (value / 255 - level) / width + 0.5));
}

/**
 * Where a prediction is wrong: 1 where it misses a structure, 2 where it finds one that is none, 3
 * where it takes one for another.
 *
 * @param {Uint8Array} reference labels.
 * @param {Uint8Array} prediction as many.
 * @returns {Uint8Array} 0 where it is right.
 */
export function errorsOf(reference, prediction) {
  return reference.map((label, i) => {
    if (label === prediction[i]) return 0;
    if (prediction[i] === 0) return MISSED;
    return label === 0 ? EXTRA : CONFUSED;
  });
}

/**
 * Dice of one structure in one slice.
 *
 * @param {Uint8Array} reference labels.
 * @param {Uint8Array} prediction as many.
 * @param {number} label
 * @returns {number | null} null where neither has it.
 */
export function sliceDice(reference, prediction, label) {
  let [both, sum] = [0, 0];
  reference.forEach((value, i) => {
    const [a, b] = [value === label, prediction[i] === label];
    sum += Number(a) + Number(b);
    both += Number(a && b);
  });
  return sum === 0 ? null : 2 * both / sum;
}

/**
 * A slice with labels over it: contours in full colour around a translucent inside.
 *
 * @param {{ image: Uint8Array, size: number, labels?: Uint8Array, colours: number[][],
 *   opacity: number, scale: number, window: { level: number, width: number } }} slice
 *   `scale` tells how many pixels to a side are painted for one; contours take two of them.
 * @returns {Uint8ClampedArray} RGBA of a square of size × scale pixels to a side.
 */
export function paintSlice({ image, size, labels, colours, opacity, scale, window }) {
  const side = size * scale;
  const painted = new Uint8ClampedArray(side * side * 4);
  const labelAt = (x, y) =>
    x < 0 || y < 0 || x >= side || y >= side
      ? 0
      : labels[Math.floor(y / scale) * size + Math.floor(x / scale)];
  const onContour = (x, y, own) =>
    scale > 1 &&
    [-2, -1, 1, 2].some((step) => labelAt(x + step, y) !== own || labelAt(x, y + step) !== own);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 4) {
      const pixel = Math.floor(y / scale) * size + Math.floor(x / scale);
      const grey = windowed(image[pixel], window);
      const label = labels ? labels[pixel] : 0;
      const share = label === 0 ? 0 : onContour(x, y, label) ? 1 : opacity;
      for (let channel = 0; channel < 3; channel++) {
        const colour = share === 0 ? grey : colours[label][channel];
        painted[at + channel] = grey + share * (colour - grey);
      }
      painted[at + 3] = 255;
    }
  }
  return painted;
}

/**
 * Puts painted pixels onto a canvas, which takes their size.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8ClampedArray} painted RGBA of a square.
 */
export function show(canvas, painted) {
  const side = Math.sqrt(painted.length / 4);
  [canvas.width, canvas.height] = [side, side];
  canvas.getContext("2d").putImageData(new ImageData(painted, side), 0, 0);
}

/**
 * The red, green and blue of "#RRGGBB".
 *
 * @param {string} hex
 * @returns {number[]} 0 to 255 each.
 */
export function rgb(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

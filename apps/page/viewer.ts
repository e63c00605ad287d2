/// <reference lib="dom" />
/**
 * The slices of a segmented scan on a canvas, the mask over them in colours.
 *
 * @module
 */
import { structureRgb } from "../../lib/reports/pictures/palette.ts";
import type { SlicesView } from "./view.ts";

/** How much of a structure's colour its inside and its border have. */
const [INSIDE, BORDER] = [0.35, 0.9];

/** What is shown of a scan. */
export interface View {
  /** Which slice, from 0. */
  slice: number;
  /** Which channel, from 0. */
  channel: number;
  /** Whether the mask is drawn. */
  masked: boolean;
}

/** Draws a slice, pixel by pixel; the canvas has the slice's proportions in mm. */
export function drawSlice(
  canvas: HTMLCanvasElement,
  { shape: [width, height], spacing, pictures, mask }: SlicesView,
  { slice, channel, masked }: View,
): void {
  Object.assign(canvas, { width, height });
  canvas.style.aspectRatio = `${width * spacing[0]} / ${height * spacing[1]}`;
  const pixels = width * height;
  const grey = pictures[channel].subarray(slice * pixels, (slice + 1) * pixels);
  const labels = mask.subarray(slice * pixels, (slice + 1) * pixels);
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < pixels; i++) {
    const label = masked ? labels[i] : 0;
    const share = label === 0 ? 0 : isBorder(labels, i, width) ? BORDER : INSIDE;
    const colour = label === 0 ? [0, 0, 0] : structureRgb(label);
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = mix(grey[i], colour[c], share);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** The slice that has most of the mask, or the middle one where none has any. */
export function fullestSlice({ shape: [width, height, depth], mask }: SlicesView): number {
  const counts = Array.from({ length: depth }, (_, slice) => {
    const labels = mask.subarray(slice * width * height, (slice + 1) * width * height);
    return labels.reduce((sum, label) => sum + Math.sign(label), 0);
  });
  const most = Math.max(...counts);
  return most > 0 ? counts.indexOf(most) : Math.floor(depth / 2);
}

/** Whether a neighbour has another label; what lies outside has none. */
function isBorder(labels: Uint8Array, at: number, width: number): boolean {
  const column = at % width;
  return labels[at] !== (labels[at - width] ?? 0) || labels[at] !== (labels[at + width] ?? 0) ||
    labels[at] !== (column > 0 ? labels[at - 1] : 0) ||
    labels[at] !== (column < width - 1 ? labels[at + 1] : 0);
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share);
}

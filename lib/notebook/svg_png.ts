/**
 * From SVG to PNG: GitHub shows PNG images in notebooks, but strips SVG of what is in it.
 *
 * @module
 */
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { FONT, FONT_FAMILY } from "./font.ts";
import resvg from "./resvg_module.js";

let started: Promise<void> | undefined;

/**
 * Draws an SVG document on white.
 *
 * @param svg The document; text in it is set in the font of this module, whatever it asks for.
 * @param zoom Pixels of the image per unit of the document.
 * @throws {Error} If it is no SVG document.
 */
export async function svgPng(svg: string, zoom = 1): Promise<Uint8Array<ArrayBuffer>> {
  await (started ??= initWasm(resvg));
  const renderer = new Resvg(svg, {
    background: "#ffffff",
    font: { fontBuffers: [FONT], defaultFontFamily: FONT_FAMILY, loadSystemFonts: false },
    fitTo: { mode: "zoom", value: zoom },
  });
  const image = renderer.render();
  try {
    return Uint8Array.from(image.asPng());
  } finally {
    image.free();
    renderer.free();
  }
}

/**
 * What backbones make of pixels: principal components as colours, and similarity to any pixel that
 * is clicked.
 *
 * @module
 */
import type { Structure } from "../../data/datasets/dataset.ts";
import { type Html, html } from "../html.ts";
import type { FeatureViews } from "../inputs/report_input.ts";
import { pack, toBytes } from "./pack.ts";
import type { FeaturesData } from "../page_data.ts";
import { colouredStructures, type Section, select } from "./section.ts";

/** The explorer's section; none where there is no pretraining. */
export function featuresSection(
  views: FeatureViews,
  structures: readonly Structure[],
): Section[] {
  if (views.pretrainings.length === 0) return [];
  const content = explorer(views.titles, views.pretrainings.map(({ name }) => name));
  const data = { features: packFeatures(views, structures) };
  return [{ id: "features", title: "Pixel features", content, data }];
}

function explorer(titles: readonly string[], pretrainings: readonly string[]): Html {
  return html`
    <p>
      What the backbones make of middle slices of test patients, before any label was seen. In the
      colours of the principal components, what has one colour is alike to the backbone, in a slice
      and between patients.
    </p>
    <p class="hint" id="feature-help">
      Click on a pixel, or reach a slice by the tab key and move by the arrow keys: below, all pixels
      of all slices show how similar their features are to that pixel's.
    </p>
    <div class="controls">
      ${select("feature-pretraining", { label: "Pretraining", options: pretrainings })}
    </div>
    <div class="maps" id="feature-maps" style="--columns:${titles.length}">
      ${row("image", "Slice", titles)} ${row("colours", "Principal components", titles)}
      ${row("similarity", "Similarity to the pixel", titles)}
    </div>
    <p class="hint">
      Cosine similarity, 0 or less <span class="scale" aria-hidden="true"></span> to 1. <span
        id="feature-kept"
      ></span>
    </p>
    <output id="feature-state" aria-live="polite"></output>
  `;
}

/** What the page's script reads. */
function packFeatures(
  { size, titles, images, labels, pretrainings }: FeatureViews,
  structures: readonly Structure[],
): FeaturesData {
  return {
    size,
    titles,
    structures: colouredStructures(structures),
    images: pack(toBytes(images)),
    labels: pack(labels),
    pretrainings: pretrainings.map(({ name, all, colours, values, scales, kept }) => ({
      name,
      dimensions: all,
      kept,
      colours: pack(toBytes(colours)),
      features: pack(values),
      scales: [...scales],
    })),
  };
}

function row(kind: string, heading: string, titles: readonly string[]): Html {
  const cells = titles.map((title, slice) =>
    html`
      <figure>
        <div class="cell">
          ${canvas(`feature-${kind}-${slice}`, { kind, heading, title, slice })}
          <span class="mark" data-slice="${slice}" hidden></span>
        </div>
        ${kind === "image" ? html`<figcaption>${title}</figcaption>` : ""}
      </figure>
    `
  );
  return html`<h3>${heading}</h3> ${cells}`;
}

/** The first row is where the keys choose a pixel; the others take clicks alone. */
function canvas(
  id: string,
  { kind, heading, title, slice }: { kind: string; heading: string; title: string; slice: number },
): Html {
  const label = `${heading}: ${title}`;
  return kind === "image"
    ? html`
      <canvas
        id="${id}" data-slice="${slice}" tabindex="0" role="application" aria-label="${label}"
        aria-describedby="feature-help"
      ></canvas>
    `
    : html`<canvas id="${id}" data-slice="${slice}" role="img" aria-label="${label}"></canvas>`;
}

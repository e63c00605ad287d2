import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { SweepRow } from "../../lib/experiments/result.ts";
import { renderReport } from "../../lib/reports/report.ts";
import type { ScanView } from "../../lib/reports/inputs/report_input.ts";
import { random } from "../../lib/math/random.ts";
import {
  bare,
  casesOf,
  featureViews,
  FIGURES,
  hostile,
  input,
  resultOf,
  row,
  rows,
  scanView,
} from "./example.ts";

/** Bytes that a report may have. */
const LIMIT = 8_000_000;

/** The page without its three scripts, and the scripts' contents. */
function take(page: string): { markup: string; scripts: string[] } {
  const scripts: string[] = [];
  const markup = page.replace(/<script[^>]*>(.*?)<\/script>/gs, (_, content) => {
    scripts.push(content);
    return "";
  });
  return { markup, scripts };
}

Deno.test("renderReport() shows the finding, the rows, and all that there is to look at", () => {
  const { markup, scripts } = take(renderReport(input));
  assert.match(markup, /With 1 labelled patient, pix2rep adapted by fine-tuning reaches/);
  assert.match(
    markup,
    /as good as this with 1, by its curve \(95 % confidence interval [\d.]+ to \S+\)<\/dt>\s*<dd>4\.3</,
  );
  assert.match(markup, /0\.710 ± 0\.014/);
  assert.match(markup, /<option selected>patient001 · ED<\/option>/);
  for (
    const text of [
      "2 min 0 s",
      "linux x64, 2 threads",
      "1.25 GB at most",
      "2026-03-01",
      "patient011",
    ]
  ) {
    assert.ok(markup.includes(text), text);
  }
  assert.doesNotMatch(markup, /NaN|undefined|Infinity|null/);
  const { figures, tables, ...data } = JSON.parse(scripts[0]);
  for (const id of Object.keys({ ...figures, ...tables })) {
    assert.ok(markup.includes(`id="${id}"`), id);
  }
  assert.deepEqual(Object.keys(figures), FIGURES);
  assert.deepEqual(Object.keys(data), ["patients", "slices", "features"]);
  const linked = [...markup.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  const sections = [...markup.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(linked, sections);
});

Deno.test("renderReport() marks what differs from scratch, corrected for all comparisons", () => {
  const { markup } = take(renderReport(input));
  const lines = [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
    line.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ").trim()
  );
  // All 8 patients fare better: p is 2 / 2⁸, and twice that for the two comparisons.
  assert.ok(
    lines.some((line) => line.startsWith("Fine-tuned, pix2rep 1 0.710 ± 0.014 +0.190 0.016 *")),
  );
  assert.ok(lines.some((line) => line.startsWith("From scratch 1 0.520 ± 0.028 – – ")));
});

Deno.test("renderReport() lists the worst scans of the best model, with links to what is shown", () => {
  const { markup } = take(renderReport(input));
  const worst = markup.slice(markup.indexOf("Worst cases"));
  assert.match(worst, /Fine-tuned, pix2rep, 1 patient, seed 0/);
  const scans = [...worst.matchAll(/<th scope="row">\s*(\S+ · ED)/g)].map(([, scan]) => scan);
  assert.deepEqual(
    scans,
    input.cases[0].cases.filter((_, i) => i % 2 === 0).map(({ patient }) => `${patient} · ED`),
  );
  const links = [...worst.matchAll(/data-scan="(\d)" data-model="(\d)"/g)].map(([, ...n]) => n);
  assert.deepEqual(links, [["0", "1"], ["1", "1"]]);
});

/** The page's content security policy, by directive. */
function contentPolicy(markup: string): Record<string, string> {
  const content = markup.match(/Content-Security-Policy" content="([^"]*)"/)![1];
  const directives = content.replaceAll("&#39;", "'").split("; ");
  return Object.fromEntries(directives.map((directive) => directive.split(/ (.*)/)));
}

Deno.test("renderReport() loads nothing from anywhere", () => {
  const { markup, scripts } = take(renderReport(input));
  assert.equal(scripts.length, 3);
  assert.doesNotMatch(markup, /https?:/);
  assert.doesNotMatch(markup, /@import|url\(|<link|<iframe|http-equiv="refresh"/i);
  const policy = contentPolicy(markup);
  assert.equal(policy["default-src"], "'none'");
  assert.equal(policy["form-action"], "'none'");
  assert.equal(policy["img-src"], "data: blob:");
});

Deno.test("renderReport() offers no way to send a chart away", () => {
  const [, , script] = take(renderReport(input)).scripts;
  assert.match(script, /showSendToCloud: false/);
  assert.match(script, /plotlyServerURL: ""/);
});

Deno.test("renderReport() lets its own two scripts run, and no other", () => {
  const { markup, scripts } = take(renderReport(input));
  const hashes = scripts.slice(1).map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  assert.equal(contentPolicy(markup)["script-src"], hashes.join(" "));
});

Deno.test("renderReport() keeps below 8 MB, for many runs and for pixels that do not compress", () => {
  const settings = Array.from({ length: 59 }, (_, i): [string, string, number] => [
    i < 5 ? "none" : `pretraining-${i % 6}`,
    i < 5 ? "scratch" : ["probe", "finetune", "mean-teacher"][i % 3],
    [1, 2, 5, 10, 20][i % 5],
  ]);
  const many: SweepRow[] = settings.flatMap((setting) =>
    [0, 1, 2].map((seed) => row(setting, seed, 0.5))
  );
  const source = random("incompressible");
  const noise = (length: number) => Float32Array.from({ length }, () => source.uniform());
  const scan: ScanView = {
    ...scanView("patient001"),
    width: 128,
    height: 128,
    depth: 152,
    numbers: Array.from({ length: 152 }, (_, i) => i),
    images: noise(152 * 128 ** 2),
    reference: blocks(152 * 128 ** 2),
    predictions: Array.from({ length: 20 }, () => blocks(152 * 128 ** 2)),
  };
  const features = featureViews(Array.from({ length: 6 }, (_, i) => `pretraining-${i}`));
  const count = 4 * 64 ** 2;
  const page = renderReport({
    ...input,
    result: resultOf(many),
    cases: many.map(casesOf),
    trainingCurves: Array.from({ length: 18 }, (_, i) => ({
      name: `curve ${i}`,
      group: i < 6 ? "Pretraining" : "Adaptation",
      points: Array.from({ length: 10_000 }, (_, step) => ({ step, loss: source.uniform() })),
    })),
    slices: {
      ...input.slices,
      models: scan.predictions.map((_, i) => ({ name: `model ${i}`, group: "" })),
      scans: [scan],
    },
    features: {
      ...features,
      size: 64,
      images: noise(count),
      labels: blocks(count),
      pretrainings: features.pretrainings.map((pretraining) => ({
        ...pretraining,
        values: Int8Array.from(noise(15 * count), (x) => 255 * x - 128),
        colours: noise(3 * count),
      })),
    },
  });
  assert.ok(page.length < LIMIT, `${page.length} bytes`);
});

/** Labels in blocks, as masks have them. */
function blocks(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i >> 4) % 7 === 0 ? 1 + (i >> 9) % 3 : 0);
}

Deno.test("renderReport() escapes hostile names wherever they stand", () => {
  const { markup, scripts } = take(renderReport(hostile(`"'</script><script>alert(1)</script>`)));
  assert.equal(scripts.length, 3);
  assert.doesNotMatch(markup, /<script|alert\(1\)<[^/]|&(?!amp;|lt;|gt;|quot;|#39;)/);
  assert.doesNotMatch(scripts[0], /</);
  assert.equal(JSON.parse(scripts[0]).figures["training-1"].data.length, 1);
});

Deno.test("renderReport() reports a sweep of one run, with nothing to compare", () => {
  const page = renderReport({ ...bare, result: resultOf([row(["none", "scratch", 1], 0, 0.5)]) });
  const { markup, scripts } = take(page);
  assert.match(markup, /does not say whether pretraining helps/);
  assert.match(markup, /<td class="number">0\.500<\/td>/);
  assert.doesNotMatch(
    markup,
    /NaN|undefined|<h2[^>]*>(Training|Test|Pixel|Representation|Notes)/,
  );
  assert.deepEqual(Object.keys(JSON.parse(scripts[0])), ["figures", "tables"]);
});

Deno.test("renderReport() shows the worst cases of a single setting, without a chart", () => {
  const one = rows.slice(0, 1);
  const { markup, scripts } = take(
    renderReport({ ...bare, result: resultOf(one), cases: one.map(casesOf) }),
  );
  assert.match(markup, /Worst cases/);
  assert.deepEqual(Object.keys(JSON.parse(scripts[0]).figures), ["label-efficiency"]);
});

Deno.test("renderReport() shows a dash for distances that no volume has", () => {
  const none = { ...rows[0], hd95_mm: { mean: null }, assd_mm: { mean: null } };
  assert.match(renderReport({ ...input, result: resultOf([none]) }), /<td class="number">–<\/td>/);
});

Deno.test("renderReport() rejects a result without rows, and pictures of a wrong size", () => {
  assert.throws(
    () => renderReport({ ...input, result: resultOf([]) }),
    new RangeError("Expected a result with at least one row to report, found none"),
  );
  const scans = [{ ...scanView("patient001"), images: new Float32Array(7) }];
  assert.throws(
    () => renderReport({ ...input, slices: { ...input.slices, scans } }),
    new RangeError("patient001 · ED: expected 4 slices of 8 × 8 pixels, found 7 pixels"),
  );
  assert.throws(
    () =>
      renderReport({ ...input, slices: { ...input.slices, models: input.slices.models.slice(1) } }),
    new RangeError("patient001 · ED: expected predictions of 2 models, found 3"),
  );
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pageScript } from "../../lib/reports/page_script.ts";
import { renderReport, type ReportInput } from "../../lib/reports/report.ts";
import { input, resultOf, row, rows } from "./example.ts";

/** The page without its three scripts, and the scripts' contents. */
function take(page: string): { markup: string; scripts: string[] } {
  const scripts: string[] = [];
  const markup = page.replace(/<script[^>]*>(.*?)<\/script>/gs, (_, content) => {
    scripts.push(content);
    return "";
  });
  return { markup, scripts };
}

Deno.test("renderReport() shows the finding, the rows, the curves and the slices", () => {
  const { markup, scripts } = take(renderReport(input));
  assert.match(markup, /With 1 labelled patient, fine-tuning from pix2rep reaches/);
  assert.match(markup, /0\.710 ± 0\.014/);
  assert.match(markup, /<caption>/);
  assert.match(markup, /patient001 · ED · slice 3/);
  assert.match(markup, /2 min 0 s/);
  assert.equal(markup.match(/<img src="data:image\/png;base64,/g)?.length, 3);
  assert.doesNotMatch(markup, /NaN|undefined|Infinity|null/);
  const figures = JSON.parse(scripts[0]);
  for (const id of Object.keys(figures)) assert.ok(markup.includes(`id="${id}"`));
  assert.deepEqual(Object.keys(figures), ["label-efficiency", "training-1"]);
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
  assert.match(pageScript, /showSendToCloud: false/);
  assert.match(pageScript, /plotlyServerURL: ""/);
});

Deno.test("renderReport() lets its own two scripts run, and no other", () => {
  const { markup, scripts } = take(renderReport(input));
  const hashes = scripts.slice(1).map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  assert.equal(contentPolicy(markup)["script-src"], hashes.join(" "));
});

Deno.test("renderReport() escapes hostile names wherever they stand", () => {
  const evil = `"'</script><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const hostile: ReportInput = {
    title: evil,
    result: {
      ...resultOf(rows.map((each) => ({
        ...each,
        pretraining: each.pretraining === "none" ? "none" : evil,
        dice: { ...each.dice, [evil]: 0.5 },
      }))),
      dataset: evil,
      config: { [evil]: evil },
    },
    trainingCurves: [{ name: evil, group: evil, points: [{ step: 1, loss: 1 }] }],
    overlays: input.overlays.map((overlay) => ({
      ...overlay,
      patient: evil,
      phase: evil,
      predictions: [{ ...overlay.predictions[0], name: evil }],
    })),
    structures: [{ label: 1, name: evil }],
    environment: { backend: evil, adapter: evil, deno: evil, seconds: 1 },
    notes: [evil],
  };
  const { markup, scripts } = take(renderReport(hostile));
  assert.equal(scripts.length, 3);
  assert.doesNotMatch(markup, /<script|<img src=x|alert\(1\)</);
  assert.doesNotMatch(scripts[0], /</);
  assert.equal(JSON.parse(scripts[0])["training-1"].data.length, 1);
});

Deno.test("renderReport() reports a sweep of one run, with nothing to compare", () => {
  const page = renderReport({
    ...input,
    result: resultOf([row(["none", "scratch", 1], 0, 0.5)]),
    trainingCurves: [],
    overlays: [],
    notes: [],
  });
  const { markup } = take(page);
  assert.match(markup, /does not say whether pretraining helps/);
  assert.match(markup, /<td class="number">0\.500<\/td>/);
  assert.doesNotMatch(markup, /NaN|undefined|<h2>(Training|Test slices|Notes)/);
});

Deno.test("renderReport() shows a dash for distances that no volume has", () => {
  const none = { ...rows[0], hd95_mm: { mean: null }, assd_mm: { mean: null } };
  assert.match(renderReport({ ...input, result: resultOf([none]) }), /<td class="number">–<\/td>/);
});

Deno.test("renderReport() rejects a result without rows", () => {
  assert.throws(
    () => renderReport({ ...input, result: resultOf([]) }),
    new RangeError("Expected a result with at least one row to report, found none"),
  );
});

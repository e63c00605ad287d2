/// <reference lib="dom" />
/** The pages of an evaluation, an adaptation, predictions, and a run of all. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { renderAdaptation } from "../../lib/reports/adaptation_report.ts";
import { renderEvaluation } from "../../lib/reports/evaluation_report.ts";
import { expectAccessible } from "../support/accessible.ts";
import { openPage, withChromium } from "../support/chromium.ts";
import { renderRun } from "../../lib/reports/run_report.ts";
import { renderPrediction } from "../../lib/reports/prediction_report.ts";
import { adaptation, evaluation, prediction, run } from "../reports/page_examples.ts";

const PAGES: Record<string, string> = {
  "an adaptation": renderAdaptation(adaptation),
  "a run from scans to masks": renderRun(run),
  "an evaluation": renderEvaluation(evaluation),
  "predicted masks": renderPrediction(prediction),
};

async function text(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector))!.replaceAll(/\s+/g, " ").trim();
}

for (const [name, html] of Object.entries(PAGES)) {
  Deno.test(
    withChromium(`the page of ${name} fits every width, and axe finds nothing wrong`),
    () =>
      openPage(html, async ({ page, errors, requests }) => {
        await page.waitForSelector("#slice-state:not(:empty)");
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          for (const width of [390, 820, 1280]) {
            await page.setViewportSize({ width, height: 900 });
            await expectAccessible(page);
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
          }
        }
        assert.deepEqual(errors, []);
        assert.deepEqual(requests, []);
      }),
  );
}

Deno.test(
  withChromium("an evaluation's page shows its scans, and saves its metrics"),
  () =>
    openPage(PAGES["an evaluation"], async ({ page, errors }) => {
      await page.waitForSelector("#slice-state:not(:empty)");
      assert.equal(
        await text(page, "#slice-state"),
        "patient002 · ED, slice 3 of 4. Prediction: Dice LV 0.00.",
      );
      await page.click("button[aria-label='Show patient001 · ED']");
      assert.match(await text(page, "#slice-state"), /^patient001 · ED, slice 3 of 4/);
      await page.keyboard.press("Home");
      assert.match(await text(page, "#slice-state"), /slice 1 of 4\. Prediction: Dice LV 1\.00/);
      assert.equal(await page.$("#slice-models"), null);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click("#scans-csv"),
      ]);
      assert.equal(download.suggestedFilename(), "metrics.csv");
      assert.equal(await Deno.readTextFile(await download.path()), evaluation.csv);
      assert.deepEqual(errors, []);
    }),
);

Deno.test(
  withChromium("the page of predicted masks is skimmed through by pictures and by keys"),
  () =>
    openPage(PAGES["predicted masks"], async ({ page, errors }) => {
      await page.waitForSelector("#slice-state:not(:empty)");
      // Where its mask is: the middle slices have none.
      assert.equal(await text(page, "#slice-state"), "scan2, slice 1 of 4.");
      assert.equal(await page.$("#slice-reference"), null);
      const pressed = () =>
        page.$$eval(
          "#slice-gallery button",
          (buttons) => buttons.map((button) => button.getAttribute("aria-pressed")),
        );
      assert.deepEqual(await pressed(), ["true", "false"]);
      await page.click("#slice-gallery button:nth-of-type(2)");
      assert.equal(await text(page, "#slice-state"), "scan1, slice 1 of 4.");
      assert.deepEqual(await pressed(), ["false", "true"]);
      await page.keyboard.press("ArrowLeft");
      assert.match(await text(page, "#slice-state"), /^scan2/);
      const painted = await page.$$eval(
        "#slice-gallery canvas",
        (all) => all.map((canvas) => (canvas as HTMLCanvasElement).width),
      );
      assert.deepEqual(painted, [8, 8]);
      assert.deepEqual(errors, []);
    }),
);

Deno.test(
  withChromium("letters tell where the edges of slices lie, of scans whose affine does alone"),
  () => {
    const [known, unknown] = prediction.slices.scans;
    const sides = { left: "R", right: "L", top: "A", bottom: "P" };
    const slices = { ...prediction.slices, scans: [{ ...known, sides }, unknown] };
    return openPage(renderPrediction({ ...prediction, slices }), async ({ page, errors }) => {
      await page.waitForSelector("#slice-state:not(:empty)");
      const marks = () =>
        page.$$eval(
          "#slice-image ~ .side",
          (all) => all.map((mark) => (mark as HTMLElement).dataset.edge + mark.textContent!),
        );
      const picture = () => page.getAttribute("#slice-prediction", "aria-label");
      assert.deepEqual(await marks(), ["leftR", "rightL", "topA", "bottomP"]);
      assert.match((await picture())!, /of 4; the patient's right on the left, front above$/);
      assert.match(await text(page, "#slices"), /Letters at the edges tell the patient's right/);
      await expectAccessible(page);
      await page.click("#scan-after");
      assert.deepEqual(await marks(), ["left", "right", "top", "bottom"]);
      assert.match((await picture())!, /of 4$/);
      assert.deepEqual(errors, []);
    });
  },
);

Deno.test(
  withChromium("a run's page shows a reference where there is one, and saves both tables"),
  () =>
    openPage(PAGES["a run from scans to masks"], async ({ page, errors }) => {
      await page.waitForSelector("#slice-state:not(:empty)");
      const pictures = async () =>
        await page.$$eval(
          "#slice-viewer figure:not([hidden]) figcaption",
          (all) => all.map(({ textContent }) => textContent),
        );
      assert.equal(await text(page, "#slice-state"), "scan2, slice 1 of 4.");
      assert.deepEqual(await pictures(), ["Image", "Prediction"]);
      assert.equal(await page.isVisible("#slice-errors"), false);
      assert.equal(await page.$(".side"), null);
      await page.click("button[aria-label='Show patient001 · ED']");
      assert.match(await text(page, "#slice-state"), /^patient001 · ED.*Prediction: Dice LV/);
      assert.deepEqual(await pictures(), ["Image", "Reference", "Prediction", "Error"]);
      assert.equal(await page.isVisible("#slice-errors"), true);
      await page.click("#slice-gallery button:nth-of-type(1)");
      assert.deepEqual(await pictures(), ["Image", "Prediction"]);
      for (const [button, name] of [["#masks-csv", "volumes.csv"], ["#scans-csv", "metrics.csv"]]) {
        const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
        assert.equal(download.suggestedFilename(), name);
      }
      assert.deepEqual(errors, []);
    }),
);

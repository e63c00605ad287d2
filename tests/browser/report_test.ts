/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { renderReport } from "../../lib/reports/report.ts";
import { FIGURES, hostile, input, SIZE } from "../reports/example.ts";
import { rowsCsv } from "../../lib/experiments/rows_csv.ts";
import { expectAccessible } from "../support/accessible.ts";
import { type Look, openPage, withChromium } from "../support/chromium.ts";

const report = renderReport(input);

/** A test that opens a report, of which nothing may go wrong. */
function reportTest(
  name: string,
  body: (page: Page) => Promise<void>,
  { html = report, ...look }: Look & { html?: string } = {},
): void {
  Deno.test(withChromium(name), () =>
    openPage(html, async ({ page, errors, requests }) => {
      // The last thing that the page's script brings to life.
      await page.waitForSelector("#feature-state:not(:empty)");
      await body(page);
      assert.deepEqual(errors, []);
      assert.deepEqual(requests, []);
    }, look));
}

/** The text of an element. */
async function text(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector))!.replaceAll(/\s+/g, " ").trim();
}

/** How many pixels of a canvas have another red than green or blue. */
async function coloured(page: Page, selector: string): Promise<number> {
  return await page.$eval(selector, (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!
      .getImageData(0, 0, width, height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) count++;
    }
    return count;
  });
}

reportTest("the report draws each figure with its data", async (page) => {
  const drawn = await page.$$eval(".plot", (plots) =>
    plots.map((plot) => ({
      id: plot.id,
      label: plot.getAttribute("aria-label"),
      traces: (plot as unknown as { data: { x: number[]; y: number[] }[] }).data
        .map(({ x, y }) => [x.length, y.length]),
      lines: plot.querySelectorAll(".scatterlayer .trace").length,
    })));
  assert.deepEqual(drawn.map(({ id }) => id), FIGURES);
  for (const { id, traces, lines, label } of drawn) {
    assert.ok(label, id);
    assert.equal(lines, traces.length, id);
    assert.ok(traces.every(([x, y]) => x > 0 && x === y), id);
  }
  assert.match(drawn[6].label!, /pix2rep: 5 at step 1, 4 at step 2/);
});

reportTest("the slice browser turns slices and scans by keys", async (page) => {
  const state = () => text(page, "#slice-state");
  assert.equal(
    await state(),
    "patient001 · ED, slice 3 of 4. From scratch, 1 labelled patient: Dice LV 0.00.",
  );
  await page.focus("#slice-viewer");
  const press = async (key: string) => {
    await page.keyboard.press(key);
    return (await state()).replace(/\. .*/, "");
  };
  assert.equal(await press("ArrowDown"), "patient001 · ED, slice 4 of 4");
  assert.equal(await press("ArrowDown"), "patient001 · ED, slice 4 of 4");
  assert.equal(await press("ArrowRight"), "patient002 · ED, slice 4 of 4");
  assert.equal(await press("ArrowUp"), "patient002 · ED, slice 3 of 4");
  assert.equal(await press("Home"), "patient002 · ED, slice 1 of 4");
  assert.equal(await press("ArrowLeft"), "patient001 · ED, slice 1 of 4");
  assert.equal(await press("End"), "patient001 · ED, slice 4 of 4");
  assert.equal(
    await page.getAttribute("#slice-reference", "aria-label"),
    "Reference: patient001 · ED, slice 4 of 4",
  );
});

reportTest("the slice browser reacts to clicks", async (page) => {
  const state = () => text(page, "#slice-state");
  await page.click("#slice-after");
  assert.match(await state(), /slice 4 of 4/);
  await page.click("#slice-before");
  await page.click("#slice-before");
  assert.match(await state(), /slice 2 of 4/);
  await page.click("#scan-after");
  assert.match(await state(), /^patient002/);
  assert.equal(await page.inputValue("#slice-scan"), "patient002 · ED");
  await page.selectOption("#slice-scan", "patient001 · ED");
  assert.match(await state(), /^patient001/);
  await page.click("#slice-models button:nth-of-type(2)");
  assert.match(await state(), /Fine-tuned, pix2rep, 1 labelled patient: Dice LV 1\.00\.$/);
  const pressed = await page.$$eval(
    "#slice-models button",
    (buttons) => buttons.map((button) => button.getAttribute("aria-pressed")),
  );
  assert.deepEqual(pressed, ["false", "true", "false"]);
  await page.click("#scan-before");
  await page.click("button[data-scan='1']");
  assert.match(await state(), /^patient002 · ED, slice 3 of 4\. Fine-tuned/);
  assert.equal(await page.evaluate(() => document.activeElement!.id), "slice-viewer");
});

reportTest("the slice browser shows the models of every number of patients", async (page) => {
  const state = () => text(page, "#slice-state");
  const seen = () =>
    page.$$eval(
      "#slice-models button:not([hidden])",
      (buttons) => buttons.map((button) => button.textContent!.replaceAll(/\s+/g, " ").trim()),
    );
  assert.deepEqual(await seen(), ["From scratch Dice 0.00", "Fine-tuned, pix2rep Dice 1.00"]);
  await page.click("#slice-models button:nth-of-type(2)");
  await page.selectOption("#slice-group", "5 labelled patients");
  assert.match(await state(), /Fine-tuned, pix2rep, 5 labelled patients: Dice LV 0\.00\.$/);
  assert.deepEqual(await seen(), ["Fine-tuned, pix2rep Dice 0.00"]);
  await page.focus("#slice-viewer");
  await page.keyboard.press("Home");
  assert.deepEqual(await seen(), ["Fine-tuned, pix2rep Dice 1.00"]);
  // A link to a model chooses its number of patients too.
  await page.click("button[data-scan='1']");
  assert.equal(await page.inputValue("#slice-group"), "1 labelled patient");
});

reportTest("the slice browser opens where it is told to", async (page) => {
  assert.match(
    await text(page, "#slice-state"),
    /^patient002 · ED, slice 3 of 4\. Fine-tuned, pix2rep, 5 labelled/,
  );
  assert.equal(await page.inputValue("#slice-scan"), "patient002 · ED");
  assert.equal(await page.inputValue("#slice-group"), "5 labelled patients");
}, { html: renderReport({ ...input, slices: { ...input.slices, first: { scan: 1, model: 2 } } }) });

reportTest("the rows are saved as CSV, made in the page", async (page) => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#results-csv")]);
  assert.equal(download.suggestedFilename(), "result.csv");
  const saved = await Deno.readTextFile(await download.path());
  assert.equal(saved, rowsCsv(input.result.rows));
  assert.equal(saved.split("\r\n").length, 1 + input.result.rows.length + 1);
});

const { scans } = input.slices;
const channels = ["T1", "T2"];

/** The example with a second channel, in which every pixel has the other's grey turned round. */
const twoChannels = renderReport({
  ...input,
  slices: {
    ...input.slices,
    channels,
    scans: scans.map((scan) => ({
      ...scan,
      images: Float32Array.from([...scan.images].flatMap((grey) => [grey, 1 - grey])),
    })),
  },
});

reportTest("the slice browser shows the channel that is chosen", async (page) => {
  const corner = () =>
    page.$eval("#slice-image", (canvas) => {
      const { width } = canvas as HTMLCanvasElement;
      const context = (canvas as HTMLCanvasElement).getContext("2d")!;
      return [context.getImageData(0, 0, 1, 1).data[0], width];
    });
  const options = await page.$$eval(
    "#slice-channel option",
    (all) => all.map(({ textContent }) => textContent),
  );
  assert.deepEqual(options, channels);
  const [dark, width] = await corner();
  await page.selectOption("#slice-channel", "T2");
  assert.deepEqual([dark, await corner()], [0, [255, width]]);
  assert.match(await text(page, "#slice-state"), /^patient001 · ED, slice 3 of 4\. From scratch/);
  await page.click("#slice-after");
  assert.deepEqual(await corner(), [255, width]);
}, { html: twoChannels });

reportTest("the slice browser offers no choice of one channel", async (page) => {
  assert.equal(await page.$("#slice-channel"), null);
});

reportTest("the slice browser turns by the wheel once it has the focus", async (page) => {
  const state = () => text(page, "#slice-state");
  await page.hover("#slice-image");
  await page.mouse.wheel(0, -50);
  assert.match(await state(), /slice 3 of 4/);
  await page.click("#slice-image");
  await page.mouse.wheel(0, -50);
  await page.waitForFunction(() =>
    /slice 2 of 4/.test(document.getElementById("slice-state")!.textContent!)
  );
  await page.mouse.wheel(0, 50);
  await page.waitForFunction(() =>
    /slice 3 of 4/.test(document.getElementById("slice-state")!.textContent!)
  );
});

reportTest("the slice browser shows masks, errors, and the window that is set", async (page) => {
  assert.equal(await coloured(page, "#slice-image"), 0);
  // Slice 3 has 3 of 8 × 8 pixels of LV, each painted 48 × 48; the first model finds none of them.
  const mask = 3 * 48 * 48;
  assert.equal(await coloured(page, "#slice-reference"), mask);
  assert.equal(await coloured(page, "#slice-prediction"), 0);
  assert.equal(await coloured(page, "#slice-error"), mask);
  await page.click("#slice-models button:nth-of-type(2)");
  assert.equal(await coloured(page, "#slice-prediction"), mask);
  assert.equal(await coloured(page, "#slice-error"), 0);
  const brightest = () =>
    page.$eval("#slice-image", (canvas) => {
      const { width } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!
        .getImageData(width - 1, width - 1, 1, 1);
      return data[0];
    });
  assert.equal(await brightest(), Math.round(255 * (SIZE * SIZE - 1) / (SIZE * SIZE)));
  await page.fill("#slice-level", "100");
  assert.equal(await brightest(), 123);
  await page.fill("#slice-width", "1");
  assert.equal(await brightest(), 0);
  await page.click("#slice-reset");
  assert.equal(await brightest(), 251);
});

reportTest(
  "the features show the similarity to a pixel that is clicked, or moved to",
  async (page) => {
    const state = () => text(page, "#feature-state");
    // Left is LV and one direction, right the background and the other.
    const left = "Mean similarity in all slices: background 0.00, LV 1.00.";
    assert.equal(await state(), `pix2rep: pixel 2, 4 of patient001 · ED, slice 2 (LV). ${left}`);
    const { width, height } = (await (await page.$("#feature-image-1"))!.boundingBox())!;
    const position = { x: width * 6.5 / SIZE, y: height * 1.5 / SIZE };
    await page.click("#feature-image-1", { position });
    const right = "Mean similarity in all slices: background 1.00, LV 0.00.";
    assert.equal(
      await state(),
      `pix2rep: pixel 6, 1 of patient002 · ED, slice 3 (background). ${right}`,
    );
    const colours = await page.$eval("#feature-similarity-0", (canvas) => {
      const context = (canvas as HTMLCanvasElement).getContext("2d")!;
      return [1, 6].map((x) => [...context.getImageData(x, 4, 1, 1).data]);
    });
    assert.deepEqual(colours, [[0, 34, 78, 255], [254, 232, 56, 255]]);
    await page.focus("#feature-image-1");
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
    assert.match(await state(), /pixel 3, 1 of patient002 .* \(LV\)/);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.match(await state(), /pixel 3, 0 of/);
    const marks = await page.$$eval(".mark:not([hidden])", (found) => found.length);
    assert.equal(marks, 3);
    assert.match(await text(page, "#feature-kept"), /2 of 2 dimensions, 100 % of/);
  },
);

reportTest("the chart of patients compares the settings that are chosen", async (page) => {
  assert.equal(
    await text(page, "#patients-state"),
    "Fine-tuned, pix2rep, 1 patient is better than From scratch, 1 patient in 8 of 8 patients; the " +
      "mean difference in Dice is +0.190.",
  );
  await page.selectOption("#patients-up", "From scratch, 1 patient");
  await page.selectOption("#patients-across", "Fine-tuned, pix2rep, 5 patients");
  assert.match(await text(page, "#patients-state"), /in 0 of 8 .* −0\.285\.$/);
  const { x, title } = await page.$eval("#patients-chart", (chart) => {
    const { data, layout } = chart as unknown as {
      data: { x: number[] }[];
      layout: { xaxis: { title: { text: string } } };
    };
    return { x: data.flatMap(({ x }) => x), title: layout.xaxis.title.text };
  });
  assert.equal(title, "Dice: Fine-tuned, pix2rep, 5 patients");
  assert.equal(x.length, 8);
  assert.ok(Math.abs(x.reduce((sum, dice) => sum + dice) / 8 - 0.805) < 1e-3);
});

/** The colours of the page, and of the text of its first chart. */
async function colours(page: Page): Promise<string[]> {
  return await page.evaluate(() => [
    getComputedStyle(document.body).backgroundColor,
    document.querySelector<SVGElement>("#label-efficiency .xtitle")!.style.fill,
  ]);
}
const LIGHT = ["rgb(255, 255, 255)", "rgb(27, 31, 36)"];
const DARK = ["rgb(18, 22, 27)", "rgb(228, 232, 236)"];

reportTest(
  "the report is dark where that is preferred, until its button is pressed",
  async (page) => {
    assert.deepEqual(await colours(page), DARK);
    assert.equal(await page.getAttribute("#theme", "aria-pressed"), "true");
    await page.click("#theme");
    assert.deepEqual(await colours(page), LIGHT);
    assert.equal(await page.getAttribute("#theme", "aria-pressed"), "false");
  },
  { colorScheme: "dark" },
);

reportTest("the report is light otherwise, and always on paper", async (page) => {
  assert.deepEqual(await colours(page), LIGHT);
  await page.click("#theme");
  assert.deepEqual(await colours(page), DARK);
  await page.emulateMedia({ media: "print" });
  await page.waitForFunction(
    (colour) =>
      document.querySelector<SVGElement>("#label-efficiency .xtitle")!.style.fill === colour,
    LIGHT[1],
  );
  assert.deepEqual(await colours(page), LIGHT);
  assert.equal(await page.isVisible("#slice-reset"), false);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.isVisible("#origin pre"), true);
});

reportTest("the report fits a phone", async (page) => {
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.deepEqual(wide, [390, 390]);
  // What matters most of a table is seen without scrolling it: its Dice.
  for (const table of ["#results", "#patients"]) {
    const right = await page.$$eval(
      `${table} th`,
      (heads) =>
        heads.find(({ textContent }) => textContent === "Dice")!.getBoundingClientRect().right,
    );
    assert.ok(right <= 390 - 16, `${table}: ${right}`);
  }
  // No word of the title is broken: its lines are those of its words.
  const lines = await page.$eval(
    "h1",
    (title) => Math.round(title.clientHeight / parseFloat(getComputedStyle(title).lineHeight)),
  );
  assert.equal(lines, 1);
}, { width: 390 });

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 820, 1280]) {
    reportTest(
      `axe finds nothing wrong with the report, ${width} pixels wide, ${colorScheme}`,
      (page) => expectAccessible(page),
      { colorScheme, width },
    );
  }
}

reportTest("all that reacts can be reached by keys and has a name", async (page) => {
  const nameless = await page.$$eval(
    "button, select, input, canvas, [tabindex]",
    (elements) =>
      elements.filter((element) =>
        !element.closest("[aria-hidden=true]") && element.tagName !== "PRE" &&
        !element.closest("label") && !element.getAttribute("aria-label") &&
        !element.textContent!.trim()
      ).map(({ outerHTML }) => outerHTML),
  );
  assert.deepEqual(nameless, []);
  const reached = new Set<string>();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement!.id));
  }
  for (const id of ["theme", "patients-up", "slice-viewer", "slice-width", "feature-image-1"]) {
    assert.ok(reached.has(id), id);
  }
});

const evil = `<img src=x onerror="document.title='evil'"><b>&amp;</b>'"`;
reportTest("the report shows hostile names as they are", async (page) => {
  assert.equal(await text(page, "h1"), evil);
  assert.equal(await page.title(), evil);
  assert.match(await text(page, "#slice-state"), /^<img src=x .*<b>&amp;<\/b>/);
  assert.match(await text(page, "#feature-state"), /^<img src=x /);
  await page.selectOption("#patients-up", { index: 3 });
  assert.match(await text(page, "#patients-state"), /5 patients is better than/);
  assert.ok((await text(page, "#patients-chart")).includes(evil));
  assert.equal((await page.$$("main b, main img, header b, header img")).length, 0);
}, { html: renderReport(hostile(evil)) });

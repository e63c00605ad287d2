/** Whatever the pages tell of time, memory and speed says when it was measured. */
import assert from "node:assert/strict";
import { pages } from "./commands.ts";
import { page } from "./results.ts";

/** A duration, a size in memory, a rate, or a number of times as fast. */
const FIGURE = new RegExp(
  String.raw`\b(\d[\d.,]*|half an?|few|tens of) ?` +
    String
      .raw`([µm]?s|min|minutes?|seconds?|hours?|[kMGT]i?B(/s)?|[GT]FLOP/s|times as (fast|long))\b`,
  "g",
);

/** A day, such as 25 November 2026. */
const DAY = /\b\d{1,2} (and \d{1,2} )?[A-Z][a-z]+ 20\d\d\b/;

/** What was not measured: limits and settings by page, in words around them. */
const LIMITS: Record<string, string[]> = {
  "docs/configuration.md": ["with a small U-Net; tens of minutes on two cores"],
  "docs/tasks.md": ["stays below 8 MB", "may take 2 GiB"],
};

for (const path of pages().filter((path) => path !== "CHANGELOG.md")) {
  Deno.test(`${path} tells when it measured its times, sizes and rates`, () => {
    const text = page(path).replaceAll(/^```.*?^```/gms, "").replaceAll(
      /(?<!\n)\n(?![\n|#-])/g,
      " ",
    );
    const limits = LIMITS[path] ?? [];
    for (const limit of limits) assert.ok(text.includes(limit), `${path}: no "${limit}" any more`);
    const [preamble, ...sections] = text.split(/^(?=## )/m);
    if (DAY.test(preamble)) return;
    const undated = [preamble, ...sections].filter((section) => !DAY.test(section))
      .map((section) => limits.reduce((left, limit) => left.replace(limit, ""), section))
      .flatMap((section) =>
        [...section.matchAll(FIGURE)].map(({ 0: figure, index }) =>
          `${figure}: …${section.slice(Math.max(0, index - 60), index + 30)}…`
        )
      );
    assert.deepEqual(undated, []);
  });
}

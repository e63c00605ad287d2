/** `deno task demo`: the whole method on the built-in phantom cohort, in minutes. */
import { rm } from "node:fs/promises";
import { resolveConfig } from "../lib/config/resolve.ts";
import { main } from "./support/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  datasetOf,
  SEED_OPTION,
  startBackend,
} from "./support/options.ts";
import { showSweep } from "./support/sweep.ts";

await main({
  name: "demo",
  summary: "Pretrains on the built-in phantom cohort, adapts to few labelled patients with and\n" +
    "without the pretraining, and writes a report. Nothing to download, a few minutes.",
  options: {
    ...DATA_OPTIONS,
    ...SEED_OPTION,
    out: { value: "DIR", help: "the demo's folder; begun anew each time", default: "runs/demo" },
    ...BACKEND_OPTION,
  },
  examples: [["", "then open runs/demo/report.html"]],
  run: async (values, signal) => {
    const environment = await startBackend(values);
    const dataset = await datasetOf(values);
    const out = values.text("out");
    await rm(out, { recursive: true, force: true });
    const config = resolveConfig("pix2rep-demo", { seed: values.count("seed") });
    await showSweep(dataset, {
      configs: [config],
      strategies: ["scratch", "probe", "finetune"],
      patients: [1, 2, 5],
      seeds: [0, 1, 2],
    }, { out, title: `Few-shot segmentation on ${dataset.name}`, environment, signal });
  },
});

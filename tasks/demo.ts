/** `deno task demo`: the whole method on the built-in phantom cohort, in minutes. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { resolveConfig } from "../lib/config/resolve.ts";
import { listFolderIfAny, readTextIfAny } from "../lib/io/folders.ts";
import { crossedGroups } from "../lib/experiments/sweep/plan.ts";
import { main } from "./support/command/command.ts";
import {
  BACKEND_OPTION,
  DATA_OPTIONS,
  datasetOf,
  outOption,
  PSEUDONYMS_OPTION,
  SEED_OPTION,
  startBackend,
} from "./support/command/options.ts";
import { commandLine } from "./support/command/outcome.ts";
import { showSweep } from "./support/sweeps/sweep.ts";

await main({
  name: "demo",
  summary: "Pretrains on the built-in phantom cohort, adapts to few labelled patients with and " +
    "without the pretraining, and writes a report. Nothing to download, a few minutes.",
  options: {
    ...DATA_OPTIONS,
    ...PSEUDONYMS_OPTION,
    ...SEED_OPTION,
    ...outOption("demo", "the demo's folder; begun anew each time"),
    ...BACKEND_OPTION,
  },
  examples: [["", "then open runs/demo/report.html"]],
  goOn: () => "the same command begins anew",
  run: async (values, signal, voice) => {
    const environment = await startBackend(values, voice);
    const config = resolveConfig("pix2rep-demo", { seed: values.count("seed") });
    const dataset = await datasetOf(values, { config });
    const out = values.text("out");
    await removeEarlierDemo(out);
    const configs = [config];
    const outcome = await showSweep(dataset, {
      configs,
      groups: crossedGroups(configs, { strategies: ["scratch", "finetune"], patients: [1, 2, 5] }),
      seeds: [0, 1, 2],
    }, { out, title: `Few-shot segmentation on ${dataset.name}`, environment, signal, voice });
    const command = commandLine("check-data", ["--data", "../scans"]);
    return {
      ...outcome,
      next: { purpose: "see whether scans of your own are read well", command },
    };
  },
});

/** Removes what an earlier demo wrote, and refuses to where the folder holds anything else. */
async function removeEarlierDemo(out: string): Promise<void> {
  const earlier = await readTextIfAny(join(out, "config.json"));
  if ((await listFolderIfAny(out)).length && !earlier?.includes('"pix2rep-demo"')) {
    throw new Error(
      `${out}: expected an earlier demo or a new folder, found other content; choose another --out`,
    );
  }
  const files = ["config.json", "plan.json", "splits", "pretraining", "runs", "result.json"];
  for (const name of [...files, "report.html"]) {
    await rm(join(out, name), { recursive: true, force: true });
  }
}

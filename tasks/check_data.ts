/** `deno task check-data`: reads every file of a dataset and says what is wrong with it. */
import { checkDataset, formatDataReport } from "../lib/data/check_data.ts";
import { main } from "./support/command.ts";
import { commandLine } from "./support/outcome.ts";
import { DATA_OPTIONS, dataArguments, datasetOf } from "./support/options.ts";

await main({
  name: "check-data",
  summary: "Reads every file of a dataset and reports geometry, labels and problems.",
  options: { ...DATA_OPTIONS },
  examples: [
    ["--data ../acdc", "before anything else: is my data read as I think?"],
    ["--data ../acdc --json > report.json", "for a program"],
  ],
  run: async (values, signal, voice) => {
    const dataset = await datasetOf(values);
    const display = voice.progress();
    const report = await checkDataset(dataset, (_, index, total) => {
      const doing = `reading ${dataset.name}, ${index + 1} of ${total} scans`;
      display.update((index + 1) / total, { doing });
      signal.throwIfAborted();
    });
    const { errors, scans } = report;
    const outcome = { text: formatDataReport(report), json: report };
    if (errors) {
      return {
        ...outcome,
        failed: `${dataset.root}: ${errors} of ${scans.length} scans cannot be used`,
      };
    }
    const purpose = "pretrain on it, all masks unseen";
    return {
      ...outcome,
      next: { purpose, command: commandLine("pretrain", dataArguments(values)) },
    };
  },
});

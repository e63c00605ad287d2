/** `deno task check-data`: reads every file of a dataset and says what is wrong with it. */
import { checkDataset, formatDataReport } from "../lib/data/check_data.ts";
import { main } from "./support/command.ts";
import { DATA_OPTIONS, datasetOf } from "./support/options.ts";
import { progress } from "./support/progress.ts";

await main({
  name: "check-data",
  summary: "Reads every file of a dataset and reports geometry, labels and problems.",
  options: { ...DATA_OPTIONS, json: { value: "", help: "print the report as JSON" } },
  examples: [
    ["--data ../acdc", "before anything else: is my data read as I think?"],
    ["--data ../acdc --json > report.json", "for a program"],
  ],
  run: async (values, signal) => {
    const dataset = await datasetOf(values);
    const display = progress();
    const report = await checkDataset(dataset, (_, index, total) => {
      display.update(
        (index + 1) / total,
        `reading ${dataset.name}, ${index + 1} of ${total} scans`,
      );
      signal.throwIfAborted();
    });
    display.end();
    console.log(values.given("json") ? JSON.stringify(report, null, 2) : formatDataReport(report));
    if (report.errors) {
      const { errors, scans } = report;
      throw new Error(`${dataset.root}: ${errors} of ${scans.length} scans cannot be used`);
    }
  },
});

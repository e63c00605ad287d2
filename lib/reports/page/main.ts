/// <reference lib="dom" />
import type { PageData } from "../page_data.ts";
import { drawCharts, recolourCharts } from "./charts.ts";
import { startCsv } from "./csv.ts";
import { byId } from "./elements.ts";
import { startFeatureExplorer } from "./features.ts";
import { startPatients } from "./patients.ts";
import { startSliceBrowser } from "./slices.ts";
import { startTheme } from "./theme.ts";

const { figures, tables, slices, features, patients }: PageData = JSON.parse(
  byId("report-data", HTMLScriptElement).text,
);

drawCharts(figures);
startTheme(() => recolourCharts(figures));
for (const [id, table] of Object.entries(tables)) startCsv(id, table);
if (patients) startPatients(patients);
if (slices) await startSliceBrowser(slices);
if (features) await startFeatureExplorer(features);

// What is folded away on the screen belongs on paper too.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});

import { drawCharts, recolourCharts } from "./charts.js";
import { byId } from "./elements.js";
import { startFeatureExplorer } from "./features.js";
import { startPatients } from "./patients.js";
import { startSliceBrowser } from "./slices.js";
import { startTheme } from "./theme.js";

const { figures, slices, features, patients } = JSON.parse(byId("report-data").textContent);

drawCharts(figures);
startTheme(() => recolourCharts(figures));
if (patients) startPatients(patients);
if (slices) await startSliceBrowser(slices);
if (features) await startFeatureExplorer(features);

// What is folded away on the screen belongs on paper too.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});

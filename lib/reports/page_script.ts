/**
 * The report's own script, which runs in the reader's browser. Its modules lie in `page/`, where
 * tests can import them; in the page they stand in one, as a page opened from a file may not load
 * another.
 *
 * @module
 */
import bytes from "./page/bytes.js" with { type: "text" };
import charts from "./page/charts.js" with { type: "text" };
import elements from "./page/elements.js" with { type: "text" };
import features from "./page/features.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import paint from "./page/paint.js" with { type: "text" };
import patients from "./page/patients.js" with { type: "text" };
import slices from "./page/slices.js" with { type: "text" };
import theme from "./page/theme.js" with { type: "text" };

/** What the others import comes before them. */
const modules = [elements, bytes, paint, theme, charts, patients, slices, features, main];

/** The script, a module to stand after plotly and the element "report-data". */
export const pageScript = modules
  .map((source) => source.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, ""))
  .join("\n");

import type { Figure } from "../figures.ts";

/** What the page uses of plotly, whose script stands before the page's own. */
export interface PlotlyScript {
  /** Draws a figure in an element. */
  newPlot(element: HTMLElement, data: Figure["data"], layout: object, config: object): void;
  /** Changes parts of a layout, named by their paths. */
  relayout(id: string, layout: object): void;
  /** Changes the traces of those numbers, and parts of the layout. */
  update(id: string, data: object, layout: object, traces: readonly number[]): void;
}

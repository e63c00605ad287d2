/// <reference lib="dom" />
import type { CsvData } from "../page_data.ts";
import { byId } from "./elements.ts";

/** Lets a table's button save it as a file. */
export function startCsv(id: string, { name, text }: CsvData): void {
  const button = byId(id, HTMLButtonElement);
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  button.addEventListener("click", () => link.click());
  button.hidden = false;
}

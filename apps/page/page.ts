/// <reference lib="dom" />
/**
 * The page's own script: takes files, shows what its worker makes of them.
 *
 * @module
 */
import type { BackendChoice } from "../../lib/backends/select.ts";
import { structureColour } from "../../lib/reports/pictures/palette.ts";
import { isModelName } from "./chosen_model.ts";
import type { ModelReply, Reply, Request, ScanReply, SegmentedReply } from "./messages.ts";
import { drawSlice, fullestSlice } from "./viewer.ts";

/** The element of an id. */
function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const slice = element<HTMLInputElement>("slice");
const masked = element<HTMLInputElement>("masked");
const frame = element<HTMLInputElement>("frame");
const channel = element<HTMLSelectElement>("channel");
const backend = element<HTMLSelectElement>("backend");
const download = element<HTMLAnchorElement>("download");
const progress = element<HTMLProgressElement>("progress");

const worker = startWorker();
let model: ModelReply | undefined;
let scan: ScanReply | undefined;
let segmented: SegmentedReply | undefined;

function startWorker(): Worker {
  const started = new Worker("worker.js", { type: "module" });
  started.onmessage = ({ data }: MessageEvent<Reply>) => show(data);
  started.onerror = (event) => {
    event.preventDefault();
    showError(`expected to compute, found: ${event.message || "the worker did not start"}`);
  };
  return started;
}

function ask(request: Request): void {
  showError("");
  worker.postMessage(request);
}

/**
 * Gives files to the worker; what they are used as is told by their names, unless it is known. All that
 * are no models are one scan.
 */
function open(files: readonly File[], kind?: "model" | "scan"): void {
  const isModel = ({ name }: File) => kind ? kind === "model" : isModelName(name);
  for (const file of files.filter(isModel)) ask({ kind: "model", file });
  const scans = files.filter((file) => !isModel(file));
  if (scans.length) ask({ kind: "scan", files: scans });
}

/** Segments as soon as there is something to segment, and anew when something changes. */
function segment(): void {
  if (!model || !scan) {
    setState(model ? "Now a scan." : "Now a model.");
    return;
  }
  element("result").hidden = true;
  ask({
    kind: "segment",
    backend: backend.value as BackendChoice,
    frame: Number(frame.value),
  });
}

function show(reply: Reply): void {
  switch (reply.kind) {
    case "model":
      model = reply;
      showModel(reply);
      return segment();
    case "scan":
      scan = reply;
      showScan(reply);
      return segment();
    case "progress":
      return setState(`${reply.doing} …`, reply.share ?? null);
    case "segmented":
      segmented = reply;
      return showResult(reply);
    case "error":
      setState("");
      return showError(reply.message);
  }
}

/** Says what goes on; a share of `null` is one that is not known. */
function setState(text: string, share?: number | null): void {
  element("state").textContent = text;
  progress.hidden = share === undefined;
  if (share === null) progress.removeAttribute("value");
  else if (share !== undefined) progress.value = share;
}

function showError(message: string): void {
  element("error").textContent = message;
}

function showModel({ name, structures, channels }: ModelReply): void {
  const names = structures.map(({ name }) => name).join(", ");
  const from = several(channels) ? `, from the channels ${channels.join(", ")}` : "";
  element("model-name").textContent = `${name}: ${names}${from}`;
  showFrames();
}

function several(channels?: readonly string[]): channels is readonly string[] {
  return channels !== undefined && channels.length > 1;
}

/** Where a model has several channels, those of a single file are no time points. */
function showFrames(): void {
  const timed = scan !== undefined && scan.shape.length > 3;
  element("frame-label").hidden = !timed || scan?.names.length === 1 && several(model?.channels);
}

function showScan({ names, shape, spacing, warnings }: ScanReply): void {
  const mm = spacing.map((length) => Number(length.toFixed(2))).join(" × ");
  element("scan-name").textContent = `${names.join(", ")}: ${shape.join(" × ")} voxels of ${mm} mm`;
  element("warnings").textContent = warnings.join(" ");
  showFrames();
  Object.assign(frame, { value: "0", max: String((shape[3] ?? 1) - 1) });
}

function showResult(result: SegmentedReply): void {
  setState("");
  element("result").hidden = false;
  Object.assign(slice, {
    max: String(result.shape[2]),
    value: String(fullestSlice(result) + 1),
  });
  element("warnings").textContent = result.warnings.join(" ");
  showLegend(result.structures);
  showChannels(result.channels);
  element("computed").textContent = computedBy(result);
  URL.revokeObjectURL(download.href);
  Object.assign(download, { href: URL.createObjectURL(result.file), download: result.fileName });
  element("file-name").textContent = result.fileName;
  draw();
}

function showLegend(structures: SegmentedReply["structures"]): void {
  element("legend").replaceChildren(...structures.map(({ label, name, millilitres }) => {
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = structureColour(label);
    const [head, volume] = [document.createElement("th"), document.createElement("td")];
    head.scope = "row";
    head.append(swatch, name);
    volume.textContent = `${millilitres.toFixed(1)} ml`;
    const row = document.createElement("tr");
    row.append(head, volume);
    return row;
  }));
}

/** Where there are several channels, which is which, and a choice of the one to look at. */
function showChannels(channels: SegmentedReply["channels"]): void {
  const hidden = channels.length < 2;
  for (const id of ["channel-label", "channels"]) element(id).hidden = hidden;
  channel.replaceChildren(...channels.map(({ name }) => new Option(name)));
  const named = channels.map(({ name, source }) => `${name} is ${source}`);
  element("channels").textContent = `Channels: ${named.join(", ")}.`;
}

/** What computed, and how long. */
function computedBy({ backend, adapter, threads, seconds }: SegmentedReply): string {
  const where = {
    webgpu: `webgpu, the GPU${adapter ? ` (${adapter})` : ""}`,
    simd: `simd, the CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    cpu: "cpu, plain JavaScript: for more speed, serve the page by deno task page",
  }[backend];
  return `Computed in ${seconds.toFixed(1)} s by ${where}.`;
}

function draw(): void {
  if (!segmented) return;
  const canvas = element<HTMLCanvasElement>("canvas");
  const where = `Slice ${slice.value} of ${segmented.shape[2]}`;
  drawSlice(canvas, segmented, {
    slice: Number(slice.value) - 1,
    channel: channel.selectedIndex,
    masked: masked.checked,
  });
  element("slice-state").textContent = where;
  canvas.setAttribute("aria-label", `${where}, ${masked.checked ? "with" : "without"} the mask`);
}

/** The files that are dropped somewhere, or chosen. */
function takeFiles(kind: "model" | "scan"): void {
  const input = element<HTMLInputElement>(`${kind}-file`);
  input.addEventListener("change", () => {
    open([...input.files ?? []], kind);
    // The same file can be chosen again.
    input.value = "";
  });
}

function dropOn(card: EventTarget | null): "model" | "scan" | undefined {
  const { id } = (card as Element | null)?.closest?.(".card") ?? {};
  return id === "model" || id === "scan" ? id : undefined;
}

takeFiles("model");
takeFiles("scan");
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  open([...event.dataTransfer?.files ?? []], dropOn(event.target));
});
slice.addEventListener("input", draw);
masked.addEventListener("change", draw);
channel.addEventListener("change", draw);
frame.addEventListener("change", segment);
backend.addEventListener("change", () => model && scan && segment());
setState("First a model, then a scan.");

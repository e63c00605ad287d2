/// <reference lib="dom" />
import type { ColouredLabel, PackedScan, SlicesData } from "../page_data.ts";
import { split, unpack } from "./bytes.ts";
import { byId, clamp, findById, setText } from "./elements.ts";
import {
  errorsOf,
  type Overlay,
  paintSlice,
  type Rgb,
  rgb,
  show,
  sliceDice,
  type Window,
} from "./paint.ts";

/** Side of a painted slice, in pixels, at least. */
const SIDE = 384;
/** Wheel travel that turns to the next slice, in CSS pixels. */
const NOTCH = 40;
/** The whole range of intensities. */
const WHOLE: Window = { level: 0.5, width: 1 };

/** What there is to show. */
interface Views extends Pick<SlicesData, "models" | "structures"> {
  scans: readonly Scan[];
  colours: { structures: Rgb[]; errors: Rgb[] };
}

/** A scan, unpacked into slices. */
interface Scan extends Pick<PackedScan, "title" | "size" | "depth" | "numbers"> {
  /** By channel and slice. */
  channels: Uint8Array[][];
  reference: Uint8Array[];
  /** By model and slice. */
  predictions: Uint8Array[][];
}

/** What is shown. */
interface State {
  scan: number;
  slice: number;
  model: number;
  channel: number;
  window: Window;
}

/** What the reader does. */
interface Actions {
  set: (changes: Partial<State>) => void;
  /** Both take any number and go no further than the ends. */
  toSlice: (slice: number) => void;
  toScan: (scan: number) => void;
}

/** Starts the slice browser. */
export async function startSliceBrowser(
  { scans: packed, models, structures, errors }: SlicesData,
): Promise<void> {
  const scans = await Promise.all(packed.map((scan) => unpackScan(scan, models.length)));
  const colours = { structures: palette(structures), errors: palette(errors) };
  const state: State = { scan: 0, slice: middle(scans[0]), model: 0, channel: 0, window: WHOLE };
  const set = (changes: Partial<State>) => {
    Object.assign(state, changes);
    renderSlices({ scans, models, structures, colours }, state);
  };
  const toSlice = (slice: number) =>
    set({ slice: clamp(slice, 0, scans[state.scan].numbers.length - 1) });
  const toScan = (wanted: number) => {
    const scan = clamp(wanted, 0, scans.length - 1);
    set({ scan, slice: samePlace(state.slice, scans[state.scan], scans[scan]) });
  };
  const actions = { set, toSlice, toScan };
  followControls(state, actions);
  followKeys(state, scans, actions);
  followWheel((step) => toSlice(state.slice + step));
  followLinks(set, scans);
  set({});
}

async function unpackScan(scan: PackedScan, models: number): Promise<Scan> {
  const { title, size, depth, numbers } = scan;
  const pixels = size ** 2;
  const [images, reference, predictions] = await Promise.all(
    [scan.images, scan.reference, scan.predictions].map(unpack),
  );
  return {
    ...{ title, size, depth, numbers },
    channels: split(images, reference.length).map((channel) => split(channel, pixels)),
    reference: split(reference, pixels),
    predictions: models
      ? split(predictions, reference.length).map((all) => split(all, pixels))
      : [],
  };
}

/** Colours by label; nothing is painted for the first. */
function palette(entries: readonly ColouredLabel[]): Rgb[] {
  const colours: Rgb[] = [];
  for (const { label, colour } of entries) colours[label] = rgb(colour);
  return colours;
}

function middle({ numbers }: Scan): number {
  return numbers.length >> 1;
}

/** The slice of another scan that lies about as far between its ends. */
function samePlace(slice: number, from: Scan, to: Scan): number {
  const last = ({ numbers }: Scan) => Math.max(1, numbers.length - 1);
  return Math.round(slice / last(from) * (to.numbers.length - 1));
}

function followControls(state: Readonly<State>, { set, toSlice, toScan }: Actions): void {
  const onClick = (id: string, action: () => void) =>
    byId(id, HTMLButtonElement).addEventListener("click", action);
  onClick("scan-before", () => toScan(state.scan - 1));
  onClick("scan-after", () => toScan(state.scan + 1));
  onClick("slice-before", () => toSlice(state.slice - 1));
  onClick("slice-after", () => toSlice(state.slice + 1));
  onClick("slice-reset", () => set({ window: WHOLE }));
  onChoice("slice-scan", toScan);
  // Only where there are several.
  if (findById("slice-channel", HTMLSelectElement)) {
    onChoice("slice-channel", (channel) => set({ channel }));
  }
  onInput("slice-position", toSlice);
  onInput("slice-level", (percent) => set({ window: { ...state.window, level: percent / 100 } }));
  onInput("slice-width", (percent) => set({ window: { ...state.window, width: percent / 100 } }));
  for (const button of modelButtons()) {
    button.addEventListener("click", () => set({ model: Number(button.dataset.model) }));
  }
}

function onChoice(id: string, action: (chosen: number) => void): void {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener("change", () => action(select.selectedIndex));
}

function onInput(id: string, action: (value: number) => void): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener("input", () => action(input.valueAsNumber));
}

function modelButtons(): NodeListOf<HTMLButtonElement> {
  return byId("slice-models", HTMLElement).querySelectorAll("button");
}

function followKeys(
  state: Readonly<State>,
  scans: readonly Scan[],
  { toSlice, toScan }: Actions,
): void {
  const keys: Record<string, (() => void) | undefined> = {
    ArrowUp: () => toSlice(state.slice - 1),
    ArrowDown: () => toSlice(state.slice + 1),
    ArrowRight: () => toScan(state.scan + 1),
    ArrowLeft: () => toScan(state.scan - 1),
    Home: () => toSlice(0),
    End: () => toSlice(scans[state.scan].numbers.length - 1),
  };
  byId("slice-viewer", HTMLElement).addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
}

/** Only once the viewer has the focus: a page that is scrolled past it is not held up. */
function followWheel(turn: (step: number) => void): void {
  const viewer = byId("slice-viewer", HTMLElement);
  let travel = 0;
  viewer.addEventListener("wheel", (event) => {
    if (document.activeElement !== viewer || event.ctrlKey) return;
    event.preventDefault();
    travel += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : NOTCH * event.deltaY;
    const notches = Math.trunc(travel / NOTCH);
    travel -= notches * NOTCH;
    if (notches) turn(Math.sign(notches));
  }, { passive: false });
}

/** Buttons elsewhere in the page that show one scan as one model segments it. */
function followLinks(set: Actions["set"], scans: readonly Scan[]): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-scan]")) {
    button.addEventListener("click", () => {
      const scan = Number(button.dataset.scan);
      set({ scan, model: Number(button.dataset.model), slice: middle(scans[scan]) });
      byId("slice-viewer", HTMLElement).focus();
    });
  }
}

function renderSlices(views: Views, state: Readonly<State>): void {
  const { scans, models, structures, colours } = views;
  const { title, size, depth, numbers, channels, reference, predictions } = scans[state.scan];
  const { slice, window } = state;
  const [image, labels] = [channels[state.channel][slice], reference[slice]];
  const prediction = predictions[state.model]?.[slice];
  const place = `${title}, slice ${numbers[slice] + 1} of ${depth}`;
  const drawn = { image, size, window, scale: Math.ceil(SIDE / size) };
  const paint = (id: string, text: string, overlay?: Overlay) => {
    const canvas = byId(id, HTMLCanvasElement);
    show(canvas, paintSlice({ ...drawn, overlay }));
    canvas.setAttribute("aria-label", `${text}: ${place}`);
  };
  const mask = { colours: colours.structures, opacity: 0.3 };
  paint("slice-image", "Image");
  paint("slice-reference", "Reference", { labels, ...mask });
  let dice = "";
  if (prediction) {
    const errors = errorsOf(labels, prediction);
    paint("slice-prediction", "Prediction", { labels: prediction, ...mask });
    paint("slice-error", "Error", { labels: errors, colours: colours.errors, opacity: 0.7 });
    dice = ` ${models[state.model]}: ${diceByStructure(labels, prediction, structures)}.`;
  }
  setText("slice-state", `${place}.${dice}`);
  renderControls(scans[state.scan], state);
  renderModels(views, state);
}

/** Every model's mask of the slice in small; the one that is shown in large is pressed. */
function renderModels({ scans, structures, colours }: Views, state: Readonly<State>): void {
  const { size, channels, reference, predictions } = scans[state.scan];
  const { slice, window } = state;
  const drawn = { image: channels[state.channel][slice], size, window, scale: 1 };
  for (const button of modelButtons()) {
    const model = Number(button.dataset.model);
    const labels = predictions[model][slice];
    const overlay = { labels, colours: colours.structures, opacity: 0.55 };
    show(button.querySelector("canvas")!, paintSlice({ ...drawn, overlay }));
    button.querySelector(".note")!.textContent = meanDice(reference[slice], labels, structures);
    button.setAttribute("aria-pressed", String(model === state.model));
  }
}

function renderControls({ numbers }: Scan, { scan, slice, window }: State): void {
  byId("slice-scan", HTMLSelectElement).selectedIndex = scan;
  const position = byId("slice-position", HTMLInputElement);
  position.max = String(numbers.length - 1);
  position.value = String(slice);
  position.setAttribute("aria-valuetext", `slice ${slice + 1} of ${numbers.length}`);
  byId("slice-level", HTMLInputElement).value = String(Math.round(100 * window.level));
  byId("slice-width", HTMLInputElement).value = String(Math.round(100 * window.width));
}

function meanDice(
  reference: Uint8Array,
  prediction: Uint8Array,
  structures: readonly ColouredLabel[],
): string {
  const known = knownDice(reference, prediction, structures);
  const mean = known.reduce((sum, { dice }) => sum + dice, 0) / known.length;
  return known.length ? `Dice ${mean.toFixed(2)}` : "";
}

function diceByStructure(
  reference: Uint8Array,
  prediction: Uint8Array,
  structures: readonly ColouredLabel[],
): string {
  const known = knownDice(reference, prediction, structures);
  if (known.length === 0) return "nothing in reference and prediction";
  return `Dice ${known.map(({ name, dice }) => `${name} ${dice.toFixed(2)}`).join(", ")}`;
}

/** The Dice of the structures that the slice has in one of both. */
function knownDice(
  reference: Uint8Array,
  prediction: Uint8Array,
  structures: readonly ColouredLabel[],
): { name: string; dice: number }[] {
  return structures.flatMap(({ name, label }) => {
    const dice = sliceDice(reference, prediction, label);
    return dice === null ? [] : { name, dice };
  });
}

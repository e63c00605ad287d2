/// <reference lib="dom" />
import type { Sides } from "../../data/volumes/voxel_order.ts";
import type { ColouredLabel, ModelName, Packed, PackedScan, SlicesData } from "../page_data.ts";
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

/** What letters at the edges stand for. */
const PLACES: Record<string, string> = {
  ...{ R: "the patient's right", L: "the patient's left", A: "front", P: "back" },
  ...{ S: "head", I: "feet" },
};

/** What there is to show. */
interface Views extends Pick<SlicesData, "models" | "structures"> {
  scans: readonly Scan[];
  colours: { structures: Rgb[]; errors: Rgb[] };
}

/** A scan, unpacked into slices. */
interface Scan extends Omit<PackedScan, "images" | "reference" | "predictions"> {
  /** By channel and slice. */
  channels: Uint8Array[][];
  /** By slice; absent where nobody outlined the scan. */
  reference?: Uint8Array[];
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
  { scans: packed, models, structures, errors, first }: SlicesData,
): Promise<void> {
  const scans = await Promise.all(packed.map(unpackScan));
  const colours = { structures: palette(structures), errors: palette(errors) };
  const slice = middle(scans[first.scan]);
  const state: State = { ...first, slice, channel: 0, window: WHOLE };
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
  followModels(models, { state, set });
  followKeys(state, scans, actions);
  followWheel((step) => toSlice(state.slice + step));
  followLinks(set, scans);
  set({});
  paintGallery(scans, colours.structures);
}

async function unpackScan(
  { images, reference, predictions, ...scan }: PackedScan,
): Promise<Scan> {
  const pixels = scan.width * scan.height;
  const bySlice = async (packed: Packed) => split(await unpack(packed), pixels);
  const several = async (packed: Packed) => grouped(await bySlice(packed), scan.numbers.length);
  return {
    ...scan,
    channels: await several(images),
    reference: reference === undefined ? undefined : await bySlice(reference),
    predictions: await several(predictions),
  };
}

/** Cuts a list into lists of one length. */
function grouped<T>(items: readonly T[], length: number): T[][] {
  return Array.from(
    { length: items.length / length },
    (_, i) => items.slice(i * length, (i + 1) * length),
  );
}

/** Colours by label; nothing is painted for the first. */
function palette(entries: readonly ColouredLabel[]): Rgb[] {
  const colours: Rgb[] = [];
  for (const { label, colour } of entries) colours[label] = rgb(colour);
  return colours;
}

/** The middle one of the slices in which something is outlined, of all where nothing is. */
function middle({ numbers, reference, predictions }: Scan): number {
  const masks = [reference ?? [], ...predictions];
  const slices = [...numbers.keys()];
  const outlined = slices.filter((slice) => masks.some((of) => of[slice]?.some((label) => label)));
  const shown = outlined.length > 0 ? outlined : slices;
  return shown[shown.length >> 1];
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
}

/** Buttons choose among models that were trained alike, a list among those. */
function followModels(
  models: readonly ModelName[],
  { state, set }: { state: Readonly<State>; set: Actions["set"] },
): void {
  for (const button of modelButtons()) {
    button.addEventListener("click", () => set({ model: Number(button.dataset.model) }));
  }
  const groups = groupsOf(models);
  if (groups.length < 2) return;
  onChoice("slice-group", (chosen) => {
    const among = [...models.keys()].filter((at) => models[at].group === groups[chosen]);
    const same = among.find((at) => models[at].name === models[state.model].name);
    set({ model: same ?? among[0] });
  });
}

/** What models were trained on, in their order. */
function groupsOf(models: readonly ModelName[]): string[] {
  return [...new Set(models.map(({ group }) => group))];
}

function onChoice(id: string, action: (chosen: number) => void): void {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener("change", () => action(select.selectedIndex));
}

function onInput(id: string, action: (value: number) => void): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener("input", () => action(input.valueAsNumber));
}

/** None where there is nothing to choose. */
function modelButtons(): HTMLButtonElement[] {
  return [...document.querySelectorAll<HTMLButtonElement>("#slice-models button")];
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
      const viewer = byId("slice-viewer", HTMLElement);
      viewer.scrollIntoView({ block: "center" });
      viewer.focus({ preventScroll: true });
    });
  }
}

function renderSlices(views: Views, state: Readonly<State>): void {
  const { scans, models, structures, colours } = views;
  const scan = scans[state.scan];
  const place = `${scan.title}, slice ${scan.numbers[state.slice] + 1} of ${scan.depth}`;
  const paint = painter(scan, state, place);
  const reference = scan.reference?.[state.slice];
  const prediction = scan.predictions[state.model]?.[state.slice];
  const mask = { colours: colours.structures, opacity: 0.3 };
  paint("slice-image", "Image");
  reveal("slice-reference", reference !== undefined);
  const compared = reference !== undefined && prediction !== undefined;
  reveal("slice-error", compared);
  revealLegend(compared);
  if (reference) paint("slice-reference", "Reference", { labels: reference, ...mask });
  if (prediction) paint("slice-prediction", "Prediction", { labels: prediction, ...mask });
  let dice = "";
  if (reference && prediction) {
    const errors = errorsOf(reference, prediction);
    paint("slice-error", "Error", { labels: errors, colours: colours.errors, opacity: 0.7 });
    const found = diceByStructure(reference, prediction, structures);
    dice = ` ${modelText(models, state.model)}: ${found}.`;
  }
  setText("slice-state", `${place}.${dice}`);
  renderControls(scan, state);
  renderModels(views, state);
}

/** Shows the errors' colours only beside errors: where there is no reference, there are none. */
function revealLegend(there: boolean): void {
  const legend = findById("slice-errors", HTMLElement);
  if (legend) legend.hidden = !there;
}

/** Shows a picture, or hides it where the scan has nothing for it; the others share the room. */
function reveal(id: string, there: boolean): void {
  const viewer = byId("slice-viewer", HTMLElement);
  const figure = findById(id, HTMLCanvasElement)?.closest("figure");
  if (figure) figure.hidden = !there;
  const shown = viewer.querySelectorAll("figure:not([hidden])").length;
  viewer.style.setProperty("--columns", `${shown}`);
}

/** What paints the slice that is shown, with labels over it, onto a canvas of some id. */
function painter(
  { width, height, aspect, sides, channels }: Scan,
  { channel, slice, window }: State,
  place: string,
): (id: string, text: string, overlay?: Overlay) => void {
  const scale = Math.ceil(SIDE / Math.max(width, height));
  const drawn = { image: channels[channel][slice], width, height, window, scale };
  return (id, text, overlay) => {
    const canvas = byId(id, HTMLCanvasElement);
    show(canvas, paintSlice({ ...drawn, overlay }), { width: width * scale, aspect });
    canvas.setAttribute("aria-label", `${text}: ${place}${sidesText(sides)}`);
    for (const mark of canvas.parentElement!.querySelectorAll<HTMLElement>(".side")) {
      mark.textContent = sides?.[mark.dataset.edge as keyof Sides] ?? "";
    }
  };
}

/** Where in the patient the left and the upper edge lie, in words; nothing where that is not known. */
function sidesText(sides?: Sides): string {
  return sides ? `; ${PLACES[sides.left]} on the left, ${PLACES[sides.top]} above` : "";
}

/** A model with what it was trained on, where others were trained on something else. */
function modelText(models: readonly ModelName[], at: number): string {
  const { name, group } = models[at];
  return groupsOf(models).length > 1 ? `${name}, ${group}` : name;
}

/** The masks of the models trained alike in small; the one that is shown in large is pressed. */
function renderModels({ scans, models, structures, colours }: Views, state: Readonly<State>): void {
  const { width, height, aspect, channels, reference, predictions } = scans[state.scan];
  const { slice, window } = state;
  const drawn = { image: channels[state.channel][slice], width, height, window, scale: 1 };
  const { group } = models[state.model] ?? {};
  for (const button of modelButtons()) {
    const model = Number(button.dataset.model);
    button.hidden = models[model].group !== group;
    if (button.hidden) continue;
    const labels = predictions[model][slice];
    const overlay = { labels, colours: colours.structures, opacity: 0.55, plain: true };
    show(button.querySelector("canvas")!, paintSlice({ ...drawn, overlay }), { width, aspect });
    button.querySelector(".note")!.textContent = reference
      ? meanDice(reference[slice], labels, structures)
      : "";
    button.setAttribute("aria-pressed", String(model === state.model));
  }
  const list = findById("slice-group", HTMLSelectElement);
  if (list) list.selectedIndex = groupsOf(models).indexOf(group);
}

/** A middle slice of each scan with its mask, where there are buttons for them. */
function paintGallery(scans: readonly Scan[], colours: readonly Rgb[]): void {
  for (const button of galleryButtons()) {
    const scan = scans[Number(button.dataset.scan)];
    const { width, height, aspect, channels, predictions } = scan;
    const slice = middle(scan);
    const overlay = { labels: predictions[0][slice], colours, opacity: 0.55, plain: true };
    const drawn = { image: channels[0][slice], width, height, window: WHOLE, scale: 1, overlay };
    show(button.querySelector("canvas")!, paintSlice(drawn), { width, aspect });
  }
}

function galleryButtons(): HTMLButtonElement[] {
  return [...document.querySelectorAll<HTMLButtonElement>("#slice-gallery button")];
}

function renderControls({ numbers }: Scan, { scan, slice, window }: State): void {
  byId("slice-scan", HTMLSelectElement).selectedIndex = scan;
  for (const button of galleryButtons()) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.scan) === scan));
  }
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

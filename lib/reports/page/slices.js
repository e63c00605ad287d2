import { split, unpack } from "./bytes.js";
import { byId, clamp } from "./elements.js";
import { errorsOf, paintSlice, rgb, show, sliceDice } from "./paint.js";

/** Side of a painted slice, in pixels, at least. */
const SIDE = 384;
/** Wheel travel that turns to the next slice, in CSS pixels. */
const NOTCH = 40;
/** The whole range of intensities. */
const WHOLE = { level: 0.5, width: 1 };

/**
 * Starts the slice browser.
 *
 * @param {object} data the content that `slicesSection` embeds.
 */
export async function startSliceBrowser({ scans: packed, models, structures, errors }) {
  const scans = await Promise.all(packed.map((scan) => unpackScan(scan, models.length)));
  const colours = { structures: palette(structures), errors: palette(errors) };
  const state = { scan: 0, slice: middle(scans[0]), model: 0, channel: 0, window: WHOLE };
  const set = (changes) => {
    Object.assign(state, changes);
    renderSlices({ scans, models, structures, colours }, state);
  };
  const toSlice = (slice) => set({ slice: clamp(slice, 0, scans[state.scan].numbers.length - 1) });
  const toScan = (wanted) => {
    const scan = clamp(wanted, 0, scans.length - 1);
    set({ scan, slice: samePlace(state.slice, scans[state.scan], scans[scan]) });
  };
  followControls({ state, set, toSlice, toScan });
  followKeys({ state, scans, toSlice, toScan });
  followWheel((step) => toSlice(state.slice + step));
  followLinks(set, scans);
  set({});
}

async function unpackScan(scan, models) {
  const pixels = scan.size ** 2;
  const [images, reference, predictions] = await Promise.all(
    [scan.images, scan.reference, scan.predictions].map(unpack),
  );
  return {
    ...scan,
    channels: split(images, reference.length).map((channel) => split(channel, pixels)),
    reference: split(reference, pixels),
    predictions: models
      ? split(predictions, reference.length).map((all) => split(all, pixels))
      : [],
  };
}

/** Colours by label; nothing is painted for the first. */
function palette(entries) {
  const colours = [];
  for (const { label, colour } of entries) colours[label] = rgb(colour);
  return colours;
}

function middle({ numbers }) {
  return numbers.length >> 1;
}

/** The slice of another scan that lies about as far between its ends. */
function samePlace(slice, from, to) {
  const last = ({ numbers }) => Math.max(1, numbers.length - 1);
  return Math.round(slice / last(from) * (to.numbers.length - 1));
}

function followControls({ state, set, toSlice, toScan }) {
  const onClick = (id, action) => byId(id).addEventListener("click", action);
  onClick("scan-before", () => toScan(state.scan - 1));
  onClick("scan-after", () => toScan(state.scan + 1));
  onClick("slice-before", () => toSlice(state.slice - 1));
  onClick("slice-after", () => toSlice(state.slice + 1));
  byId("slice-scan").addEventListener("change", ({ target }) => toScan(target.selectedIndex));
  byId("slice-position").addEventListener("input", ({ target }) => toSlice(Number(target.value)));
  byId("slice-models").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) set({ model: Number(button.dataset.model) });
  });
  for (const [id, part] of [["slice-level", "level"], ["slice-width", "width"]]) {
    byId(id).addEventListener("input", ({ target }) => {
      set({ window: { ...state.window, [part]: Number(target.value) / 100 } });
    });
  }
  // Only where there are several.
  byId("slice-channel")?.addEventListener("change", ({ target }) => {
    set({ channel: target.selectedIndex });
  });
  onClick("slice-reset", () => set({ window: WHOLE }));
}

function followKeys({ state, scans, toSlice, toScan }) {
  const keys = {
    ArrowUp: () => toSlice(state.slice - 1),
    ArrowDown: () => toSlice(state.slice + 1),
    ArrowRight: () => toScan(state.scan + 1),
    ArrowLeft: () => toScan(state.scan - 1),
    Home: () => toSlice(0),
    End: () => toSlice(scans[state.scan].numbers.length - 1),
  };
  byId("slice-viewer").addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** Only once the viewer has the focus: a page that is scrolled past it is not held up. */
function followWheel(turn) {
  const viewer = byId("slice-viewer");
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
function followLinks(set, scans) {
  for (const button of document.querySelectorAll("button[data-scan]")) {
    button.addEventListener("click", () => {
      const scan = Number(button.dataset.scan);
      set({ scan, model: Number(button.dataset.model), slice: middle(scans[scan]) });
      byId("slice-viewer").focus();
    });
  }
}

function renderSlices({ scans, models, structures, colours }, state) {
  const { title, size, depth, numbers, channels, reference, predictions } = scans[state.scan];
  const { slice, window } = state;
  const [image, labels] = [channels[state.channel][slice], reference[slice]];
  const prediction = predictions[state.model]?.[slice];
  const place = `${title}, slice ${numbers[slice] + 1} of ${depth}`;
  const scale = Math.ceil(SIDE / size);
  const paint = (id, options, text) => {
    const canvas = byId(id);
    show(canvas, paintSlice({ image, size, scale, window, opacity: 0.3, ...options }));
    canvas.setAttribute("aria-label", `${text}: ${place}`);
  };
  paint("slice-image", {}, "Image");
  paint("slice-reference", { labels, colours: colours.structures }, "Reference");
  let dice = "";
  if (prediction) {
    const errors = errorsOf(labels, prediction);
    paint("slice-prediction", { labels: prediction, colours: colours.structures }, "Prediction");
    paint("slice-error", { labels: errors, colours: colours.errors, opacity: 0.7 }, "Error");
    dice = ` ${models[state.model]}: ${diceOfSlice(labels, prediction, structures)}.`;
  }
  byId("slice-state").textContent = `${place}.${dice}`;
  renderControls(scans[state.scan], state);
  renderModels({ image, labels, size, window, colours, structures }, { predictions, state });
}

function renderControls({ numbers }, { scan, slice, window }) {
  byId("slice-scan").selectedIndex = scan;
  const position = byId("slice-position");
  position.max = String(numbers.length - 1);
  position.value = String(slice);
  position.setAttribute("aria-valuetext", `slice ${slice + 1} of ${numbers.length}`);
  byId("slice-level").value = String(Math.round(100 * window.level));
  byId("slice-width").value = String(Math.round(100 * window.width));
}

/** Every model's mask of the slice in small; the one that is shown in large is pressed. */
function renderModels(
  { image, labels, size, window, colours, structures },
  { predictions, state },
) {
  for (const button of byId("slice-models").querySelectorAll("button")) {
    const model = Number(button.dataset.model);
    const prediction = predictions[model][state.slice];
    const drawn = { image, size, window, labels: prediction, colours: colours.structures };
    show(button.querySelector("canvas"), paintSlice({ ...drawn, scale: 1, opacity: 0.55 }));
    const known = structures.map(({ label }) => sliceDice(labels, prediction, label))
      .filter((dice) => dice !== null);
    const mean = known.reduce((sum, dice) => sum + dice, 0) / known.length;
    button.querySelector(".note").textContent = known.length ? `Dice ${mean.toFixed(2)}` : "";
    button.setAttribute("aria-pressed", String(model === state.model));
  }
}

function diceOfSlice(reference, prediction, structures) {
  const known = structures
    .map(({ name, label }) => ({ name, dice: sliceDice(reference, prediction, label) }))
    .filter(({ dice }) => dice !== null);
  if (known.length === 0) return "nothing in reference and prediction";
  return `Dice ${known.map(({ name, dice }) => `${name} ${dice.toFixed(2)}`).join(", ")}`;
}

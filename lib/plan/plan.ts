/**
 * From what is known of a cohort to the settings that suit it, with a reason for each.
 *
 * @module
 */
import { backboneDivisor } from "../config/backbone.ts";
import type { Config, SpatialSettings } from "../config/config.ts";
import { PRESETS } from "../config/presets.ts";
import { changeConfig } from "../config/resolve.ts";
import { counted } from "../io/text/amounts.ts";
import { writeJson } from "../io/write_json.ts";
import { planGrid } from "./grid.ts";
import type { CohortSurvey } from "./survey.ts";

/** A decision of a plan. */
export interface PlanLine {
  /** What was decided on, in a word: "grid". */
  part: string;
  /** The decision: "48 × 48 pixels of 1 mm". */
  choice: string;
  /** Why. */
  because: string;
}

/** The settings for a cohort, and where they come from. */
export interface Plan {
  /** Version of this form. */
  schema: "pix2rep.auto/1";
  /** What they were chosen by. */
  survey: CohortSurvey;
  /** The decisions. */
  lines: PlanLine[];
  /** All settings. */
  config: Config;
}

/** Options of {@linkcode planFor}. */
export interface PlanOptions {
  /** Seed of everything random; the preset's by default. */
  seed?: number;
  /** Changes "path=value" of one's own: they hold, and what depends on them is planned by them. */
  set?: readonly string[];
  /** Pixels per side of a grid that need not be finer for outlines to be seen; 64 by default. */
  detail?: number;
}

/** What is decided on, in the order in which it is told. */
type Part = "grid" | "network" | "views" | "intensities" | "pretraining" | "adaptation";

/** A part of the settings with the reason for it. */
interface Choice {
  settings: { [Part in keyof Config]?: Partial<Config[Part]> };
  because: string;
}

/** Channels of the levels from the top, as many as there are. */
const WIDTHS = [16, 32, 64, 128, 128, 128];

/** Levels of the smallest network. */
const FEWEST_LEVELS = 4;

/** What the sides of grids are multiples of, for networks of so many levels or more. */
const DIVISORS = WIDTHS.map((_, i) => 2 ** i).slice(FEWEST_LEVELS - 1);

/** Pixels per side that the lowest level of the network still has. */
const LOWEST_SIDE = 5;

/** Steps of pretraining where no time is given. */
const STEPS = 2000;

/** Slices of a step, at most. */
const BATCH = 16;

/**
 * Pixels of a step's slices. What a step makes of them takes 3.3 of the CPU's 4 GiB, so that a tenth
 * more still fits.
 */
const STEP_PIXELS = 16 * 96 ** 2;

/** Rotations in radians: what every cohort is shown, and where it is not known how scans lie. */
const ROTATION = { least: 0.35, untold: 0.6 } as const;

/** Hounsfield units to either side of what is outlined that a window shows at least. */
const WINDOW_SIDE = 150;

/**
 * The settings that suit a cohort. Equal surveys and changes give equal settings.
 *
 * @throws What `changeConfig` throws of a change.
 */
export function planFor(
  survey: CohortSurvey,
  { seed, set = [], detail }: PlanOptions = {},
): Plan {
  const preset = { ...PRESETS.auto, seed: seed ?? PRESETS.auto.seed };
  const widths = ownValue(set, "backbone.widths") as number[] | undefined;
  const grid = planGrid(survey, {
    spacing: ownValue(set, "grid.spacing") as number | undefined,
    size: ownValue(set, "grid.size") as number | undefined,
    detail,
    divisors: Array.isArray(widths) ? [backboneDivisor(widths)] : DIVISORS,
  });
  const chosen: Record<Part, Choice> = {
    grid: { settings: { grid: grid.value }, because: grid.because },
    network: planNetwork(grid.value.size),
    views: planViews(survey, preset),
    intensities: planIntensities(survey),
    pretraining: planPretraining(survey, grid.value.size),
    adaptation: planAdaptation(preset, grid.value.size),
  };
  const config = changeConfig(Object.values(chosen).reduce(withChoice, preset), set);
  const parts = Object.entries(chosen) as [Part, Choice][];
  const lines = parts.map(([part, { settings, because }]): PlanLine => {
    const own = set.filter((change) => isOf(change, settings));
    return {
      part,
      choice: IN_WORDS[part](config),
      because: own.length > 0 ? `${because}; ${own.join(" ")} is yours` : because,
    };
  });
  return { schema: "pix2rep.auto/1", survey, lines, config };
}

/** Whether a change is of what a part decides on. */
function isOf(change: string, settings: Choice["settings"]): boolean {
  return Object.entries(settings).some(([section, decided]) =>
    Object.keys(decided).some((key) => change.startsWith(`${section}.${key}`))
  );
}

/** A configuration with the settings of a part, beside others of the same section. */
function withChoice(config: Config, { settings }: Choice): Config {
  const sections = Object.entries(settings) as [keyof Config, object][];
  return sections.reduce(
    (all, [name, section]) => ({ ...all, [name]: { ...Object(all[name]), ...section } }),
    config,
  );
}

/** Writes what a plan was made by and what it decided; the settings stand in `config.json`. */
export async function writePlan(path: string, { schema, survey, lines }: Plan): Promise<void> {
  await writeJson(path, { schema, survey, lines });
}

/** Each decision in words. */
const IN_WORDS: Record<Part, (config: Config) => string> = {
  grid: ({ grid: { size, spacing } }) => `${size} × ${size} pixels of ${spacing} mm`,
  network: ({ backbone: { name, widths } }) => `${name} of ${widths.join("-")} channels`,
  views: ({ views: { spatial: { rotation: [, most], flip } } }) =>
    `turned by up to ${Math.round(180 * most / Math.PI)}°, ${flip ? "flipped" : "not flipped"}`,
  intensities: ({ data: { window } }) =>
    window === "percentiles" ? "by percentiles of each scan" : `from ${window[0]} to ${window[1]}`,
  pretraining: ({ loss, pretraining: { epochs, batch } }) =>
    `${loss.name}, ${epochs} epochs, ${slicesAStep(batch)}`,
  adaptation: ({ adaptation: { batch } }) => slicesAStep(batch),
};

function slicesAStep(batch: number): string {
  return `${counted(batch, "slice")} a step`;
}

/** What a change sets a path to, where one does. */
function ownValue(set: readonly string[], path: string): unknown {
  const change = set.findLast((one) => one.startsWith(`${path}=`));
  if (change === undefined) return undefined;
  try {
    return JSON.parse(change.slice(path.length + 1));
  } catch {
    // What is no JSON is no number either; `changeConfig` says so.
    return undefined;
  }
}

/** As many levels as halve the grid down to a few pixels: the lowest sees all of the slice. */
function planNetwork(size: number): Choice {
  const levels = WIDTHS.map((_, i) => i + 1).findLast((levels) => {
    const divisor = 2 ** (levels - 1);
    return size % divisor === 0 && size / divisor >= LOWEST_SIDE;
  });
  const widths = WIDTHS.slice(0, Math.max(FEWEST_LEVELS, levels ?? 0));
  return {
    settings: { backbone: { widths } },
    because: `its lowest level has ${size / backboneDivisor(widths)} pixels per side`,
  };
}

/** Flips only where nothing tells left from right; rotations by how scans lie. */
function planViews({ pictures, turned }: CohortSurvey, preset: Config): Choice {
  const most = pictures
    ? Math.PI
    : turned === undefined
    ? ROTATION.untold
    : rounded(Math.min(Math.PI, ROTATION.least + turned));
  const withSpatial = <T extends { spatial: SpatialSettings }>(views: T): T => ({
    ...views,
    spatial: { ...views.spatial, rotation: [-most, most], flip: pictures },
  });
  const { views, adaptation } = preset;
  return {
    settings: {
      views: withSpatial(views),
      adaptation: { views: withSpatial(adaptation.views) },
    },
    because: pictures
      ? "pictures have no up and down, no left and right"
      : turned === undefined
      ? "the files do not tell how scans lie, and left and right differ"
      : `scans lie within ${
        Math.round(180 * turned / Math.PI)
      }° of each other, and left and right differ`,
  };
}

/** A window about what is outlined where intensities are Hounsfield units. */
function planIntensities({ hounsfield, channels, outlines }: CohortSurvey): Choice {
  if (!hounsfield || channels > 1) {
    return { settings: {}, because: "they share no unit, as Hounsfield's, from scan to scan" };
  }
  if (!outlines) {
    return {
      settings: {},
      because: "no outline tells which Hounsfield units matter; data.window names them",
    };
  }
  const [low, high] = outlines.intensities;
  const half = Math.max(WINDOW_SIDE, high - low);
  const window = [-1, 1].map((sign) => Math.round((low + high) / 2 + sign * half));
  return {
    settings: { data: { window: [window[0], window[1]] } },
    because: `what is outlined has ${Math.round(low)} to ${Math.round(high)} Hounsfield units`,
  };
}

/** Epochs that come to the usual number of steps, with as many slices as the grid leaves room for. */
function planPretraining({ slices, scans }: CohortSurvey, size: number): Choice {
  const batch = slicesOfStep(size, BATCH);
  const epochs = Math.max(1, Math.round(STEPS * batch / slices));
  return {
    settings: { pretraining: { batch, epochs } },
    because: `about ${STEPS} steps on ${slices} slices of ${scans} scans`,
  };
}

/** The usual batches, or as many slices as the grid leaves room for. */
function planAdaptation({ adaptation }: Config, size: number): Choice {
  const { batch, meanTeacher, weakToStrong } = adaptation;
  const fitting = slicesOfStep(size, batch);
  return {
    settings: {
      adaptation: {
        batch: fitting,
        meanTeacher: { ...meanTeacher, batch: slicesOfStep(size, meanTeacher.batch) },
        weakToStrong: { ...weakToStrong, batch: slicesOfStep(size, weakToStrong.batch) },
      },
    },
    because: fitting < batch ? "more would not fit into the memory of a CPU" : "as usual",
  };
}

/** Slices of a step, of which there is room for one at least. */
function slicesOfStep(size: number, most: number): number {
  const room = STEP_PIXELS / size ** 2;
  return Math.max(1, Math.min(most, Math.round(room), Math.floor(1.1 * room)));
}

/** Two decimals are enough. */
function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}

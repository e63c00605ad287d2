/**
 * From a preset and the user's changes to a checked configuration.
 *
 * @module
 */
import { DEEPEST, depthOf } from "../io/text/parse_json.ts";
import { excerpt } from "../io/text/printable.ts";
import type { Config } from "./config.ts";
import { suggestion } from "./nearest.ts";
import { parseConfig } from "./parse_config.ts";
import { PRESETS } from "./presets.ts";

/** What a user may change. */
export interface ResolveOptions {
  /** Replaces the seed. */
  seed?: number;
  /** Changes "path=value", for instance "pretraining.batch=4"; values are JSON or plain text. */
  set?: readonly string[];
}

/**
 * A preset with changes applied and checked.
 *
 * @throws {RangeError} for an unknown preset or path, naming the nearest, or settings that do not
 * go together.
 * @throws {TypeError} for a value that the setting does not take.
 */
export function resolveConfig(preset: string, { seed, set = [] }: ResolveOptions = {}): Config {
  const found = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (!found) {
    const names = Object.keys(PRESETS);
    throw new RangeError(
      `expected a preset, one of ${names.join(", ")}, found "${excerpt(preset)}"` +
        suggestion(preset, names),
    );
  }
  return changeConfig({ ...found, seed: seed ?? found.seed }, set);
}

/** A configuration with changes "path=value" applied and checked; errors as {@link resolveConfig}. */
export function changeConfig(config: Config, changes: readonly string[]): Config {
  const changed = structuredClone(config);
  for (const change of changes) setPath(changed, change);
  const source = changes.length ? changes.join(" ") : config.preset;
  return parseConfig(changed, excerpt(source, 1000));
}

function setPath(config: Config, change: string): void {
  const [, path, text] = change.match(/^([^=]+)=(.*)$/s) ?? [];
  const paths = settingPaths(config);
  if (path === undefined) {
    throw new RangeError(`setting: expected path=value, found "${excerpt(change)}"`);
  }
  if (!paths.includes(path)) {
    throw new RangeError(
      `unknown setting "${excerpt(path)}"${
        suggestion(path, paths)
      }; the paths are those of config.json`,
    );
  }
  const keys = path.split(".");
  const last = keys.pop()!;
  // deno-lint-ignore no-explicit-any -- walks a path that was just found in the object
  const parent = keys.reduce((value: any, key) => value[key], config);
  parent[last] = parseValue(text);
}

/** Every path to a setting, "loss" and "loss.pixels" alike, so that a whole part can be replaced. */
function settingPaths(value: unknown, prefix = ""): string[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    prefix + key,
    ...settingPaths(inner, `${prefix}${key}.`),
  ]);
}

function parseValue(text: string): unknown {
  if (depthOf(text) > DEEPEST) {
    throw new RangeError(`setting: expected a value of at most ${DEEPEST} levels, found more`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

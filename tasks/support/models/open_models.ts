/**
 * Several `--model`s that segment together.
 *
 * @module
 */
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { listFolderIfAny } from "../../../lib/io/folders.ts";
import { UsageError, type Values } from "../command/command.ts";
import { type OpenModel, openModel } from "./model.ts";
import { isFile } from "./weights_file.ts";

/** Models that segment together, of which the first tells what all have in common. */
export type OpenModels = readonly [OpenModel, ...OpenModel[]];

/**
 * Opens every `--model`, and of a folder `folds` the models of all folds, with the changes of `--set`.
 *
 * @throws {TypeError} if one differs from the first in what it segments, in its channels, in its order
 * of voxels, or in how masks are cleaned up; or as `openModel`.
 */
export async function openModels(values: Values): Promise<OpenModels> {
  const [path, ...paths] = await modelPaths(values.list("model"));
  const first = await openModel(path, values);
  const others: OpenModel[] = [];
  for (const other of paths) {
    const opened = await openModel(other, values);
    expectAlike({ path, model: first }, { path: other, model: opened });
    others.push(opened);
  }
  return [first, ...others];
}

/**
 * The models that paths stand for: RUN/folds, which `finetune --folds` leaves, for those of its folds.
 *
 * @throws {Error} if such a folder holds none.
 */
export async function modelPaths(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => {
    if (basename(path) !== "folds" || isFile(path)) return [path];
    const names = await listFolderIfAny(path);
    // A run may be called so.
    if (names.includes("run.json")) return [path];
    const folds = names.filter((name) => /^\d+$/.test(name));
    if (folds.length > 0) return folds.sort((a, b) => +a - +b).map((name) => join(path, name));
    throw new Error(`${path}: expected the folds of finetune --folds, found none`);
  }));
  return found.flat();
}

/** What models must have in common, each with words for what one has. */
const COMMON: Record<string, (model: OpenModel) => unknown> = {
  structures: ({ structures }) =>
    structures.map(({ label, name, values = [label] }) => `${name} (${values.join(", ")})`),
  channels: ({ channels }) => channels ?? ["one"],
  "the order of voxels": ({ order }) => order ? orderWords(order) : "as stored",
  "data.protocol": ({ config: { data } }) => data.protocol,
  "inference.largestComponent": ({ config: { inference } }) => inference.largestComponent,
  "inference.fillHoles": ({ config: { inference } }) => inference.fillHoles,
};

function orderWords({ axes, usual, slices, fixed }: NonNullable<OpenModel["order"]>): string {
  const across = `slices across axis ${slices}${fixed ? " always" : ""}`;
  return [axes, usual && `most stored ${usual}`, across].filter(Boolean).join(", ");
}

function expectAlike(
  first: { path: string; model: OpenModel },
  other: { path: string; model: OpenModel },
): void {
  for (const [what, of] of Object.entries(COMMON)) {
    const [expected, found] = [of(first.model), of(other.model)];
    if (isDeepStrictEqual(expected, found)) continue;
    const remedy = what.startsWith("inference.") ? `; set it for all: --set ${what}=true` : "";
    throw new TypeError(
      `${other.path}: expected a model that agrees with ${first.path} in ${what}, ` +
        `${words(expected)}, found ${words(found)}${remedy}`,
    );
  }
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : `${value}`;
}

/**
 * The split manifests of models' runs.
 *
 * @throws {UsageError} if a model is a file, which does not tell whom it was trained on.
 */
export function ownSplits(models: readonly string[]): string[] {
  const file = models.find(isFile);
  if (file === undefined) return models.map((model) => join(model, "split.json"));
  throw new UsageError(
    `--model ${file}: expected --split FILE, a manifest with the patients to test on: of a file it ` +
      "is not known whom it was trained on",
  );
}

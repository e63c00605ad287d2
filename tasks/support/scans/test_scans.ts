/**
 * The scans that models are tested on.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../../lib/config/config.ts";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { withStructures } from "../../../lib/data/datasets/known_structures.ts";
import { cohortWarnings } from "../../../lib/data/datasets/check/scan_warnings.ts";
import { readSplit } from "../../../lib/data/datasets/splits.ts";
import { type CohortScan, loadCohort } from "../../../lib/data/slices/cohort.ts";
import type { Values } from "../command/command.ts";
import type { OpenModels } from "../models/open_models.ts";
import { type OpenModel, unlikeTraining } from "../models/model.ts";
import { datasetOf } from "../command/options.ts";

/** Why a model of a split without test patients cannot be measured. */
const NOBODY =
  "expected patients to test on, found none: the model was trained on all who have masks; outline " +
  "others, and name them by --split";

/** A model with the test scans as it is to see them. */
export interface TestedModel {
  /** The model. */
  opened: OpenModel;
  /** The scans, with their masks. */
  scans: CohortScan[];
}

/** The dataset as a model knows it: its order of voxels, its channels, its structures. */
export async function datasetFor(
  { config, structures, channels, order, info }: OpenModel,
  values: Values,
): Promise<Dataset> {
  const known = { order, channels, pseudonyms: info?.pseudonyms };
  const opened = await datasetOf(values, { config, info: known });
  return withStructures(opened, structures, values.text("model"));
}

/** The test patients of some manifests, who must be the same in all of them. */
export async function readTest(manifests: readonly string[], dataset: Dataset): Promise<string[]> {
  const test = await testPatients(manifests, dataset);
  if (test.length === 0) throw new Error(`${manifests[0]}: ${NOBODY}`);
  return test;
}

/**
 * Reads the scans of the test patients for each model: for those that see the same of a scan, once.
 *
 * @param options The dataset is as the first model knows it.
 */
export async function readTestScans(
  [first, ...others]: OpenModels,
  { dataset, test, values, signal }: {
    dataset: Dataset;
    test: readonly string[];
    values: Values;
    signal: AbortSignal;
  },
): Promise<[TestedModel, ...TestedModel[]]> {
  const onScan = () => signal.throwIfAborted();
  const read = async (of: Dataset, { config: { grid, inference } }: OpenModel) =>
    await loadCohort(of, test, { grid, labelled: true, onScan, window: inference.window });
  const known: [TestedModel, ...TestedModel[]] = [
    { opened: first, scans: await read(dataset, first) },
  ];
  for (const opened of others) {
    const alike = known.find((one) => seesAlike(one.opened.config, opened.config));
    const scans = alike?.scans ?? await read(await datasetFor(opened, values), opened);
    known.push({ opened, scans });
  }
  return known;
}

/** What is odd about the test scans, also where one is unlike those that a model was trained on. */
export function testWarnings(members: readonly [TestedModel, ...TestedModel[]]): string[] {
  return cohortWarnings(members[0].scans.map(({ image, warnings }, i) => {
    const unlike = members.flatMap(({ opened, scans }) => unlikeTraining(opened, scans[i].slices));
    return { image, warnings: [...warnings, ...new Set(unlike)] };
  }));
}

/**
 * The test patients that some manifests have in common.
 *
 * @throws {RangeError} if manifests differ in them: one model has learnt from whom another is tested
 * on.
 */
async function testPatients(
  [first, ...others]: readonly string[],
  dataset: Dataset,
): Promise<string[]> {
  const { test } = await readSplit(first, dataset);
  const expected = new Set(test);
  for (const other of others) {
    const found = (await readSplit(other, dataset)).test;
    if (found.length === test.length && found.every((id) => expected.has(id))) continue;
    throw new RangeError(
      `${other}: expected the test patients of ${first}, found others; name patients that none of ` +
        "the models was trained on by --split FILE",
    );
  }
  return test;
}

/** Whether two models see the same of a scan. */
function seesAlike(a: Config, b: Config): boolean {
  const seen = ({ data, grid, inference: { window } }: Config) => ({ data, grid, window });
  return isDeepStrictEqual(seen(a), seen(b));
}

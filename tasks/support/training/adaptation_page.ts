/**
 * The page of an adaptation, where patients with masks were held out: by folds, or to test on.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../../../lib/data/datasets/dataset.ts";
import { isLabelled } from "../../../lib/data/datasets/splits.ts";
import { evenly } from "../../../lib/data/volumes/frames.ts";
import type { CrossValidation } from "../../../lib/experiments/cross_validation.ts";
import { counted } from "../../../lib/io/text/amounts.ts";
import { removeTemporaryFiles } from "../../../lib/io/write_file.ts";
import { writeAdaptationReport } from "../../../lib/reports/adaptation_report.ts";
import {
  type FinishedAdaptation,
  gatherFolds,
  gatherHeldOut,
} from "../../../lib/reports/gather/gather_adaptation.ts";
import type { HeldOutOptions } from "../../../lib/reports/gather/held_out.ts";
import type { AdaptationInput } from "../../../lib/reports/inputs/adaptation_input.ts";
import { crossValidatedQuality, heldOutQuality } from "./known_quality.ts";
import type { Learned } from "./learned.ts";
import type { Environment } from "../command/options.ts";
import type { Voice } from "../command/voice.ts";

/** Patients that are looked at where no folds measure all: the rest is left to evaluate. */
const MOST_PATIENTS = 10;

/** What a page is made of. */
export interface AdaptationPageOptions extends Omit<FinishedAdaptation, "labelled"> {
  /** What the model learnt from. */
  learned: Learned;
  /** What its folds found, where it has some. */
  found?: CrossValidation;
  /** Where it computes. */
  environment: Environment;
  /** Ends it. */
  signal: AbortSignal;
  /** Shows it. */
  voice: Voice;
}

/** Whether the page is there. */
export function hasAdaptationPage(out: string): boolean {
  return existsSync(join(out, "report.html"));
}

/** Writes the page beside a run; nothing, and undefined, where nobody with masks was held out. */
export async function writeAdaptationPage(
  { learned, found, environment, signal, voice, ...run }: AdaptationPageOptions,
): Promise<AdaptationInput | undefined> {
  const adaptation = { ...run, labelled: learned.subset.length };
  const display = voice.progress();
  const onScan = (done: number, total: number) => {
    signal.throwIfAborted();
    const doing = `segmented ${done} of ${counted(total, "scan")} for the report`;
    display.update(done / total, { doing, backend: environment.backend });
  };
  const input = found
    ? await gatherFolds(adaptation, { found, scans: learned.scans }, {
      ...{ onScan, environment, knownOf: () => crossValidatedQuality(found) },
    })
    : await lookedAt(adaptation, { learned, onScan, environment, signal, voice });
  // A kill may have left what was being written.
  await removeTemporaryFiles(run.out);
  if (input) await writeAdaptationReport(run.out, input);
  return input;
}

/**
 * What the model makes of some whom it did not learn from. The model is whole whatever their scans are
 * like: where one cannot be read, that is told.
 */
async function lookedAt(
  adaptation: FinishedAdaptation,
  { learned, onScan, environment, signal, voice }:
    & Pick<AdaptationPageOptions, "learned" | "environment" | "signal" | "voice">
    & { onScan: NonNullable<HeldOutOptions["onScan"]> },
): Promise<AdaptationInput | undefined> {
  const { role, patients } = heldOutPatients(learned, adaptation.dataset);
  if (patients.length === 0) return undefined;
  try {
    return await gatherHeldOut(adaptation, evenly(patients, MOST_PATIENTS), {
      ...{ onScan, environment },
      knownOf: (dice) => heldOutQuality(dice, { role, all: patients.length }),
    });
  } catch (error) {
    signal.throwIfAborted();
    voice.warn(`no report of the ${role} patients: ${(error as Error).message}`);
    return undefined;
  }
}

/** Whom a split keeps from learning, of those with masks: to validate on, or else to test on. */
function heldOutPatients(
  { split: { test, validation = [] } }: Learned,
  { patients }: Dataset,
): { role: string; patients: readonly string[] } {
  const masked = new Set(
    patients.filter(isLabelled).map(({ id }) => id),
  );
  const known = (ids: readonly string[]) => ids.filter((id) => masked.has(id));
  return validation.length > 0
    ? { role: "validation", patients: known(validation) }
    : { role: "test", patients: known(test) };
}

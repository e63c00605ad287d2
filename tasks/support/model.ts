/**
 * Adapted models by their run's folder.
 *
 * @module
 */
import type { Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import { changeConfig } from "../../lib/config/resolve.ts";
import { openRun, type Run, type RunInfo } from "../../lib/training/run_folder.ts";
import { hasTeacher, segmentationModel } from "../../lib/training/segmentation_model.ts";
import { type Option, usage, UsageError, type Values } from "./command.ts";

/** `--set`, of the settings that an adapted model can still change. */
export const INFERENCE_OPTION: Record<string, Option> = {
  set: {
    value: "PATH=VALUE",
    help: "changes how it segments, for instance inference.largestComponent=true; may be repeated",
    multiple: true,
  },
};

/**
 * Opens the model of a run, with the changes of {@linkcode INFERENCE_OPTION}; of a Mean Teacher, the
 * teacher and its student.
 *
 * @throws {TypeError} if the run is a pretraining, which segments nothing yet.
 */
export async function openModel(
  folder: string,
  values: Values,
): Promise<{ model: Network; student?: Network; config: Config; info: RunInfo }> {
  const changes = values.list("set");
  const other = changes.find((change) => !change.startsWith("inference."));
  if (other) {
    throw new UsageError(
      `--set: expected a setting of inference, found "${other}"; all others are those that the ` +
        "model was trained with",
    );
  }
  const run = await openRun(folder);
  const { config: trained, info, checkpoint } = run;
  const { structures } = info;
  const config = usage(() => changeConfig(trained, changes));
  if (structures.length === 0) {
    throw new TypeError(
      `${folder}: expected an adapted model, found a pretraining; adapt it with deno task finetune`,
    );
  }
  expectTrained(folder, run);
  const options = { config, classes: structures.length + 1, source: folder };
  return {
    model: segmentationModel(checkpoint, options),
    student: hasTeacher(checkpoint)
      ? segmentationModel(checkpoint, { ...options, part: "student" })
      : undefined,
    config,
    info,
  };
}

/**
 * Makes sure that a run's training is done.
 *
 * @throws {Error} if it is half-trained: such a model is not to be used by mistake.
 */
export function expectTrained(
  folder: string,
  { info: { kind, status }, damage }: Pick<Run, "info" | "damage">,
): void {
  if (status === "done") return;
  const what = damage ?? `${folder}: expected a model whose training is done, found it ${status}`;
  const task = kind === "pretrain" ? "pretrain" : "finetune";
  throw new Error(`${what}; finish it with deno task ${task} --resume`);
}

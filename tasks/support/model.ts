/**
 * Adapted models by their run's folder.
 *
 * @module
 */
import type { Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import type { Structure } from "../../lib/data/dataset.ts";
import { openRun } from "../../lib/training/run_folder.ts";
import { hasTeacher, segmentationModel } from "../../lib/training/segmentation_model.ts";

/**
 * Opens the model of a run; of a Mean Teacher, the teacher and its student.
 *
 * @throws {TypeError} if the run is a pretraining, which segments nothing yet.
 */
export async function openModel(
  folder: string,
): Promise<{ model: Network; student?: Network; config: Config; structures: Structure[] }> {
  const { config, info: { structures }, checkpoint } = await openRun(folder);
  if (structures.length === 0) {
    throw new TypeError(
      `${folder}: expected an adapted model, found a pretraining; adapt it with deno task finetune`,
    );
  }
  const options = { config, classes: structures.length + 1, source: folder };
  return {
    model: segmentationModel(checkpoint, options),
    student: hasTeacher(checkpoint)
      ? segmentationModel(checkpoint, { ...options, part: "student" })
      : undefined,
    config,
    structures,
  };
}

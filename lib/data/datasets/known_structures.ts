/**
 * Reading a dataset by the structures that a model segments.
 *
 * @module
 */
import type { Dataset, Structure } from "./dataset.ts";

/**
 * The dataset with a model's structures in place of its own: labels are then the model's. It may lack
 * some of them, as where no test patient has a structure.
 *
 * @param source The model's path, for the message.
 * @throws {TypeError} If it has a structure, by name, that the model does not have.
 */
export function withStructures(
  dataset: Dataset,
  structures: readonly Structure[],
  source: string,
): Dataset {
  const own = new Map(dataset.structures.map((structure) => [structure.name, structure]));
  const known = new Set(structures.map(({ name }) => name));
  if (![...own.keys()].every((name) => known.has(name))) {
    throw new TypeError(
      `${source}: a model of ${namesOf(structures)}, but ${dataset.name} has ` +
        `${namesOf(dataset.structures)}: evaluate on the kind of data that it was trained for`,
    );
  }
  const read = structures.map(({ label, name, values = [label] }) => {
    const here = own.get(name);
    return { label, name, values: here ? here.values ?? [here.label] : values };
  });
  return { ...dataset, structures: read };
}

function namesOf(structures: readonly Structure[]): string {
  return structures.map(({ name }) => name).join(", ") || "no structures";
}

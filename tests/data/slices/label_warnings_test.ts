import assert from "node:assert/strict";
import type { CohortScan } from "../../../lib/data/slices/cohort.ts";
import {
  emptyPatients,
  untaughtWarnings,
  untestedWarnings,
} from "../../../lib/data/slices/label_warnings.ts";
import { IGNORED } from "../../../lib/data/masks/labels.ts";
import { prepareVolume } from "../../../lib/data/slices/preprocess.ts";
import { tinyVolume } from "../../support/datasets.ts";

const structures = [{ label: 1, name: "LV" }, { label: 2, name: "RV" }];

/** A scan whose mask holds these labels. */
function scan(patient: string, ...labels: number[]): CohortScan {
  const image = tinyVolume();
  const reference = Uint8Array.from({ length: 24 }, (_, i) => labels[i] ?? 0);
  const slices = prepareVolume(image, { size: 4, spacing: 1.5 });
  const { source, shape, spacing } = image;
  return {
    patient,
    group: "",
    phase: "ED",
    image: source,
    slices,
    reference,
    shape,
    spacing,
    warnings: [],
  };
}

Deno.test("untaughtWarnings() tells what the masks do not show", () => {
  const warnings = (...scans: CohortScan[]) => untaughtWarnings(scans, structures);
  assert.deepEqual(warnings(scan("a", 1), scan("b", 2)), []);
  assert.deepEqual(warnings(scan("a", 1), scan("b")), [
    "nothing is outlined in the masks of b ED: all of it counts as background",
    "no labelled scan has RV: the model will not find it; choose other labelled patients",
  ]);
  assert.deepEqual(warnings(scan("a"), scan("b", IGNORED)), [
    "no structure is outlined in the masks of a ED, b ED: the model will find nothing; choose " +
    "other labelled patients",
  ]);
});

Deno.test("untestedWarnings() tells which structure or region no scan has", () => {
  const scans = [scan("a", 1), scan("b", IGNORED)];
  const [warning, ...others] = untestedWarnings(scans, { structures });
  assert.match(warning, /^no test scan has RV: where it is found, that counts as Dice 0/);
  assert.deepEqual(others, []);
  const regions = [{ name: "heart", labels: [1, 2] }];
  assert.deepEqual(untestedWarnings(scans, { structures, regions }), []);
});

Deno.test("emptyPatients() are those without an outline in any scan", () => {
  const scans = [scan("a"), scan("a", 1), scan("b"), scan("b", IGNORED), scan("c", 2)];
  assert.deepEqual(emptyPatients(scans), ["b"]);
});

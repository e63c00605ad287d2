import assert from "node:assert/strict";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../lib/data/datasets/splits.ts";
import { parseMetricsCsv } from "../../lib/evaluators/read_metrics.ts";
import { crossedGroups, type SweepPlan } from "../../lib/experiments/sweep/plan.ts";
import { runSweep } from "../../lib/experiments/sweep/sweep.ts";
import { split, unpack } from "../../lib/reports/page/bytes.ts";
import { writeSweepReport } from "../../lib/reports/sweep_report.ts";
import { withFolder } from "../support/datasets.ts";
import { writeCohort } from "../tasks/cohort.ts";
import { onCpu, TINY } from "../training/tiny.ts";

const config = {
  ...TINY,
  grid: { ...TINY.grid, spacing: 2 },
  pretraining: { ...TINY.pretraining, epochs: 1, batch: 6, qualityEvery: 2 },
  adaptation: { ...TINY.adaptation, iterations: 11, batch: 2 },
};
const plan: SweepPlan = {
  configs: [config],
  groups: crossedGroups([config], { strategies: ["scratch", "finetune"], patients: [1] }),
  seeds: [0, 1],
};
const environment = { backend: "simd", deno: "2.9.6" };

/** What a report embeds for its script. */
async function embedded(path: string) {
  const page = await Deno.readTextFile(path);
  return { page, ...JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]) };
}

Deno.test(
  "writeSweepReport() shows the sweep's own slices, masks, features, metrics and curves",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const out = `${dir}/sweep`;
      const result = await runSweep(dataset, plan, { out, environment });
      const { test, subsets } = splitPatients(dataset, { sizes: [1] });
      const sweep = { out, dataset, plan, result, test };
      const options = { title: "Tiny", environment: { ...environment, seconds: 1 } };
      const path = await writeSweepReport(sweep, options);
      const { page, figures, slices, features, patients } = await embedded(path);

      const scans = await loadCohort(dataset, test, { grid: config.grid, labelled: true });
      const group = "1 labelled patient";
      assert.deepEqual(slices.models, [
        { name: "From scratch", group },
        { name: "Fine-tuned, tiny", group },
      ]);
      assert.deepEqual(
        slices.scans.map(({ title, depth }: { title: string; depth: number }) => [title, depth])
          .sort(),
        scans.map(({ patient, phase, slices }) => [`${patient} · ${phase}`, slices.depth]).sort(),
      );
      const [first] = slices.scans;
      const scan = scans.find(({ patient, phase }) => `${patient} · ${phase}` === first.title)!;
      assert.deepEqual(await unpack(first.reference), scan.slices.labels);
      const images = await unpack(first.images);
      images.forEach((byte, i) =>
        assert.ok(Math.abs(byte / 255 - scan.slices.images[i]) <= 0.5 / 255 + 1e-6)
      );
      const masks = split(await unpack(first.predictions), images.length);
      assert.equal(masks.length, 2);
      assert.notDeepEqual(masks[0], masks[1]);

      const [{ scales, dimensions, features: packed }] = features.pretrainings;
      assert.deepEqual([features.size, features.titles.length, dimensions], [16, 2, 8]);
      assert.equal((await unpack(packed)).length, 2 * 16 * 16 * scales.length);

      const csv = await Deno.readTextFile(`${out}/runs/none-scratch-1-patients-seed-0/metrics.csv`);
      const tested = new Set(parseMetricsCsv(csv).map(({ patient }) => patient));
      assert.deepEqual(patients.settings.length, 2);
      assert.deepEqual(patients.settings[0].dice.flat().length, tested.size);
      assert.ok(figures["quality-effective-rank"].data[0].x.length > 1);
      assert.equal(figures["training-2"].data.length, 2);
      assert.ok(page.includes(subsets[1][0]));
      assert.doesNotMatch(page.slice(0, page.indexOf('<script type="application')), /taken over/);

      // What is taken over from another sweep has no models, no metrics by patient, no features.
      const known = `${dir}/known`;
      const taken = await runSweep(dataset, plan, { out: known, environment, known: result });
      const other = await embedded(
        await writeSweepReport({ ...sweep, out: known, result: taken }, options),
      );
      assert.match(other.page, /4 runs of 4 were taken over from an earlier sweep/);
      assert.deepEqual(Object.keys(other.figures), ["label-efficiency"]);
      assert.deepEqual(other.slices.models, []);
      assert.equal(other.slices.scans.length, slices.scans.length);
      assert.equal(other.features, undefined);
      assert.equal(other.patients, undefined);
    })
  ),
);

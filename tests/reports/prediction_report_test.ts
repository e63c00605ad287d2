import assert from "node:assert/strict";
import { resolveConfig } from "../../lib/config/resolve.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readScan } from "../../lib/data/datasets/read_scan.ts";
import { predictedScans } from "../../lib/reports/gather/gather_prediction.ts";
import { renderPrediction, writePredictionReport } from "../../lib/reports/prediction_report.ts";
import { unpack } from "../../lib/reports/page/bytes.ts";
import { withFolder } from "../support/datasets.ts";
import { writeCohort } from "../tasks/cohort.ts";
import { prediction } from "./page_examples.ts";

Deno.test("renderPrediction() lists the doubtful first, with their volumes and why", () => {
  const page = renderPrediction(prediction);
  const text = page.replaceAll(/<script[^]*?<\/script>|<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  assert.match(
    text,
    /Masks of 9 scans .* LV, RV LV: half .* Masks 9 With nothing in them, .* 2 Median doubt 0\.400 /,
  );
  assert.match(
    text,
    /LV, ml RV, ml scan2 Show 0\.200 nothing was found 0 0 scan1 Show 0\.100 LV: 10 ml, median/,
  );
  assert.match(text, /scan8 0\.800 – 99 50 scan7/);
  assert.match(text, /from 6 reference masks: LV 5 to 20 ml, RV 40 to 60 ml\./);
  assert.match(
    renderPrediction({ ...prediction, references: undefined }),
    /in the masks that the model learned from is not known/,
  );
  assert.doesNotMatch(text, /NaN|undefined|null|Reference|Errors/);
  const { tables } = JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]);
  assert.match(
    tables["masks-csv"].text,
    /^scan,doubt,look_at,LV_ml,RV_ml\r\nscan2,0\.2,nothing was found,0,0\r\n/,
  );
});

Deno.test("predictedScans() makes an entry of every time point, with its volumes", () => {
  const labels = Uint8Array.of(0, 1, 1, 2, 0, 0, 0, 2);
  const entries = predictedScans({ image: "cine.nii" }, {
    title: "cine",
    image: { shape: [2, 2, 1, 3], spacing: [10, 10, 5] },
    frames: [0, 2],
    ...{ labels, doubt: 0.2, structures: prediction.structures },
  });
  assert.deepEqual(entries.map(({ title, frame, volumes }) => [title, frame, volumes]), [
    ["cine · frame 0", 0, [1, 0.5]],
    ["cine · frame 2", 2, [0, 0.5]],
  ]);
});

Deno.test("writePredictionReport() shows the masks on their scans", () =>
  withFolder(async (dir) => {
    await writeCohort(`${dir}/cohort`);
    const dataset = await openDataset(`${dir}/cohort`);
    const { structures, root: within } = dataset;
    const scans = await Promise.all(
      dataset.patients.slice(0, 2).flatMap(({ id, scans: [scan] }) => ({ id, scan }))
        .map(async ({ id, scan }, i) => {
          const { channels: [image], mask } = await readScan(scan, {
            ...dataset,
            order: undefined,
          });
          const labels = mask!.voxels;
          const told = { title: id, image, frames: [undefined], labels, doubt: i / 2, structures };
          return predictedScans(scan, told);
        }),
    );
    const config = resolveConfig("pix2rep-demo");
    const environment = { backend: "simd", deno: "2.9.6" };
    await writePredictionReport(dir, scans.flat(), { structures, config, within, environment });
    const page = await Deno.readTextFile(`${dir}/report.html`);
    const { slices } = JSON.parse(page.match(/id="report-data">(.*?)<\/script>/s)![1]);
    const ids = dataset.patients.slice(0, 2).map(({ id }) => id);
    assert.deepEqual(slices.scans.map(({ title }: { title: string }) => title), ids.toReversed());
    const mask = await unpack(slices.scans[0].predictions);
    for (const { label } of structures) assert.ok(mask.includes(label));
    assert.equal(slices.scans[0].reference, undefined);
    assert.ok(!page.includes(dir));
  }));

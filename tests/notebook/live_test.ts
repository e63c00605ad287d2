import assert from "node:assert/strict";
import type { Broadcast } from "../../lib/notebook/display.ts";
import { liveSweep } from "../../lib/notebook/live_sweep.ts";
import { liveTraining } from "../../lib/notebook/live_training.ts";
import type { Figure } from "../../lib/reports/figures.ts";

/** A broadcast that keeps what is sent. */
function recorder() {
  const sent: { type: string; id: string; data: Record<string, unknown> }[] = [];
  const broadcast: Broadcast = (type, { data, transient }) => {
    sent.push({ type, id: transient.display_id, data });
    return Promise.resolve();
  };
  return { sent, broadcast };
}

const steps = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    step: first + i,
    loss: 1 / (first + i),
    learning_rate: 1e-3,
  }));

const titleOf = ({ data }: { data: Record<string, unknown> }) => {
  const { layout } = data["application/vnd.plotly.v1+json"] as Figure;
  return (layout.title as { text: string }).text;
};

Deno.test("liveTraining() draws the loss in one place, and ends without times", async () => {
  const { sent, broadcast } = recorder();
  const { onSteps } = liveTraining("Pretraining", { broadcast });
  await onSteps(steps(1, 10), 40);
  await onSteps(steps(11, 20), 40); // too soon after the first to be drawn
  await onSteps([], 40);
  await onSteps(steps(21, 40), 40);
  assert.deepEqual(sent.map(({ type }) => type), ["display_data", "update_display_data"]);
  assert.equal(sent[0].id, sent[1].id);
  assert.match(
    titleOf(sent[0]),
    /^Pretraining: step 10 of 40, [\d.]+ steps\/s, \d+ s left, loss 0\.100$/,
  );
  assert.equal(titleOf(sent[1]), "Pretraining: 40 steps, loss 0.0250");
  const { data: [trace], layout } = sent[1].data["application/vnd.plotly.v1+json"] as Figure;
  assert.equal((trace.x as number[]).length, 40);
  assert.deepEqual((layout.xaxis as { range: number[] }).range, [0, 40]);
  assert.ok(sent[1].data["image/png"]);
});

Deno.test("liveTraining() shows nothing where there are no steps, as in context", async () => {
  const { sent, broadcast } = recorder();
  await liveTraining("In context", { broadcast }).onSteps([], 0);
  assert.deepEqual(sent, []);
});

Deno.test("liveSweep() shows what is going on in one line, and only when it changes", async () => {
  const { sent, broadcast } = recorder();
  const onProgress = liveSweep({ broadcast });
  const stage = { stage: "pretraining pix2rep", part: 1, parts: 4 };
  onProgress({ ...stage, fraction: 0 });
  onProgress({ ...stage, fraction: 0.001 });
  onProgress({ ...stage, stage: "From scratch", part: 2, fraction: 0.5 });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(sent.map(({ type, data }) => [type, data["text/plain"]]), [
    ["display_data", `${"░".repeat(30)} 1 of 4: pretraining pix2rep`],
    ["update_display_data", `${"█".repeat(15)}${"░".repeat(15)} 2 of 4: From scratch`],
  ]);
});

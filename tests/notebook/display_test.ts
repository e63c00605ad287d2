import assert from "node:assert/strict";
import {
  type Broadcast,
  DISPLAY,
  displayed,
  kernelBroadcast,
  openDisplay,
} from "../../lib/notebook/display.ts";

Deno.test("displayed() makes an object show itself, and changes nothing else of it", () => {
  const object = { data: [1, 2] };
  const shown = displayed(object, () => ({ "text/plain": "two numbers" }));
  assert.equal(shown, object);
  assert.equal(DISPLAY, Symbol.for("Jupyter.display"));
  assert.deepEqual(shown[DISPLAY](), { "text/plain": "two numbers" });
  assert.deepEqual(shown, { data: [1, 2] });
  assert.equal(JSON.stringify(shown), '{"data":[1,2]}');
  displayed(shown, () => ({ "text/plain": "again" }));
  assert.deepEqual(shown[DISPLAY](), { "text/plain": "again" });
});

Deno.test("openDisplay() shows once, then updates what it showed", async () => {
  const sent: Parameters<Broadcast>[] = [];
  const broadcast: Broadcast = (...message) => {
    sent.push(message);
    return Promise.resolve();
  };
  const text = (plain: string) => displayed({}, () => ({ "text/plain": plain }));
  const [show, other] = [openDisplay(broadcast), openDisplay(broadcast)];
  await show(text("1 of 2"));
  await other(text("else"));
  await show(text("2 of 2"));
  assert.deepEqual(sent.map(([type, { data }]) => [type, data["text/plain"]]), [
    ["display_data", "1 of 2"],
    ["display_data", "else"],
    ["update_display_data", "2 of 2"],
  ]);
  const [first, second, third] = sent.map(([, { transient }]) => transient.display_id);
  assert.equal(first, third);
  assert.notEqual(first, second);
});

Deno.test("openDisplay() keeps the order of objects that are shown without waiting", async () => {
  const types: string[] = [];
  const show = openDisplay((type, { data }) => {
    types.push(`${type} ${data["text/plain"]}`);
    return Promise.resolve();
  });
  const slow = displayed({}, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { "text/plain": "slow" };
  });
  await Promise.all([show(slow), show(displayed({}, () => ({ "text/plain": "fast" })))]);
  assert.deepEqual(types, ["display_data slow", "update_display_data fast"]);
});

Deno.test("kernelBroadcast() does nothing outside a notebook", async () => {
  const content = { data: {}, metadata: {}, transient: { display_id: "a" } };
  assert.equal(await kernelBroadcast()("display_data", content), undefined);
});

import assert from "node:assert/strict";
import { evenSlices, sharedRoom } from "../../../lib/reports/gather/shared_room.ts";

Deno.test("sharedRoom() gives all what they need, or the same, and at least one", () => {
  assert.deepEqual(sharedRoom([3, 5, 4], 12), [3, 5, 4]);
  assert.deepEqual(sharedRoom([10, 2, 10], 12), [5, 2, 5]);
  assert.deepEqual(sharedRoom([10, 10, 10], 2), [1, 1, 1]);
  assert.deepEqual(sharedRoom([], 5), []);
});

Deno.test("evenSlices() takes the middle slice of equal parts", () => {
  assert.deepEqual(evenSlices(9, 1), [4]);
  assert.deepEqual(evenSlices(9, 3), [1, 4, 7]);
  assert.deepEqual(evenSlices(3, 5), [0, 1, 2]);
});

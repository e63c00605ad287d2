import assert from "node:assert/strict";
import fc from "fast-check";
import { random } from "../../lib/math/random.ts";

const COUNT = 20_000;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const moment = (values: number[], power: number) => mean(values.map((value) => value ** power));
/** Within five standard errors. */
const near = (found: number, expected: number, deviation: number) =>
  assert.ok(Math.abs(found - expected) < 5 * deviation / Math.sqrt(COUNT), `${found}`);

Deno.test("random() keeps its numbers from version to version", () => {
  const source = random(7, "views", 3);
  assert.deepEqual(
    [source.uniform(), source.uniform(-1, 1), source.normal(), source.integer(1000)],
    [0.4300020916471258, 0.6733860335377562, 1.6604968825761712, 124],
  );
  assert.equal(source.shuffle("abcdef").join(""), "bacfed");
});

Deno.test("random() gives each key numbers of its own, the same ones every time", () => {
  const key = fc.array(fc.oneof(fc.integer(), fc.string()), { minLength: 1, maxLength: 3 });
  const first = (key: (number | string)[]) => random(...key).uniform();
  fc.assert(fc.property(key, key, (a, b) => {
    assert.equal(first(a), first(a));
    if (JSON.stringify(a) !== JSON.stringify(b)) assert.notEqual(first(a), first(b));
  }));
  assert.notEqual(first([1]), first(["1"]));
});

Deno.test("random() is independent between the numbers of a key and between neighbouring keys", () => {
  const keys = Array.from({ length: COUNT }, (_, i) => random("neighbours", i));
  const draws = Array.from({ length: 4 }, () => keys.map((key) => key.uniform() - 0.5));
  for (const [i, a] of draws.entries()) {
    near(mean(a), 0, Math.sqrt(1 / 12));
    near(mean(a.slice(1).map((value, k) => value * a[k])), 0, 1 / 12);
    for (const b of draws.slice(i + 1)) near(mean(a.map((value, k) => value * b[k])), 0, 1 / 12);
  }
});

Deno.test("uniform() fills its range evenly", () => {
  const source = random("uniform");
  const values = Array.from({ length: COUNT }, () => source.uniform(-2, 4));
  assert.ok(values.every((value) => value >= -2 && value < 4));
  near(mean(values), 1, 6 / Math.sqrt(12));
  near(mean(values.map((value) => (value - 1) ** 2)), 3, 9 * Math.sqrt(4 / 45));
});

Deno.test("normal() has the moments of the standard normal distribution", () => {
  const source = random("normal");
  const values = Array.from({ length: COUNT }, () => source.normal());
  near(mean(values), 0, 1);
  near(moment(values, 2), 1, Math.sqrt(2));
  near(moment(values, 3), 0, Math.sqrt(15));
  near(moment(values, 4), 3, Math.sqrt(96));
});

Deno.test("integer() draws every number below its end equally often", () => {
  const source = random("integer");
  const counts = new Array(7).fill(0);
  for (let i = 0; i < COUNT; i++) counts[source.integer(7)]++;
  assert.equal(counts.length, 7);
  for (const count of counts) near(count / COUNT, 1 / 7, Math.sqrt(6) / 7);
});

Deno.test("shuffle() returns a permutation and leaves its argument alone", () => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
    const before = [...items];
    const shuffled = random(seed).shuffle(items);
    assert.deepEqual(items, before);
    assert.deepEqual(shuffled.sort(), before.sort());
  }));
});

Deno.test("shuffle() puts every item everywhere equally often", () => {
  const source = random("shuffle");
  const counts = new Map<string, number>();
  for (let i = 0; i < COUNT; i++) {
    const order = source.shuffle("abc").join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) near(count / COUNT, 1 / 6, Math.sqrt(5) / 6);
});

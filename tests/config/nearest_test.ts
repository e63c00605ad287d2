import assert from "node:assert/strict";
import fc from "fast-check";
import { nearest, suggestion } from "../../lib/config/nearest.ts";

const names = ["pretraining.batch", "pretraining.epochs", "seed", "loss"];

Deno.test("nearest() finds what was meant: letters left out, added, replaced", () => {
  const cases = { sed: "seed", seeed: "seed", lose: "loss", "pretraining.bath": names[0] };
  for (const [word, meant] of Object.entries(cases)) assert.equal(nearest(word, names), meant);
});

Deno.test("nearest() prefers the candidate with the fewest edits", () => {
  assert.equal(nearest("abcdef", ["abcxyf", "abcdxf"]), "abcdxf");
});

Deno.test("nearest() finds nothing alike", () => {
  for (const word of ["", "augmentation", "xxxxxxxxx"]) {
    assert.equal(nearest(word, names), undefined);
  }
  assert.equal(nearest("seed", []), undefined);
  assert.equal(nearest("X", ["S", "M"]), undefined);
});

Deno.test("nearest() of a candidate is itself, and one edit away still it", () => {
  const word = fc.string({ minLength: 6, maxLength: 12 });
  fc.assert(
    fc.property(word, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (word, at, c) => {
      assert.equal(nearest(word, [word, "unlike it all"]), word);
      const i = at % word.length;
      for (
        const edited of [word.slice(0, i) + word.slice(i + 1), word.slice(0, i) + c + word.slice(i)]
      ) {
        assert.equal(nearest(edited, [word]), word);
      }
    }),
  );
});

Deno.test("suggestion() is a question, or nothing", () => {
  assert.equal(suggestion("sed", names), " (did you mean seed?)");
  assert.equal(suggestion("xxxxxxxxx", names), "");
});

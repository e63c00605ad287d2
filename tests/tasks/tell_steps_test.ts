import assert from "node:assert/strict";
import { tellSteps } from "../../tasks/support/training/plan.ts";
import type { Voice } from "../../tasks/support/command/voice.ts";

/** What is said of steps of two seconds. */
function said(steps: number, trainings?: number): { notes: string[]; warnings: string[] } {
  const [notes, warnings]: string[][] = [[], []];
  const voice: Voice = {
    note: (line) => void notes.push(line),
    detail: () => {},
    warn: (line) => void warnings.push(line),
    progress: () => assert.fail("no progress"),
    clear: () => {},
  };
  tellSteps(steps, { pace: { apart: 0, perStep: 2 }, trainings, voice });
  return { notes, warnings };
}

Deno.test("tellSteps() says how many steps fit, and how long they take", () => {
  assert.deepEqual(said(600), { notes: ["600 steps of 2 s: 20 min 0 s"], warnings: [] });
  assert.match(said(600, 4).notes[0], /20 min 0 s, 4 times$/);
});

Deno.test("tellSteps() warns of few steps, and says how long enough of them would take", () => {
  const [warning] = said(19).warnings;
  assert.match(warning, /^19 steps of training fit into the time.*200 steps would take 7 minutes/);
  assert.match(said(19, 3).warnings[0], /would take 20 minutes/);
  assert.deepEqual(said(200).warnings, []);
});

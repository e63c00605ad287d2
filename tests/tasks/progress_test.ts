import assert from "node:assert/strict";
import { startProgress } from "../../tasks/support/command/progress.ts";
import { styles } from "../../tasks/support/command/terminal.ts";

/** A screen that keeps what it is shown, and a clock that is set by hand. */
function screen({ terminal, columns = 80 }: { terminal: boolean; columns?: number }) {
  const [printed, rewritten]: string[][] = [[], []];
  const clock = { seconds: 0 };
  return {
    printed,
    rewritten,
    clock,
    screen: {
      print: (line: string) => void printed.push(line),
      rewrite: terminal ? (line: string) => void rewritten.push(line) : undefined,
      columns: () => columns,
      style: styles(false),
    },
    now: () => 1000 * clock.seconds,
  };
}

const state = (step: number) => ({
  doing: `step ${step} of 100`,
  loss: 1 / 3,
  slices: 8 * step,
  backend: "simd",
});

Deno.test("startProgress() rewrites a line of loss, rate, backend and time left on a terminal", () => {
  const { screen: on, printed, rewritten, clock, now } = screen({ terminal: true });
  const display = startProgress(on, now);
  display.update(0.1, state(10));
  clock.seconds = 20;
  display.update(0.5, state(50));
  display.clear();
  assert.deepEqual(rewritten, [
    "█░░░░░░░░░   10 %  step 10 of 100  loss 0.3333  simd",
    "█████░░░░░   50 %  step 50 of 100  loss 0.3333  16 slices/s  simd  25 s left",
    "",
  ]);
  assert.deepEqual(printed, []);
});

Deno.test("startProgress() leaves out what a narrow terminal has no room for", () => {
  const last = (columns: number) => {
    const { screen: on, rewritten, clock, now } = screen({ terminal: true, columns });
    const display = startProgress(on, now);
    display.update(0.1, state(10));
    clock.seconds = 20;
    display.update(0.5, state(50));
    return rewritten[1];
  };
  assert.equal(last(70), " 50 %  step 50 of 100  loss 0.3333  16 slices/s  simd  25 s left");
  assert.equal(last(50), " 50 %  step 50 of 100  loss 0.3333  25 s left");
  assert.equal(last(20), " 50 %  step 50 of 1");
});

Deno.test("startProgress() prints plain lines elsewhere, one in 15 seconds", () => {
  const { screen: on, printed, clock, now } = screen({ terminal: false });
  const display = startProgress(on, now);
  for (let step = 10; step <= 100; step += 10) {
    clock.seconds += 4;
    display.update(step / 100, state(step));
  }
  display.clear();
  assert.deepEqual(printed, [
    " 40 %  step 40 of 100  loss 0.3333  20 slices/s  simd  24 s left",
    " 80 %  step 80 of 100  loss 0.3333  20 slices/s  simd  8 s left",
  ]);
});

Deno.test("startProgress() reckons rates anew where other work begins", () => {
  const { screen: on, rewritten, clock, now } = screen({ terminal: true });
  const display = startProgress(on, now);
  display.update(0, { doing: "a", slices: 100 });
  clock.seconds = 10;
  display.update(0, { doing: "b" });
  display.update(0, { doing: "b", slices: 200 });
  clock.seconds = 20;
  display.update(0, { doing: "b", slices: 230 });
  const empty = "░░░░░░░░░░    0 %";
  assert.deepEqual(rewritten, [
    `${empty}  a`,
    `${empty}  b`,
    `${empty}  b`,
    `${empty}  b  3.0 slices/s`,
  ]);
});

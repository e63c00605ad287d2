/**
 * Whether the tests notice mistakes: makes those of the tables beside it one at a time, each in a copy
 * of the project, and runs the tests that have to notice it.
 *
 *   deno run -A bench/mutants/run.ts [--only TEXT]
 *
 * With --only, those alone whose words or file contain TEXT. It ends with 1 where a mistake survives
 * that its table does not excuse, where tests fail without any, or where one cannot be made any more.
 * It needs git, and the `timeout` of GNU coreutils.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { counted, duration } from "../../lib/io/text/amounts.ts";
import { type Mutant, mutantsOf, tableProblems } from "./mistake.ts";
import { copyProject, runTests, type TestRun } from "./project_copy.ts";
import { TABLES } from "./tables.ts";

/** Copies of the project, and so mistakes, at a time. */
const COPIES = 2;

/** Seconds after which tests are ended that were not run before. */
const LONGEST = 600;

/** A mistake with what its tests said to it. */
type Tried = TestRun & { mutant: Mutant };

const root = fileURLToPath(new URL("../..", import.meta.url));
const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort());
const { signal } = interruption;

const { values: { only = "" } } = parseArgs({ options: { only: { type: "string" } } });
const all = mutantsOf(TABLES);
const problems = tableProblems(all, (path) => {
  const whole = join(root, path);
  return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
});
if (problems.length > 0) fail(problems.join("\n"));
const mutants = all.filter(({ file, what }) => `${file}: ${what}`.includes(only));
if (mutants.length === 0) fail(`--only: expected words of a mistake, found "${only}"`);

const work = await Deno.makeTempDir({ prefix: "mutants-" });
try {
  const copies = Array.from({ length: COPIES }, (_, i) => join(work, `${i}`, "project"));
  await Promise.all(copies.map((copy) => copyProject(root, copy)));
  const started = performance.now();
  const usual = await runUnchanged(mutants, copies);
  const tried = await runMutants(mutants, { copies, usual });
  Deno.exitCode = summarise(tried, (performance.now() - started) / 1000);
} catch (error) {
  console.error(signal.aborted ? "stopped" : (error as Error).message);
  Deno.exitCode = signal.aborted ? 130 : 1;
} finally {
  // Where one run failed, another may go on.
  interruption.abort();
  await Deno.remove(work, { recursive: true });
}

/** Runs every test file once as it is; returns the seconds that each takes. */
async function runUnchanged(
  mutants: readonly Mutant[],
  copies: readonly string[],
): Promise<Map<string, number>> {
  const files = [...new Set(mutants.flatMap(({ tests }) => tests))];
  console.log(`${counted(files.length, "test file")} without any mistake`);
  const left = timeLeft(files.length);
  const seconds = new Map<string, number>();
  await inCopies(files, copies, async (file, copy) => {
    const run = await runTests(copy, [file], { limit: LONGEST, signal });
    signal.throwIfAborted();
    if (run.end !== "passed") throw new Error(`${file} ${run.end} as it is\n${run.output}`);
    seconds.set(file, run.seconds);
    console.log(`${left()}  passed in ${duration(run.seconds)}: ${file}`);
  });
  return seconds;
}

/** Makes each mistake and runs its tests. */
async function runMutants(
  mutants: readonly Mutant[],
  { copies, usual }: { copies: readonly string[]; usual: Map<string, number> },
): Promise<Tried[]> {
  console.log(`\n${counted(mutants.length, "mistake")}`);
  const left = timeLeft(mutants.length);
  const tried: Tried[] = [];
  await inCopies(mutants, copies, async (mutant, copy) => {
    const { file, what, text, instead, tests } = mutant;
    const path = join(copy, file);
    const sound = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, sound.replace(text, () => instead));
    const seconds = tests.reduce((sum, test) => sum + usual.get(test)!, 0);
    const run = await runTests(copy, tests, { limit: Math.ceil(30 + 4 * seconds), signal });
    await Deno.writeTextFile(path, sound);
    signal.throwIfAborted();
    if (run.end === "broken") throw new Error(`${file}: ${what}: does not start\n${run.output}`);
    tried.push({ mutant, ...run });
    console.log(`${left()}  ${verdict(run)} in ${duration(run.seconds)}: ${file}: ${what}`);
    if (run.failure) console.log(`      by ${run.failure}`);
  });
  return tried;
}

/** Prints what survived, and returns the exit code. */
function summarise(tried: readonly Tried[], seconds: number): number {
  const survivors = tried.filter(({ end }) => end === "passed");
  const hung = tried.filter(({ end }) => end === "hung").length;
  const killed = tried.length - survivors.length;
  console.log(
    `\n${counted(tried.length, "mistake")}: ${killed} killed, ${hung} of them as they hung, ` +
      `${survivors.length} survived; ${duration(seconds)}`,
  );
  for (const { mutant: { file, what, tests, survives } } of survivors) {
    console.log(`survived: ${file}: ${what}; ${survives ?? `no test of ${tests.join(", ")}`}`);
  }
  const excused = tried.filter(({ mutant: { survives } }) => survives !== undefined);
  for (const { mutant: { file, what } } of excused.filter(({ end }) => end !== "passed")) {
    console.log(`needs no excuse any more: ${file}: ${what}`);
  }
  return survivors.every(({ mutant: { survives } }) => survives !== undefined) ? 0 : 1;
}

function verdict({ end }: TestRun): string {
  return end === "passed" ? "SURVIVED" : end === "hung" ? "killed, it hung," : "killed";
}

/** Does something for every item, each copy one item at a time. */
async function inCopies<T>(
  items: readonly T[],
  copies: readonly string[],
  act: (item: T, copy: string) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  await Promise.all(copies.map(async (copy) => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item, copy);
  }));
}

/** Says at each call how many of `count` are done, and how long the others may take. */
function timeLeft(count: number): () => string {
  const started = performance.now();
  let done = 0;
  return () => {
    done++;
    const seconds = (performance.now() - started) / 1000 / done * (count - done);
    return `${`${done}`.padStart(3)}/${count}  ${duration(seconds)} left`;
  };
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}

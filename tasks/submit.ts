/** `deno task submit`: a sweep on a cluster, by the cluster's own scheduler. */
import { existsSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { readTextIfAny } from "../lib/io/folders.ts";
import type { Dataset } from "../lib/data/datasets/dataset.ts";
import { leadsOut } from "../lib/io/read_file.ts";
import { kubernetesJobs, kubernetesName } from "../lib/experiments/cluster/kubernetes.ts";
import { plannedStages, stageTitle, type SweepPlan } from "../lib/experiments/sweep/plan.ts";
import type { SweepResult } from "../lib/experiments/result.ts";
import { counted } from "../lib/io/text/amounts.ts";
import { sweepState } from "../lib/experiments/sweep/stages.ts";
import {
  collectSweep,
  expectNoOtherSweep,
  prepareSweep,
  rowsOf,
} from "../lib/experiments/sweep/sweep_folder.ts";
import { main, oneOf, UsageError, type Values } from "./support/command/command.ts";
import { lockFolder } from "./support/command/lock.ts";
import { computeOn, dryRunOption } from "./support/command/options.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";
import {
  queuedJobs,
  type StageStatus,
  stageStatuses,
  submissions,
  submitArrays,
  toSubmit,
} from "./support/sweeps/slurm.ts";
import { reportSweep } from "./support/sweeps/sweep.ts";
import {
  finishedOf,
  knownOf,
  RUNNING_OPTIONS,
  SWEEP_OPTIONS,
  sweepArguments,
} from "./support/sweeps/sweep_options.ts";
import { sweepOf } from "./support/sweeps/sweep_plan.ts";
import type { Voice } from "./support/command/voice.ts";

/** Where a sweep can go. */
const CLUSTERS = ["slurm", "kubernetes"] as const;

/** Options of sbatch that are ours alone: without them, the same command finds no job again. */
const OURS = /^(-[JaM]|--(job|arr|clusters?(=|$)))/;

/** Runs that did not end well which are told one by one. */
const MOST_TOLD = 20;

await main({
  name: "submit",
  summary: "Hands the runs of a sweep to a cluster's scheduler. The same command again tells how " +
    "they are, submits again what failed or was stopped, and collects the results when all is done.",
  options: {
    to: { value: "CLUSTER", help: CLUSTERS.join(" or "), required: true },
    slurm: {
      value: "WORDS",
      help: 'options for sbatch, for instance "--partition=gpu --gres=gpu:1 --time=02:00:00"',
      words: true,
    },
    "max-parallel": { value: "N", help: "runs at the same time, at most" },
    image: {
      value: "NAME",
      help: "kubernetes: an image with Deno",
      default: `denoland/deno:${Deno.version.deno}`,
    },
    claim: {
      value: "NAME",
      help: "kubernetes: the volume claim with this folder, the data and --out",
      default: "pix2rep",
    },
    resources: {
      value: "LIST",
      help: "kubernetes: of each pod, for instance nvidia.com/gpu=1,cpu=4,memory=16Gi",
    },
    ...SWEEP_OPTIONS,
    ...dryRunOption("how the runs are and what would be submitted"),
    ...RUNNING_OPTIONS,
  },
  examples: [
    [
      '--to slurm --slurm "--gres=gpu:1 --time=2:00:00" --data ../acdc --out runs/acdc',
      "and again",
    ],
    ["--to slurm --data ../acdc --out runs/acdc --dry-run", "how is it?"],
    ["--to kubernetes --dry-run -q --out runs/acdc", "for kubectl apply -f -"],
  ],
  goOn: () => "the same command goes on where it was",
  sharesOut: () => true,
  run: async (values, signal, voice) => {
    const to = oneOf(values.text("to"), "to", CLUSTERS);
    const maxParallel = values.count("max-parallel", 1);
    if (to === "kubernetes" && !values.given("dry-run")) {
      throw new UsageError("--to kubernetes: expected --dry-run; kubectl apply -f - takes it then");
    }
    const words = wordsOf(values.text("slurm"));
    const resources = resourcesOf(values.text("resources"));
    const { plan, dataset } = await sweepOf(values, voice);
    const known = await knownOf(values);
    // Each job finds them itself; what does not fit is told before any is submitted.
    await finishedOf(values, { dataset, plan });
    const sweep = { plan, known, dataset, out: values.text("out") };
    const command = [Deno.execPath(), "task", "--quiet", "sweep", ...sweepArguments(values)];
    signal.throwIfAborted();
    if (to === "kubernetes") {
      unmountedPaths(values).forEach((path) => voice.warn(unmounted(path)));
      return await kubernetes(sweep, { values, maxParallel, resources });
    }
    const job = { command, maxParallel, words };
    if (values.given("dry-run")) return await slurmDryRun(sweep, job, voice);
    // Slurm has to answer before the folder belongs to this sweep.
    await queuedJobs(sweep.out, 0);
    await prepareSweep(sweep.dataset, plan, { out: sweep.out });
    const unlock = await lockFolder(join(sweep.out, "slurm"));
    try {
      return await slurm(sweep, { ...job, values });
    } finally {
      unlock();
    }
  },
});

/** A sweep that is submitted. */
interface Sweep {
  dataset: Dataset;
  plan: SweepPlan;
  out: string;
  known?: SweepResult;
}

/** How its jobs are submitted. */
interface Jobs {
  command: string[];
  maxParallel?: number;
  words: string[];
}

/** Tells how a sweep is, submits what is neither done nor in the queue, and collects. */
async function slurm(
  sweep: Sweep,
  { values, ...jobs }: Jobs & { values: Values },
): Promise<Outcome> {
  const { out } = sweep;
  const statuses = await statusesOf(sweep);
  if (statuses.every(({ state }) => state === "done")) return await collect(sweep, values);
  const submitted = await submitArrays({ out, statuses, ...jobs });
  const count = toSubmit(statuses).length;
  const arrays = `${counted(submitted.length, "job array")}: ${submitted.join(", ")}`;
  return {
    text: [
      ...statusLines(statuses),
      submitted.length ? `submitted ${counted(count, "run")} as ${arrays}` : "nothing to submit",
    ].join("\n"),
    json: { runs: statuses.map(statusJson), submitted },
    next: {
      purpose: "see how the runs are, and collect them when all are done",
      command: commandLine("submit", [
        ...["to", "slurm", "max-parallel"].filter(values.given)
          .map((name) => `--${name}=${values.text(name)}`),
        ...sweepArguments(values),
      ]),
    },
  };
}

/** The same, but tells what would be submitted. */
async function slurmDryRun(sweep: Sweep, jobs: Jobs, voice: Voice): Promise<Outcome> {
  const { out, dataset, plan } = sweep;
  await expectNoOtherSweep(dataset, plan, { out });
  const statuses = await statusesOf(sweep, (error) => voice.warn(error.message));
  const all = submissions({ out, statuses, ...jobs });
  const sbatch: { args: string[]; script: string }[] = [];
  for (let next = all.next(); !next.done; next = all.next(`JOB${sbatch.length}`)) {
    const { args, script } = next.value;
    sbatch.push({ args, script });
  }
  const texts = sbatch.map(({ args, script }) => {
    const line = commandLine("", args).replace(/^deno task +/, "sbatch ");
    return `${line} <<'END'\n${script}END`;
  });
  return {
    text: [...statusLines(statuses), ...texts].join("\n"),
    json: { runs: statuses.map(statusJson), sbatch },
  };
}

/** Where the runs of a sweep are. The queue is asked first: what leaves it meanwhile is done. */
async function statusesOf(
  { dataset, plan, out, known }: Sweep,
  onNoQueue?: (error: Error) => void,
): Promise<StageStatus[]> {
  const stages = plannedStages(plan);
  const queue = await queuedJobs(out, stages.length).catch((error) => {
    if (!onNoQueue) throw error;
    onNoQueue(error);
    return new Map();
  });
  const { left } = await sweepState(out, plan, rowsOf(dataset, plan, known));
  return await stageStatuses(stages, { out, left, queue });
}

/** How many runs are where, and what became of those that did not end well. */
function statusLines(statuses: readonly StageStatus[]): string[] {
  const counts = [...Map.groupBy(statuses, ({ state }) => state === "new" ? "not begun" : state)]
    .map(([state, of]) => `${of.length} ${state}`);
  const ended = statuses.filter(({ state }) => state === "failed" || state === "stopped");
  const told = ended.slice(0, MOST_TOLD).map(({ stage, state, why }) =>
    `  ${state}  ${stage.id}  ${stageTitle(stage)}: ${why}; ${stage.folder}/slurm.log`
  );
  const waiting = [...new Set(statuses.flatMap(({ state, why }) => state === "waiting" ? why : []))]
    .filter((why) => why !== undefined);
  return [
    `${counted(statuses.length, "run")}: ${counts.join(", ")}` +
    (waiting.length ? ` (${waiting.join(", ")})` : ""),
    ...told,
    ...ended.length > told.length ? [`  … ${ended.length - told.length} more`] : [],
  ];
}

function statusJson({ stage, state, why, job }: StageStatus): object {
  return { id: stage.id, title: stageTitle(stage), folder: stage.folder, state, why, job };
}

/** Writes the result and the report where the last run has not. */
async function collect(sweep: Sweep, values: Values): Promise<Outcome> {
  const { out, dataset, plan, known } = sweep;
  const path = join(out, "result.json");
  const before = await readTextIfAny(path);
  const result = await collectSweep(dataset, plan, { out, known });
  if (!result) throw new Error(`${out}: expected every run's row.json, found one gone; run again`);
  if (existsSync(join(out, "report.html")) && before === await readTextIfAny(path)) {
    return { text: `${counted(result.rows.length, "run")}, all done: ${path}`, json: result };
  }
  const title = `Label efficiency on ${dataset.name}`;
  // The report's few figures need not be computed where the runs were: here may be no GPU.
  const choice = values.text("backend") === "webgpu" ? "auto" : values.text("backend");
  const environment = await computeOn({ choice, precision: "float32" });
  return await reportSweep(dataset, plan, { out, title, result, environment });
}

/** The Jobs of what is left to do. */
async function kubernetes(
  { dataset, plan, out, known }: Sweep,
  { values, maxParallel, resources }: {
    values: Values;
    maxParallel?: number;
    resources: Record<string, string>;
  },
): Promise<Outcome> {
  await expectNoOtherSweep(dataset, plan, { out });
  const { left } = await sweepState(out, plan, rowsOf(dataset, plan, known));
  const name = basename(resolve(out));
  const list = kubernetesJobs(left, {
    name,
    maxParallel,
    resources,
    command: ["deno", "task", "--quiet", "sweep", ...sweepArguments(values)],
    image: values.text("image"),
    claim: values.text("claim"),
    folder: resolve("."),
  });
  const [first, then] = [kubernetesName(name, "first"), kubernetesName(name, "then")];
  return {
    text: JSON.stringify(list, null, 2),
    json: list,
    next: {
      purpose: `before kubectl apply -f -, once; and when ${first} is complete, ` +
        `kubectl patch job ${then} -p '{"spec":{"suspend":false}}'`,
      command: commandLine("sweep", [...sweepArguments(values), "--prepare"]),
    },
  };
}

/** Options that name something which the volume claim does not have: it is this folder alone. */
function unmountedPaths(values: Values): { name: string; path: string }[] {
  const paths = ["data", "plan", "known", "pretrained"].flatMap((name) =>
    values.list(name).map((path) => ({ name, path }))
  );
  return [...paths, { name: "out", path: values.text("out") }].filter(({ name, path }) =>
    !(name === "data" && path === "phantom") &&
    leadsOut(relative(resolve("."), resolve(path)))
  );
}

function unmounted({ name, path }: { name: string; path: string }): string {
  return `--${name}: expected a path in this folder, which --claim is mounted at, found ${path}: ` +
    "no pod will see it";
}

/** Words as a shell takes them apart: at spaces, but for quoted ones. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const stray = text.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/["']/);
  if (stray) throw new UsageError(`--slurm: expected quotes in pairs, found one ${stray[0]}`);
  const plain = words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  const ours = plain.find((word) => OURS.test(word));
  if (ours === undefined) return plain;
  throw new UsageError(
    "--slurm: expected no name, array or clusters, by which jobs are found again, found " +
      `"${ours}"; SLURM_CLUSTERS in the environment takes a cluster`,
  );
}

/** Resources as name=quantity. */
function resourcesOf(text: string): Record<string, string> {
  const entries = text.split(",").filter(Boolean).map((entry): [string, string] => {
    const [name, quantity] = entry.split("=");
    if (!name || !quantity) {
      throw new UsageError(`--resources: expected name=quantity, found "${entry}"`);
    }
    return [name, quantity];
  });
  return Object.fromEntries(entries);
}

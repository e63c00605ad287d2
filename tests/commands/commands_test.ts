/**
 * Each command of the documentation, run as it stands there by a shell, in a copy of the project with
 * tiny data beside it. What is added so that it takes a second, and what is not run here, is in the
 * tables below; a command that is neither fails.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { withFolder } from "../support/datasets.ts";
import { TINY } from "../support/run_task.ts";
import { commandBlocks, pages, root } from "../docs/commands.ts";
import { writeDocumentedData } from "./documented_data.ts";

/** What a copy needs to run tasks. */
const PROJECT = [
  "lib",
  "tasks",
  "mod.ts",
  "deno.json",
  "deno.lock",
  "data/manifests",
  "docs/results",
];

/** Settings that make a step short; grids of 40 pixels, for a page names pixel 26,32. */
const SMALL = [...TINY, "--set", "grid.size=40"];

/** What is added to the commands of a task. */
const ADDED: Record<string, string[]> = {
  run: [...SMALL, "--minutes", "0.1", "--backend", "simd"],
  "check-data": [],
  pretrain: [...SMALL, "--steps", "3", "--backend", "simd"],
  finetune: [...SMALL, "--backend", "simd"],
  evaluate: ["--backend", "simd"],
  predict: ["--backend", "simd"],
  propagate: ["--backend", "simd"],
  export: [],
  pictures: ["--backend", "simd"],
  select: ["--backend", "simd"],
  sweep: ["--dry-run"],
  bench: ["--steps", "1", "--batch", "1", "--backend", "simd"],
};

/** Of a cluster's page: prepares a sweep for Kubernetes, and hands its Jobs over. */
const [PREPARE, APPLY] = [
  "deno task sweep --out runs/acdc --data data/acdc --prepare",
  "deno task submit --out runs/acdc --data data/acdc --to kubernetes --dry-run -q " +
  "--claim shared --resources nvidia.com/gpu=1,memory=16Gi | kubectl apply -f -",
];

/** What is added to single commands instead. */
const ADDED_TO: Record<string, string[]> = {
  "deno task sweep --data ../acdc --out runs/acdc --jobs 4": [
    ...SMALL,
    ...["--presets", "pix2rep-small", "--strategies", "scratch,finetune", "--patients", "1"],
    ...["--seeds", "0", "--set", "pretraining.epochs=1", "--backend", "simd"],
  ],
  [PREPARE]: [],
  [APPLY]: [],
  "deno task pretrain --data ../acdc --out runs/acdc --resume": [
    "--steps",
    "6",
    "--backend",
    "simd",
  ],
  "deno task pretrain --preset pix2rep-bt-small --set grid.spacing=2 --epochs 5 --out runs/phantom":
    [
      ...SMALL,
      ...["--set", "pretraining.batch=64", "--epochs", "1", "--backend", "simd"],
    ],
  "DENO_V8_FLAGS=--no-wasm-bounds-checks,--experimental-wasm-revectorize deno run my_program.ts":
    [],
};

/** What is run before a command, of which its page says that it has been. */
const BEFORE: Record<string, string> = {
  [PREPARE]: "cp -r ../acdc data/acdc",
  // In the place of a Kubernetes.
  [APPLY]: "printf '#!/bin/sh\\ngrep -q Indexed' >../bin/kubectl && chmod +x ../bin/kubectl",
  "deno task pretrain --data ../acdc --out runs/acdc --resume":
    "deno task pretrain --data ../acdc --out runs/acdc",
  "deno task export --model runs/finetune --out heart.onnx":
    "deno task finetune --data ../scans --strategy scratch --out runs/finetune",
  "deno task export --model runs/scans-1 --out scans-1.safetensors":
    "deno task finetune --data ../scans --strategy scratch --out runs/scans-1",
};

/** What is not run here: why, and where it is run, as a file and the words that run it. */
const ELSEWHERE: Record<string, [why: string, file: string, words: string]> = {
  "npx --yes deno@2.9.6 task demo": ["minutes", ".ci/run", "count test:demo"],
  "npx --yes deno@2.9.6 task test": ["all tests", ".ci/run", "count test\n"],
  "npm install -g deno": ["installs; CI takes npx", ".ci/run", "npx --yes deno@2.9.6"],
  "deno task demo": ["minutes", ".ci/run", "count test:demo"],
  "deno install": ["installs", ".ci/run", "deno install --quiet"],
  "deno task test": ["all tests", ".ci/run", "count test\n"],
  "deno task ok": ["all tests; CI runs its parts", ".ci/run", "check format deno fmt --check"],
  "deno install && deno jupyter --install": ["installs", ".ci/run", "deno install --quiet"],
  "deno task finetune --data ../scans --pretrained acdc.safetensors": [
    "needs a file of an earlier block",
    "tests/journeys/export_test.ts",
    '"--pretrained", `${files}/backbone.safetensors`',
  ],
  "deno task finetune --data ../scans --pretrained torch.safetensors --set backbone.widths=[16,32,64] --set backbone.features=32 --set grid.spacing=2":
    ["needs a file of another program", "tests/journeys/export_test.ts", '"--pretrained", plain'],
  "deno task page": ["serves", "tests/browser/served_page.ts", 'startTask("page", [])'],
  'deno task submit --to slurm --slurm "--gres=gpu:1 --time=2:00:00" --data ../acdc --out runs/acdc':
    ["a cluster", ".ci/run", "count test:cluster"],
  'deno task submit --data ../acdc --out runs/acdc --to slurm --slurm "--partition=gpu --gres=gpu:1 --time=02:00:00"':
    ["a cluster", ".ci/run", "count test:cluster"],
  "jupyter lab notebooks": ["a browser; nbconvert runs them", ".ci/run", "deno task notebooks"],
};

const blocks = commandBlocks();

Deno.test("every command of the documentation works", (t) =>
  withFolder(async (dir) => {
    const clone = `${dir}/clone`;
    for (const name of PROJECT) {
      mkdirSync(dirname(`${clone}/${name}`), { recursive: true });
      cpSync(`${root}/${name}`, `${clone}/${name}`, { recursive: true });
    }
    await writeDocumentedData(dir);
    mkdirSync(`${dir}/bin`);
    for (const { place, commands } of blocks) {
      const here = commands.filter((command) => !Object.hasOwn(ELSEWHERE, command));
      if (here.length === 0) continue;
      await t.step(place, async () => {
        for (const command of here) {
          const before = BEFORE[command];
          const task = before?.startsWith("deno task");
          if (before !== undefined) await run(before, task ? added(before) : [], clone);
          await run(command, added(command), clone);
        }
        await Deno.remove(`${clone}/runs`, { recursive: true }).catch(() => {});
      });
    }
  }));

Deno.test("what the documentation shows and this test does not run is run elsewhere", () => {
  const shown = new Set(blocks.flatMap(({ commands }) => commands));
  for (const [command, [, file, words]] of Object.entries(ELSEWHERE)) {
    assert.ok(shown.has(command), `no page has "${command}": remove it from the test`);
    assert.ok(readFileSync(`${root}/${file}`, "utf8").includes(words), `${file} has no "${words}"`);
  }
  for (const command of [...Object.keys(ADDED_TO), ...Object.keys(BEFORE)]) {
    assert.ok(shown.has(command), `no page has "${command}": remove it from the test`);
  }
});

Deno.test("every task that the documentation names is there", () => {
  const { tasks } = JSON.parse(readFileSync(`${root}/deno.json`, "utf8"));
  const named = pages().flatMap((page) =>
    [...readFileSync(`${root}/${page}`, "utf8").matchAll(/deno task ([a-z][\w:-]*)/g)]
      .map(([, name]) => ({ page, name }))
  );
  assert.ok(named.length > 30);
  for (const { page, name } of named) {
    assert.ok(Object.hasOwn(tasks, name), `${page}: deno task ${name}`);
  }
});

/** Runs a command with words added to it. */
async function run(command: string, words: string[], cwd: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", [without(command, words), ...words.map(quoted)].join(" ")],
    cwd,
    env: {
      NO_COLOR: "1",
      PATH: `${dirname(Deno.execPath())}:${cwd}/../bin:${Deno.env.get("PATH")}`,
    },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${command}\n${text(stdout)}${text(stderr)}`);
}

/** A command without options that added words give another value; a time gives way to steps. */
function without(command: string, words: readonly string[]): string {
  const names = words.filter((word) => word.startsWith("--") && word !== "--set");
  const replaced = names.includes("--steps") ? [...names, "--minutes", "--epochs"] : names;
  return replaced.reduce((text, name) => text.replace(new RegExp(` ${name} \\S+`), ""), command);
}

/** What makes a command short; settings that it names stay its own, but for how many steps it takes. */
function added(command: string): string[] {
  if (Object.hasOwn(ADDED_TO, command)) return ADDED_TO[command];
  const [, task] = command.match(/^deno task (\S+)/) ?? [];
  if (task === undefined || !Object.hasOwn(ADDED, task)) {
    assert.fail(`"${command}": expected a command of the tables of this test; add it to one`);
  }
  const own = [...command.matchAll(/--set "?([\w.]+)=/g)].map(([, path]) => path)
    .filter((path) => !path.endsWith("iterations"));
  return ADDED[task].filter((word, i, words) => {
    const setting = word === "--set" ? words[i + 1] : words[i - 1] === "--set" ? word : "";
    return !own.includes(setting.split("=")[0]);
  });
}

function quoted(word: string): string {
  return `'${word}'`;
}

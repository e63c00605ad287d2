import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { accessOf } from "../../tasks/support/access.ts";
import { withFolder } from "../support/datasets.ts";
import { writeStack } from "../support/dicom.ts";
import { taskCommand, taskNames } from "../support/run_task.ts";

/** Tasks that take a folder of scans or of a run; the others know beforehand what they reach. */
const CONFINED = taskNames().filter((name) => taskCommand(name).includes("tasks/start.ts"));

const PROBE = fileURLToPath(new URL("../support/confined_probe.ts", import.meta.url));

/** The permission flags of a task. */
function flags(name: string): string[] {
  return taskCommand(name).filter((word) => word.startsWith("-"));
}

Deno.test("every task has the least permissions: no network, no programs, no prompts", () => {
  assert.ok(taskNames().length >= 7);
  const granted = /^--allow-(read|write)(=|$)|^--allow-env=CI,TERM,XDG_RUNTIME_DIR$/;
  // It only runs notebooks, in a kernel that they take the network from.
  const jupyter = "--allow-run=jupyter-nbconvert";
  // It serves its own files to this machine, and can read no others.
  const [loopback, ownFiles] = [
    "--allow-net=127.0.0.1:8765",
    "--allow-read=docs/browser,runs/page",
  ];
  assert.deepEqual(
    flags("page").filter((flag) => /^--allow-(net|read|write)/.test(flag)).sort(),
    [loopback, ownFiles],
  );
  // It hands jobs to Slurm, which has network and users of its own.
  const slurm = "--allow-run=sbatch,squeue";
  for (const name of taskNames()) {
    for (
      const flag of flags(name).filter((flag) =>
        !/^--(no-(prompt|remote)$|quiet$|v8-flags=)/.test(flag)
      )
    ) {
      if (name === "notebooks" && flag === jupyter) continue;
      if (name === "page" && flag === loopback) continue;
      if (name === "submit" && flag === slurm) continue;
      assert.match(flag, granted, `${name}: ${flag}`);
    }
    assert.ok(flags(name).includes("--no-prompt"), name);
    assert.ok(flags(name).includes("--no-remote"), name);
  }
});

Deno.test("with the permissions of any task, nothing can be sent anywhere", () =>
  withFolder(async (dir) => {
    const probe = `${dir}/probe.ts`;
    const attempts = [
      "() => fetch('http://127.0.0.1:8000')",
      "() => Deno.connect({ hostname: '127.0.0.1', port: 8000 })",
      "() => Deno.listen({ port: 0 })",
      "() => Deno.resolveDns('localhost', 'A')",
      "() => new Deno.Command('true').output()",
      "() => import('data:text/javascript,await fetch(\"http://127.0.0.1:8000\")')",
    ];
    Deno.writeTextFileSync(
      probe,
      `for (const attempt of [${attempts}]) {
        try { await attempt(); console.log("done"); } catch (error) { console.log(error.name); }
      }`,
    );
    const sets = new Set(taskNames().map((name) => flags(name).join(" ")));
    for (const set of sets) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", ...set.split(" "), "--no-config", probe],
        env: { NO_COLOR: "1" },
      }).output();
      const names = new TextDecoder().decode(stdout).trimEnd().split("\n");
      assert.deepEqual(names, attempts.map(() => "NotCapable"), set);
    }
  }));

Deno.test("every task that reads scans or runs is confined to what its arguments name", () => {
  assert.deepEqual(taskNames().filter((name) => !CONFINED.includes(name)), [
    "page",
    "bench",
    "notebooks",
  ]);
  assert.ok(!flags("bench").some((flag) => /^--allow-(read|write)/.test(flag)));
});

for (const name of CONFINED) {
  Deno.test(`${name} reads its data, writes to --out, and can do nothing else`, () =>
    withFolder(async (dir) => {
      // Commas separate the folders of Deno's own flags.
      const [data, out] = [`${dir}/my data, 2`, `${dir}/runs, mine`];
      Deno.mkdirSync(data);
      Deno.writeTextFileSync(`${dir}/outside.txt`, "secret");
      Deno.writeTextFileSync(`${data}/inside.txt`, "");
      writeStack(`${data}/series`, [0, 2]);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", ...flags(name), PROBE, name, "--data", data, "--out", out],
        env: { NO_COLOR: "1" },
      }).output();
      const told = new TextDecoder().decode(stdout).trimEnd().split("\n");
      const done = told.filter((line) => line.endsWith(": done"));
      const writes = name === "check-data" ? [] : ["write to --out: done"];
      const reads = ["read the data: done", "read a DICOM series: done"];
      const expected = [...reads, ...writes];
      assert.deepEqual(done, expected, new TextDecoder().decode(stderr));
      assert.equal(told.length, 17);
      for (const line of told) {
        if (!done.includes(line)) assert.match(line, /: (NotCapable|PermissionDenied|TypeError)$/);
      }
    }));
}

Deno.test("accessOf() is what the arguments name, or what a task has by default", () => {
  const phantom = ["data/phantom", "data/.phantom-drafts"];
  assert.deepEqual(accessOf("pretrain", []), {
    read: ["runs/pretrain", ...phantom],
    write: ["runs/pretrain", ...phantom],
  });
  assert.deepEqual(accessOf("evaluate", ["--data", "../a", "--model=runs/m"]), {
    read: ["../a", "runs/m", "runs/m/evaluation"],
    write: ["runs/m/evaluation"],
  });
  assert.deepEqual(accessOf("export", ["--model", "runs/m", "--out", "files/m.onnx"]), {
    read: ["runs/m", "files/m.onnx", "files/.m.onnx-drafts"],
    write: ["files/m.onnx", "files/.m.onnx-drafts"],
  });
  assert.deepEqual(accessOf("submit", ["--to", "slurm", "--data", "../a"]), {
    read: ["../a", "runs/sweep"],
    write: ["runs/sweep"],
    run: ["sbatch", "squeue"],
  });
  assert.deepEqual(accessOf("check-data", ["--data", "../a"]), { read: ["../a"], write: [] });
  assert.deepEqual(accessOf("predict", ["--model", "m", "--input", "x.img.gz", "--out", "o"]), {
    read: ["x.hdr.gz", "x.img.gz", "m", "o"],
    write: ["o"],
  });
});

Deno.test("accessOf() lets a task read the folder of a DICOM file, where its series lies", () =>
  withFolder((dir) => {
    const [path] = writeStack(`${dir}/series`, [0, 2]);
    const { read } = accessOf("predict", ["--model", "m", "--input", path, "--out", "o"]);
    assert.deepEqual(read, [`${dir}/series`, "m", "o"]);
    return Promise.resolve();
  }));

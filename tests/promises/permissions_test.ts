import assert from "node:assert/strict";
import { accessOf } from "../../tasks/support/command/access.ts";
import { withFolder } from "../support/datasets.ts";
import { writeStack } from "../support/dicom.ts";
import { probed, refused } from "../support/probed.ts";
import { taskCommand, taskEnvironment, taskNames } from "../support/run_task.ts";

/** Tasks that take a folder of scans or of a run; the others know beforehand what they reach. */
const CONFINED = taskNames().filter((name) => taskCommand(name).includes("tasks/start.ts"));

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
    "--allow-read=apps/page,runs/page",
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
        !/^--(cached-only$|no-(prompt|remote)$|quiet$|v8-flags=)/.test(flag)
      )
    ) {
      if (name === "notebooks" && flag === jupyter) continue;
      if (name === "page" && flag === loopback) continue;
      if (name === "submit" && flag === slurm) continue;
      assert.match(flag, granted, `${name}: ${flag}`);
    }
    assert.ok(flags(name).includes("--no-prompt"), name);
    assert.ok(flags(name).includes("--no-remote"), name);
    // Without it, an import of npm: asks the registry, whatever is allowed.
    assert.ok(flags(name).includes("--cached-only"), name);
    assert.equal(taskEnvironment(name).DENO_NO_UPDATE_CHECK, "1", name);
  }
});

Deno.test("every task that reads scans or runs is confined to what its arguments name", () => {
  assert.deepEqual(taskNames().filter((name) => !CONFINED.includes(name)), [
    "page",
    "bench",
    "notebooks",
  ]);
  assert.ok(!flags("bench").some((flag) => /^--allow-(read|write)/.test(flag)));
});

for (const name of taskNames()) {
  Deno.test(`${name} reads its data, writes to --out, and knows no way out`, () =>
    withFolder(async (dir) => {
      const { files, ...threads } = await probed(name, dir);
      const done = Object.keys(files).filter((what) => files[what] === "done");
      const writes = name === "check-data" ? [] : ["write to --out"];
      const expected = ["read the data", "read a DICOM series", ...writes];
      assert.deepEqual(done, CONFINED.includes(name) ? expected : []);
      assert.deepEqual(Object.keys(threads), ["task", "worker", "thread"]);
      for (const [thread, tried] of Object.entries(threads)) {
        // Tasks that are not confined have it, and no data to keep there.
        const kept = CONFINED.includes(name) ? [] : ["Cache API", "localStorage", "sessionStorage"];
        refused(tried, `${name}, ${thread}`, kept);
      }
    }));
}

Deno.test("a task that lacks a library asks nobody for it, and its last line says how to get it", () =>
  withFolder(async (dir) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...taskCommand("check-data"), "--help"],
      env: { NO_COLOR: "1", ...taskEnvironment("check-data"), DENO_DIR: dir },
    }).output();
    assert.equal(code, 1);
    assert.match(
      new TextDecoder().decode(stderr),
      /\nexpected \S+@[\d.]+ in Deno's cache, found none; deno install fetches .*\n$/,
    );
  }));

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

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { commitOf, recordedCommand } from "../../tasks/support/command/started_by.ts";
import { withFolder } from "../support/datasets.ts";

Deno.test("recordedCommand() keeps words as given, and of outer paths the last name alone", () => {
  const commands: [string[], string][] = [
    [["--data", "../../secret/acdc", "--seed", "2"], "--data '…/acdc' --seed 2"],
    [["--data=/home/jane doe/my scans"], "'--data=…/my scans'"],
    [["--out", "runs/one", "--json"], "--out runs/one --json"],
    [["--out", resolve("runs/one")], "--out runs/one"],
    [["--data", "."], "--data ."],
    [["--known", "~/jane/result.json"], "--known '~/jane/result.json'"],
    [["--set", "grid.spacing=1"], "--set grid.spacing=1"],
    [["--image", "denoland/deno:2"], "--image denoland/deno:2"],
    [
      ["--slurm", "--output=/home/jane/log --chdir ~/jane/x -o ../up/y"],
      "--slurm '--output=…/log --chdir …/x -o …/y'",
    ],
  ];
  for (const [args, expected] of commands) {
    assert.equal(recordedCommand("sweep", args), `deno task sweep ${expected}`);
  }
});

Deno.test("commitOf() reads the commit of a checkout, of a worktree, and of packed branches", () =>
  withFolder((dir) => {
    const [first, second] = ["1".repeat(40), "2".repeat(40)];
    const write = (path: string, text: string) => {
      mkdirSync(`${dir}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
      writeFileSync(`${dir}/${path}`, text);
    };
    assert.equal(commitOf(dir), undefined);
    write("main/.git/HEAD", "ref: refs/heads/main\n");
    assert.equal(commitOf(`${dir}/main`), undefined);
    write(
      "main/.git/packed-refs",
      `# pack-refs\n${second} refs/heads/topic\n${first} refs/heads/main\n`,
    );
    assert.equal(commitOf(`${dir}/main`), first);
    write("main/.git/refs/heads/main", `${second}\n`);
    assert.equal(commitOf(`${dir}/main`), second);
    write("main/.git/worktrees/tree/HEAD", "ref: refs/heads/main\n");
    write("main/.git/worktrees/tree/commondir", "../..\n");
    write("tree/.git", "gitdir: ../main/.git/worktrees/tree\n");
    assert.equal(commitOf(`${dir}/tree`), second);
    write("main/.git/HEAD", `${first}\n`);
    assert.equal(commitOf(`${dir}/main`), first);
    write("main/.git/HEAD", "garbage\n");
    assert.equal(commitOf(`${dir}/main`), undefined);
    return Promise.resolve();
  }));

import type { Mistakes } from "./mistake.ts";

/** Mistakes in files, tasks and their permissions. */
export const TASKS: readonly Mistakes[] = [
  {
    file: "lib/io/write_file.ts",
    tests: ["tests/io/write_file_test.ts"],
    mistakes: [
      {
        what: "a file is not flushed before it is renamed",
        text: "    await file.sync();\n",
        instead: "",
      },
      {
        what: "a folder is not flushed after a rename",
        text: "    await folder.sync();\n",
        instead: "",
      },
    ],
  },
  {
    file: "tasks/support/scans/test_scans.ts",
    tests: ["tests/tasks/evaluate_test.ts"],
    mistakes: [
      {
        what: "test scans are cut about their reference masks",
        text: "window: inference.window }",
        instead: 'window: inference.window === "centre" ? "labels" : "sliding" }',
      },
    ],
  },
  {
    file: "tasks/support/scans/written_masks.ts",
    tests: ["tests/tasks/standing_masks_test.ts"],
    mistakes: [
      {
        what: "a mask stands whatever it was made by",
        text: "findLast((line) => line.made === made)",
        instead: "at(-1)",
      },
      {
        what: "a mask that somebody changed is replaced",
        text: "line.mask === basename(mask) && line.sha256 === sha256",
        instead: "line.mask === basename(mask)",
      },
      {
        what: "a mask stands of other voxels",
        text: "      ...channels.map(({ voxels }) => bytesOf(voxels)),\n",
        instead: "",
      },
    ],
  },
  {
    file: "tasks/support/training/labelled.ts",
    tests: ["tests/tasks/labelled_test.ts"],
    mistakes: [
      {
        what: "labelled scans are cut about their centre",
        text: '    window: "labels",\n',
        instead: "",
      },
      {
        what: "labelled patients are always drawn by seed 0",
        text: "let split = await draw({ seed });",
        instead: "let split = await draw({ seed: 0 });",
      },
    ],
  },
  {
    file: "tasks/support/command/command.ts",
    tests: ["tests/refusals/bad_usage_test.ts"],
    mistakes: [
      {
        what: "wrong usage ends with 1",
        text: "error instanceof UsageError ? 2 : 1",
        instead: "1",
      },
      {
        what: "an option's value may be the next option",
        text: "if (option.value && (!token.value || swallowed)) {",
        instead: "if (option.value && !token.value) {",
      },
    ],
  },
  {
    file: "tasks/support/command/access.ts",
    tests: ["tests/promises/permissions_test.ts"],
    mistakes: [
      {
        what: "what is read may be written",
        text: "write: withRealPaths(write),",
        instead: "write: withRealPaths([...read, ...write]),",
      },
    ],
  },
  {
    file: "deno.json",
    tests: ["tests/promises/permissions_test.ts"],
    mistakes: [
      {
        what: "tasks may use the network",
        text:
          '--no-prompt --no-remote --allow-read --allow-write --allow-env=CI,TERM,XDG_RUNTIME_DIR tasks/start.ts"',
        instead:
          '--no-prompt --no-remote --allow-net --allow-read --allow-write --allow-env=CI,TERM,XDG_RUNTIME_DIR tasks/start.ts"',
      },
    ],
  },
  {
    file: "tasks/support/command/interruption.ts",
    tests: ["tests/tasks/interruption_test.ts"],
    mistakes: [
      {
        what: "one press that comes twice ends at once",
        text: "now() - first > APART",
        instead: "now() - first >= 0",
      },
    ],
  },
  {
    file: "tasks/support/command/progress.ts",
    tests: ["tests/tasks/progress_test.ts"],
    mistakes: [
      {
        what: "time left is reckoned as if nothing had been done before",
        text: "(fraction - first.fraction))} left",
        instead: "fraction)} left",
      },
    ],
  },
  {
    file: "lib/io/text/amounts.ts",
    tests: ["tests/io/text/amounts_test.ts"],
    mistakes: [
      {
        what: "an hour has a hundred minutes",
        text: "Math.floor(whole / 60) % 60",
        instead: "Math.floor(whole / 60) % 100",
      },
    ],
  },
];

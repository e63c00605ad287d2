/** docs/configuration.md as the code has it. */
import { fileURLToPath } from "node:url";
import { PRESETS } from "../../lib/config/presets.ts";
import { configMeanings } from "./config_meanings.ts";
import { configSettings, type Setting } from "./config_settings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The presets that others are told by, and whose values the tables show. */
const BASES = ["pix2rep", "pix2rep-small"];

const INTRODUCTION = `# Configuration

<!-- Made of lib/config by tests/docs/configuration_test.ts, which says how to renew it. -->

Every setting of \`config.json\`. A task starts from \`--preset NAME\`, \`auto\` if not given, which is
[planned](#the-plan) by the scans, and \`--set path=value\`, which may be repeated, changes it:

\`\`\`sh
deno task pretrain --preset pix2rep-bt-small --out runs/wider \\
  --set pretraining.epochs=20 --set "backbone.widths=[24,48,96,192]"
\`\`\`

Values are JSON or plain text. A path may lead to a group, whose value is then given as a whole:
\`--set 'loss={"name":"simclr","temperature":0.5}'\` chooses another loss. A path that is unknown and a
value that is out of range are refused, with the nearest name and with what was expected. What a
preset is for is told [below](#presets), what the parts of the method are in [method.md](method.md),
and how to add a backbone in [adding-a-backbone.md](adding-a-backbone.md).
`;

/** What each preset is for. */
const PURPOSES =
  `| preset                              | is                                                                                    |
| ----------------------------------- | ------------------------------------------------------------------------------------- |
| \`auto\`                              | what it starts from is \`pix2rep-bt-small\`; [the plan](#the-plan) fits it to the scans |
| \`pix2rep\`, \`pix2rep-bt\`             | the published sizes, with InfoNCE and with Barlow Twins; for a GPU                    |
| \`pix2rep-small\`, \`pix2rep-bt-small\` | the same at 64 × 64 pixels of 2.5 mm with a small U-Net; tens of minutes on two cores |
| \`pix2rep-v2\`, \`pix2rep-v2-small\`    | elastic views, rescaling and patches of v2 (twice the work), else not as published    |
| \`pix2rep-demo\`                      | the demo's: 48 × 48 pixels of 3.2 mm                                                  |
| \`simclr\`, \`bt-unet\`                 | for comparison: SimCLR and Barlow Twins over whole slices; \`-small\` too               |

The comparators train the encoder alone, on its pooled deepest features; the decoder keeps its random
initial weights until it is adapted. These are the values of the presets:
`;

/** What the preset `auto` does. */
const PLAN = `## The plan

With the preset \`auto\`, \`check-data\`, \`pretrain\` and what trains without a pretraining look at the
scans of the training patients and at the outlines of ten of them, or of up to thirty until each
structure was seen, print what they chose and why, and keep it as \`auto.json\`. Equal files get an equal plan. \`--set\` changes any of it, and the
rest is planned accordingly.

- **Grid.** Its side holds 99 % of what is outlined, 95 % of each structure, and a tenth more; whole
  scans where nothing is.
  Its spacing is such that 64 pixels make a side, but the thinnest structure has six pixels across, and
  no finer than the scans' own. Without outlines 96 pixels make a side.
- **Network.** As many levels as leave the lowest five pixels a side.
- **Batches.** As usual up to 96 × 96 pixels, of larger grids as many slices as the CPU's memory holds.
- **Views.** Scans are turned by 20° to either side, and as far as they lie turned against each other;
  by 34° where files do not tell. Pictures, which have no left and right, are turned by any angle and
  flipped.
- **Intensities.** Where they are Hounsfield units, \`data.window\` lies about what is outlined, 150 to
  either side of its middle at least. Otherwise they are scaled by percentiles.
- **Length.** About 2000 steps of pretraining, or as many as fit into \`--minutes\`; of 4000 and more,
  a finer grid takes its share.

A few masks are read for it, but no mask of a patient who is tested on, and nothing is learnt from
them but those lengths: where outlines end, how thin they are and how bright.
`;

const ORIGIN = `What is published of these values, and what is our own, stands in
[method.md](method.md#what-of-a-preset-is-our-own). \`pix2rep-v2\` is not all as its paper has it.
`;

/** The whole page, formatted. */
export async function configurationReference(): Promise<string> {
  const meanings = await configMeanings();
  const settings = configSettings();
  const silent = settings.find(({ path }) => !meanings.get(path));
  if (silent) throw new Error(`lib/config/config.ts: expected a comment of ${silent.path}`);
  const groups = Map.groupBy(
    settings,
    ({ path }) => path.match(/^\w+(\([\w-]+\))?(?=\.)/)?.[0] ?? "",
  );
  const parts = [...groups].map(([group, members]) => section(group, members, meanings));
  return await formatted([INTRODUCTION, ...parts, presets(), PLAN].join("\n"));
}

/** The settings of a group in a table. */
function section(group: string, settings: Setting[], meanings: Map<string, string>): string {
  const [, name, kind] = group.match(/^(\w*)(?:\((.+)\))?$/)!;
  const heading = name === ""
    ? "Run"
    : kind === undefined
    ? `\`${name}\``
    : `\`${name}\`: \`${kind}\``;
  const shown = kind === undefined ? BASES : presetsOf(kind);
  const rows = settings.map(({ path, takes }) => [
    `\`${path.replace(/\(.+?\)/, "")}\``,
    takes,
    ...shown.map((preset) =>
      path.includes("[]") ? "" : code(short(valueAt(PRESETS[preset], path)))
    ),
    meanings.get(path)!,
  ]);
  const heads = ["setting", "takes", ...shown.map(code), "meaning"];
  return `## ${heading}\n\n${meanings.get(group) ?? ""}\n\n${table(heads, rows)}`;
}

/** Two presets with a loss: a large and a small one. */
function presetsOf(loss: string): string[] {
  const found = Object.keys(PRESETS).filter((name) => PRESETS[name].loss.name === loss);
  return [found[0], found.find((name) => name.endsWith("-small"))!];
}

/** All presets, by what they change in the one that they differ least from. */
function presets(): string {
  const rows = Object.entries(PRESETS).map(([name, preset]) => {
    if (BASES.includes(name)) return [code(name), "", "the values in the tables above"];
    const [base, changes] = BASES
      .map((base) => [base, differences(PRESETS[base], preset)] as const)
      .reduce((least, one) => one[1].length < least[1].length ? one : least);
    return [code(name), code(base), changes.map((change) => `\`${change}\``).join(" ")];
  });
  return `## Presets\n\n${PURPOSES}\n${
    table(["preset", "starts from", "and changes"], rows)
  }\n${ORIGIN}`;
}

/** What has to be changed in a, as "path=value", to become b; the preset's name apart. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (JSON.stringify(a) === JSON.stringify(b) || path === "preset") return [];
  const [left, right] = [a, b].map((value) => keysOf(value));
  if (left === undefined || left.join() !== right?.join()) return [`${path}=${text(b)}`];
  return left.flatMap((key) =>
    differences(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
      path === "" ? key : `${path}.${key}`,
    )
  );
}

function keysOf(value: unknown): string[] | undefined {
  return typeof value === "object" && !Array.isArray(value) ? Object.keys(value!) : undefined;
}

function valueAt(config: unknown, path: string): unknown {
  return path.replace(/\(.+?\)/, "").split(".")
    .reduce((value, key) => (value as Record<string, unknown>)[key], config);
}

function code(value: unknown): string {
  return `\`${text(value)}\``;
}

/** A value as it would be set. */
function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value with its numbers in four digits: angles have many. */
function short(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(4));
  return Array.isArray(value) ? value.map(short) : value;
}

function table(heads: string[], rows: string[][]): string {
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join(
    "\n",
  ) +
    "\n";
}

/** Markdown as `deno fmt` writes it. */
async function formatted(markdown: string): Promise<string> {
  const deno = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = deno.output();
  const writer = deno.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  return new TextDecoder().decode((await output).stdout);
}

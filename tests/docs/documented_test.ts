import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The least share of exports and of their members that has a comment. */
const LEAST = 0.95;

/** What is read of an export, or of a member of one, in the output of `deno doc --json`. */
interface Documented {
  kind?: string;
  name: string;
  accessibility?: string;
  declarationKind?: string;
  jsDoc?: { doc?: string };
  def?: { properties?: Documented[]; methods?: Documented[] };
}

Deno.test("95 % of what lib and tasks export, and of its members, is documented", async () => {
  const files = globSync(["mod.ts", "lib/**/*.ts", "tasks/**/*.ts"], { cwd: root })
    .filter((path) => !path.includes("/simd/kernels/") && !path.endsWith(".d.ts"));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...files],
    cwd: root,
  }).output();
  assert.equal(code, 0);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const pages = Object.values<{ symbols: { name: string; declarations: Documented[] }[] }>(nodes);
  const found = pages.flatMap(({ symbols }) => symbols).flatMap(({ name, declarations }) =>
    declarations.flatMap((one) => {
      // What a mod.ts passes on is documented where it is made.
      if (one.declarationKind !== "export" || one.kind === "reference") return [];
      const members = [...one.def?.properties ?? [], ...one.def?.methods ?? []]
        .filter(({ accessibility }) => accessibility !== "private");
      return [
        { name, documented: isDocumented(one) },
        ...members.map((member) => ({
          name: `${name}.${member.name}`,
          documented: isDocumented(member),
        })),
      ];
    })
  );
  const missing = found.filter(({ documented }) => !documented).map(({ name }) => name);
  const share = 1 - missing.length / found.length;
  console.log(`${found.length - missing.length} of ${found.length} are documented`);
  assert.ok(found.length > 1500);
  assert.ok(share >= LEAST, `${(100 * share).toFixed(1)} %; not ${missing.join(", ")}`);
});

function isDocumented({ jsDoc }: Documented): boolean {
  return (jsDoc?.doc ?? "").trim() !== "";
}

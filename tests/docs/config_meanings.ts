/** What the settings of a configuration mean: the comments of its types, by path. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A type in the output of `deno doc --json`; what `value` is depends on the kind. */
interface DocType {
  kind: string;
  // deno-lint-ignore no-explicit-any -- JSON
  value?: any;
}

/** A property of a type there. */
interface DocProperty {
  name: string;
  jsDoc?: { doc?: string };
  tsType: DocType;
}

/** A declaration there: an interface, or another name for a type. */
interface Declaration {
  jsDoc?: { doc?: string };
  def: { properties?: DocProperty[]; tsType?: DocType };
}

/**
 * The comment of every setting, of every group of settings and of every kind of loss. The path of a setting that only one
 * kind of `loss` has is "loss(info-nce).temperature", of one in a list "views.spatial.elastic[].points".
 */
export async function configMeanings(): Promise<Map<string, string>> {
  const declarations = await configTypes();
  const meanings = new Map<string, string>();
  visit({ kind: "typeRef", value: { typeName: "Config" } }, "");
  return meanings;

  function visit({ kind, value }: DocType, path: string): void {
    switch (kind) {
      case "typeRef": {
        const { properties, tsType } = declarations.get(value.typeName)?.def ?? {};
        return properties ? visitAll(properties, path) : tsType && visit(tsType, path);
      }
      case "typeLiteral":
        return visitAll(value.properties, path);
      case "typeOperator":
        return visit(value.tsType, path);
      case "array":
        return visit(value, `${path}[]`);
      case "union":
        for (const member of value as DocType[]) {
          const name = selector(member);
          const here = name === undefined ? path : `${path}(${name})`;
          if (name !== undefined) meanings.set(here, text(declarations.get(member.value.typeName)));
          visit(member, here);
        }
    }
  }

  function visitAll(properties: readonly DocProperty[], path: string): void {
    for (const property of properties) {
      const here = path === "" ? property.name : `${path}.${property.name}`;
      meanings.set(here, text(property));
      visit(property.tsType, here);
    }
  }

  /** The `name` that tells a member of a union from the others. */
  function selector({ kind, value }: DocType): string | undefined {
    const { properties } = kind === "typeRef" ? declarations.get(value.typeName)?.def ?? {} : {};
    const type = properties?.find(({ name }) => name === "name")?.tsType;
    return type?.kind === "literal" ? type.value.string : undefined;
  }
}

/** A comment on one line; "" where there is none. */
function text(commented?: { jsDoc?: { doc?: string } }): string {
  return (commented?.jsDoc?.doc ?? "").replaceAll(/\s+/g, " ").trim();
}

/** The types of lib/config that a configuration is made of, by name. */
async function configTypes(): Promise<Map<string, Declaration>> {
  const files = ["config", "backbone", "data_settings"].map((name) =>
    `${root}/lib/config/${name}.ts`
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", ...files] })
    .output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const symbols = Object.values<
    { symbols: { name: string; declarations: Declaration[] }[] }
  >(nodes).flatMap(({ symbols }) => symbols);
  return new Map(symbols.map(({ name, declarations: [first] }) => [name, first]));
}

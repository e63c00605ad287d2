/** What the settings of a configuration take: the schema of lib/config, in words, by path. */
import { CONFIG_SCHEMA } from "../../lib/config/parse_config.ts";

/** What is read of a schema of valibot, or of a condition in a pipe. */
interface Schema {
  type: string;
  entries?: Record<string, Schema>;
  options?: readonly unknown[];
  item?: Schema;
  wrapped?: Schema;
  value?: Schema;
  literal?: unknown;
  pipe?: readonly Schema[];
  requirement?: unknown;
  message?: unknown;
}

/** A setting that has no settings below it. */
export interface Setting {
  /** Its path, as in {@linkcode configMeanings}. */
  path: string;
  /** Which values it takes, in words. */
  takes: string;
}

/** Every setting, in the order of the schema. */
export function configSettings(): Setting[] {
  return settingsOf(CONFIG_SCHEMA as unknown as Schema, "");
}

function settingsOf(schema: Schema, path: string): Setting[] {
  const { type, entries, item, wrapped } = schema;
  if (wrapped) return settingsOf(wrapped, path);
  if (entries) {
    return Object.entries(entries).flatMap(([name, inner]) =>
      settingsOf(inner, path === "" ? name : `${path}.${name}`)
    );
  }
  if (type === "variant") {
    return (schema.options as Schema[]).flatMap((option) =>
      settingsOf(option, `${path}(${option.entries!.name.literal})`)
    );
  }
  const own = { path, takes: takes(schema) };
  return item?.entries ? [own, ...settingsOf(item, `${path}[]`)] : [own];
}

/** Which values a schema takes. */
function takes(schema: Schema): string {
  const conditions = steps(schema);
  const bound = (type: string) => conditions.find((one) => one.type === type)?.requirement;
  switch (schema.type) {
    case "number": {
      const kind = conditions.some(({ type }) => type === "safe_integer")
        ? "whole number"
        : "number";
      const [least, most] = [bound("min_value"), bound("max_value")];
      const [above, below] = [bound("gt_value"), bound("lt_value")];
      if (least !== undefined && most !== undefined) return `${kind}, ${least} to ${most}`;
      return [
        kind,
        ...(least !== undefined ? [`${least} or more`] : []),
        ...(above !== undefined ? [`above ${above}`] : []),
        ...(below !== undefined ? [`below ${below}`] : []),
      ].join(", ");
    }
    case "boolean":
      return "`true`, `false`";
    case "string":
      return "text";
    case "literal":
      return `\`${schema.literal}\``;
    case "picklist":
      return schema.options!.map((option) => `\`${option}\``).join(", ");
    case "union":
      return (schema.options as Schema[]).map(takes).join(", or ");
    case "tuple":
      // The last condition implies those before it.
      return `${conditions.findLast(({ type }) => type === "check")?.message}`
        .replace("expected ", "");
    case "array": {
      const of = schema.item!.entries
        ? `\`{${Object.keys(schema.item!.entries).join(", ")}}\``
        : takes(schema.item!);
      const [least, most] = [bound("min_length"), bound("max_length")];
      return `list${least === undefined ? "" : ` of ${least} to ${most}`}: ${of}`;
    }
    case "record":
      return `\`{NAME: …}\` of ${takes(schema.value!)}`;
    default:
      throw new TypeError(`expected a type with words in config_settings.ts, found ${schema.type}`);
  }
}

/** The conditions of a schema, those of the schemas that it is made of first. */
function steps({ pipe = [] }: Schema): Schema[] {
  return pipe.flatMap((step) => step.pipe ? steps(step) : [step]);
}

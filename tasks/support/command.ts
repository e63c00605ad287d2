/**
 * One style for every task: options, help, errors, exit codes.
 *
 * @module
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { suggestion } from "../../lib/config/nearest.ts";

/** An option of a task. */
export interface Option {
  /** What it takes: a value shown as this word, or "" for a switch. */
  value: string;
  /** One line that says what it does. */
  help: string;
  /** The value when it is not given. */
  default?: string;
  /** Whether it may be given several times. */
  multiple?: boolean;
  /** Whether it must be given. */
  required?: boolean;
}

/** A task as its user sees it. */
export interface Command {
  /** Its name: `deno task NAME`. */
  name: string;
  /** One or two sentences that say what it does. */
  summary: string;
  /** Its options by name. */
  options: Record<string, Option>;
  /** Example arguments, each with what it is for. */
  examples: readonly (readonly [args: string, purpose: string])[];
  /** How an interrupted run is gone on with, where it can be. */
  goOn?: string;
  /** Does the work. */
  run: (values: Values, signal: AbortSignal) => Promise<void>;
}

/** The options as given or by default. */
export interface Values {
  /** An option's value; "" where it was not given and has no default. */
  text: (name: string) => string;
  /** An option's value, or undefined where it was not given and has no default. */
  optional: (name: string) => string | undefined;
  /** All values of an option that may be given several times. */
  list: (name: string) => string[];
  /** Whether an option was given. */
  given: (name: string) => boolean;
  /** A whole number within bounds, or undefined where it was not given. */
  count: (name: string, low?: number) => number | undefined;
}

/** Wrong usage: exit code 2. */
export class UsageError extends Error {}

const COMMON: Record<string, Option> = {
  verbose: { value: "", help: "show where an error came from" },
  help: { value: "", help: "show this help" },
};

/** Runs a task with the process's arguments, and ends the process with its exit code. */
export async function main(command: Command): Promise<never> {
  const interruption = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (interruption.signal.aborted) Deno.exit(130);
    console.error("\nstopping; press Ctrl-C again to stop at once");
    interruption.abort();
  });
  try {
    const values = parse(command, Deno.args);
    if (values.given("help")) console.log(help(command));
    else await command.run(values, interruption.signal);
    Deno.exit(0);
  } catch (error) {
    if (interruption.signal.aborted && error === interruption.signal.reason) {
      console.error([`${command.name}: stopped`, command.goOn ?? []].flat().join("; "));
      Deno.exit(130);
    }
    console.error(errorText(error, command));
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}

/** Runs something that checks what the user asked for: what it throws is wrong usage. */
export function usage<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Values separated by commas, each checked. */
export function commaSeparated<T>(text: string, parse: (item: string) => T): T[] {
  return text.split(",").map((item) => parse(item.trim()));
}

/** A whole number of at least `low`. */
export function wholeNumber(text: string, name: string, low = 0): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < low) {
    throw new UsageError(`--${name}: expected a whole number from ${low} on, found "${text}"`);
  }
  return value;
}

/** One of some names. */
export function oneOf<T extends string>(text: string, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `--${name}: expected one of ${choices.join(", ")}, found "${text}"${suggestion(text, choices)}`,
  );
}

function parse(command: Command, args: string[]): Values {
  const options = { ...command.options, ...COMMON };
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { value, multiple = false }]) => [
      name,
      { type: value ? "string" : "boolean", multiple } as const,
    ]),
  );
  const { tokens } = parseArgs({ args, options: config, strict: false, tokens: true });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") throw misplaced(command, token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw unknown(command, token.rawName, Object.keys(options));
    if (!option.value && token.value !== undefined) {
      throw new UsageError(`--${token.name}: expected no value, found "${token.value}"`);
    }
    if (option.value && (!token.value || (!token.inlineValue && token.value.startsWith("--")))) {
      throw new UsageError(`--${token.name}: expected ${option.value}, found nothing`);
    }
    const earlier = option.multiple ? given.get(token.name) ?? [] : [];
    given.set(token.name, [...earlier, token.value ?? "true"]);
  }
  const missing = Object.entries(options).find(([name, { required }]) =>
    required && !given.has(name) && !given.has("help")
  );
  if (missing) {
    const [name, { value, help }] = missing;
    throw new UsageError(`expected --${name} ${value}: ${help}`);
  }
  const optional = (name: string) => given.get(name)?.[0] ?? options[name].default;
  return {
    optional,
    text: (name) => optional(name) ?? "",
    list: (name) => given.get(name) ?? [],
    given: (name) => given.has(name),
    count: (name, low) => {
      const text = optional(name);
      return text === undefined ? undefined : wholeNumber(text, name, low);
    },
  };
}

function unknown({ name }: Command, option: string, known: string[]): UsageError {
  const names = known.map((name) => `--${name}`);
  return new UsageError(
    `unknown option ${option}${suggestion(option, names)}; deno task ${name} --help lists them`,
  );
}

function misplaced({ name }: Command, value: string): UsageError {
  return new UsageError(
    `expected options only, found "${value}"; deno task ${name} --help lists them`,
  );
}

function help({ name, summary, options, examples }: Command): string {
  const all = Object.entries({ ...options, ...COMMON });
  const usages = all.map(([name, { value }]) => `--${name}${value && ` ${value}`}`);
  const width = Math.max(...usages.map(({ length }) => length));
  const lines = all.map(([, option], i) => {
    const remark = option.required ? " (required)" : option.default && ` (${option.default})`;
    return `  ${usages[i].padEnd(width)}  ${option.help}${remark ?? ""}`;
  });
  const shown = examples.map(([args, purpose]) =>
    `  # ${purpose}\n  ${`deno task ${name} ${args}`.trimEnd()}`
  );
  const usage = `Usage: deno task ${name} [options]`;
  return [usage, "", summary, "", "Options:", ...lines, "", "Examples:", ...shown].join("\n");
}

function errorText(error: unknown, { name }: Command): string {
  if (!(error instanceof Error)) return `${name}: ${error}`;
  return `${name}: ${Deno.args.includes("--verbose") ? error.stack : error.message}`;
}

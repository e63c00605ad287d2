/**
 * One style for every task: options, help, errors, exit codes.
 *
 * @module
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { suggestion } from "../../../lib/config/nearest.ts";
import { printable, printableLines } from "../../../lib/io/text/printable.ts";
import { ALSO_WRITTEN, draftsOf, outOf } from "./access.ts";
import { exit, interruptionSignal, taskArguments } from "./confine.ts";
import { help, type Manual, type Option } from "./help.ts";
import { INTERRUPTED } from "./interruption.ts";
import { lockDrafts, lockFolder } from "./lock.ts";
import { expectOwnFolder } from "./out_folder.ts";
import { type Outcome, showOutcome } from "./outcome.ts";
import { screenOf } from "./terminal.ts";
import { createVoice, type Voice, type VoiceOptions } from "./voice.ts";

/** A task as its user sees it. */
export interface Command extends Manual {
  /** Whether `--out` is shared with others, each of whom writes to a part of its own. */
  sharesOut?: (values: Values) => boolean;
  /** What an interrupted run leaves, and how it is gone on with. */
  goOn?: (values: Values) => string;
  /** Does the work. */
  run: (values: Values, signal: AbortSignal, voice: Voice) => Promise<Outcome>;
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
  /** When the task began, in ms of `performance.now()`. */
  began: number;
}

/** Wrong usage: exit code 2. */
export class UsageError extends Error {}

/** The options of all tasks. */
const COMMON: Record<string, Option> = {
  json: { value: "", help: "prints the outcome as a line of JSON, and no more but warnings" },
  quiet: { value: "", help: "leaves out progress and all but the outcome", short: "q" },
  verbose: { value: "", help: "tells more, also where an error came from", short: "v" },
  help: { value: "", help: "shows this help", short: "h" },
};

/** Runs a task with the process's arguments, and ends the process with its exit code. */
export async function main(command: Command): Promise<never> {
  const [out, err] = [screenOf("stdout"), screenOf("stderr")];
  let voice: Voice | undefined;
  let values: Values | undefined;
  let unlock: (() => void) | undefined;
  const end = (code: number) => {
    unlock?.();
    return exit(code);
  };
  const signal = interruptionSignal();
  try {
    values = parse(command, taskArguments());
    if (values.given("help")) {
      out.print(help({ ...command, common: COMMON }, out));
      return await end(0);
    }
    voice = createVoice({ level: levelOf(values), out, err });
    unlock = await lockOut(command, values);
    const outcome = await command.run(values, signal, voice);
    voice.clear();
    if (values.given("json")) out.print(printable(JSON.stringify(outcome.json)));
    else showOutcome(outcome, { quiet: values.given("quiet"), screen: out });
    if (outcome.failed !== undefined) throw new Error(outcome.failed);
    return await end(0);
  } catch (error) {
    voice?.clear();
    if (values && signal.aborted && error === signal.reason) {
      err.print([`${command.name}: stopped`, command.goOn?.(values) ?? []].flat().join("; "));
      return await end(INTERRUPTED);
    }
    err.print(err.style.red(errorText(error, command, values)));
    return await end(error instanceof UsageError ? 2 : 1);
  }
}

/** Runs a task as a step of another, whose folder holds the step's. */
export async function runStep(
  command: Command,
  args: string[],
  { signal, voice }: { signal: AbortSignal; voice: Voice },
): Promise<Outcome> {
  const outcome = await command.run(parse(command, args), signal, voice);
  voice.clear();
  return outcome;
}

/** Keeps other processes from writing to `--out` until this one ends, however it ends. */
async function lockOut(
  { name, options, sharesOut }: Command,
  values: Values,
): Promise<(() => void) | undefined> {
  for (const other of ALSO_WRITTEN) {
    const folder = other in options ? values.optional(other) : undefined;
    if (folder !== undefined) expectOwnFolder(folder);
  }
  const out = options.out && !values.given("dry-run") ? outOf(name, values.list) : undefined;
  if (out === undefined) return undefined;
  return options.out.value === "FILE"
    ? await lockDrafts(draftsOf(out))
    : await lockFolder(out, { shared: sharesOut?.(values) });
}

function levelOf(values: Values): VoiceOptions["level"] {
  if (values.given("json") || values.given("quiet")) return "quiet";
  return values.given("verbose") ? "verbose" : "normal";
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
  const given = givenOptions(command, options, args);
  const missing = Object.entries(options).find(([name, { required }]) =>
    required && !given.has(name) && !given.has("help")
  );
  if (missing) {
    const [name, { value, help }] = missing;
    throw new UsageError(`expected --${name} ${value}: ${help}`);
  }
  const optional = (name: string) => given.get(name)?.[0] ?? options[name].default;
  return {
    began: performance.now(),
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

/** The values of each option that was given; "true" of a switch. */
function givenOptions(
  command: Command,
  options: Record<string, Option>,
  args: string[],
): Map<string, string[]> {
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { value, multiple = false, short }]) => [
      name,
      { type: value ? "string" : "boolean", multiple, ...(short && { short }) } as const,
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
    const swallowed = !option.words && !token.inlineValue && token.value?.startsWith("--");
    if (option.value && (!token.value || swallowed)) {
      throw new UsageError(`--${token.name}: expected ${option.value}, found nothing`);
    }
    const [earlier] = given.get(token.name) ?? [];
    if (option.value && !option.multiple && earlier !== undefined) {
      throw new UsageError(
        `--${token.name}: expected one ${option.value}, found "${earlier}" and "${token.value}"`,
      );
    }
    given.set(token.name, [...given.get(token.name) ?? [], token.value ?? "true"]);
  }
  return given;
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

/** An error in a line, with the table that it may have as its cause, or with where it came from. */
function errorText(error: unknown, { name }: Command, values?: Values): string {
  if (!(error instanceof Error)) return printable(`${name}: ${error}`);
  if (values?.given("verbose")) return printableLines(`${name}: ${error.stack}`);
  const line = printable(`${name}: ${reason(error)}`);
  return typeof error.cause === "string" ? `${line}\n${printableLines(error.cause)}` : line;
}

/** An error's message; Deno's own, of a path that the task may not reach, names flags it does not have. */
function reason({ message }: Error): string {
  const [, path] = message.match(/^Requires (?:read|write|all) access to "(.*)", run again/) ?? [];
  if (path === undefined) return message;
  return `${path}: expected a path below those that the options name, found another; ` +
    "a task reads and writes nowhere else";
}
